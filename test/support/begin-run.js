import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Gives the run's workers a folder to share: what one of them has synthesized, the others deploy. */
export default function beginRun() {
  process.env.LAUNCHWAY_TEST_RUN = mkdtempSync(join(tmpdir(), 'launchway-run-'));
}
