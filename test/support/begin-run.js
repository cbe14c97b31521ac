import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Gives the run's workers a folder to share: what one of them has synthesized, the others deploy. AWS's validator reads that app, as
 * `bin/` asks it to; of stacks that a test makes to look at them it would read the same again, for longer than all else takes.
 */
export default function beginRun() {
  process.env.CDK_VALIDATION = 'false';
  process.env.LAUNCHWAY_TEST_RUN = mkdtempSync(join(tmpdir(), 'launchway-run-'));
}
