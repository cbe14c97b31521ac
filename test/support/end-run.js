import { rmSync } from 'node:fs';

export default function endRun() {
  rmSync(process.env.LAUNCHWAY_TEST_RUN, { recursive: true, force: true });
}
