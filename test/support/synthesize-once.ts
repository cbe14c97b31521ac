import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Synthesizes the app once for the whole run; tests deploy that assembly onto local clouds of their own. */
export default function synthesizeOnce(): void {
  if (process.env.LAUNCHWAY_TEST_ASSEMBLY) return;
  const directory = join(mkdtempSync(join(tmpdir(), 'launchway-assembly-')), 'cdk.out');
  execFileSync(join('node_modules', '.bin', 'cdk'), ['synth', '--quiet', '--output', directory], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  process.env.LAUNCHWAY_TEST_ASSEMBLY = directory;
}
