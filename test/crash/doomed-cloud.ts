import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { StatementSync } from 'node:sqlite';
import { exampleImages } from '../../cli/commands/local.ts';
import { runLocalCloud } from '../../local/run.ts';
import { type DoomedOptions, EVENTS_FILE } from './doomed-options.ts';

// Run as a process of its own, to be killed: by its parent, or by itself right after its nth write.
const options = JSON.parse(process.argv[2]!) as DoomedOptions;

let writes = 0;
const run = StatementSync.prototype.run;
StatementSync.prototype.run = function (this: StatementSync, ...values: Parameters<typeof run>) {
  const result = run.apply(this, values);
  if (++writes === options.dieAtWrite) process.kill(process.pid, 'SIGKILL');
  return result;
} as typeof run;

const running = await runLocalCloud({
  port: options.port,
  stateDir: options.stateDir,
  assembly: options.assembly,
  images: exampleImages(),
  report: (line) => console.log(line),
});
running.cloud.onEvent((event) => appendFileSync(join(options.stateDir, EVENTS_FILE), `${JSON.stringify(event)}\n`));
process.once('SIGTERM', async () => {
  await running.stop();
  process.exit(0);
});
console.log(`up ${running.url} ${writes}`);
