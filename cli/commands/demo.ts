import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { runLocalCloud } from '../../local/run.ts';
import { runDemo } from '../demo/run-demo.ts';
import { loadExample } from '../example.ts';
import { bold, createOutput, dim } from '../output.ts';
import { exampleImages } from './local.ts';

export function registerDemo(program: Command): void {
  program
    .command('demo')
    .description('the whole story, unattended: upload, approval by mail, deployment, quiet traffic, a storm, the alert')
    .option('--json <file>', 'write a summary')
    .option('--state <folder>', 'keep the local cloud’s state there instead of a folder that is removed at the end')
    .action(async (options: { json?: string; state?: string }) => {
      const output = createOutput(false);
      const stateDir = options.state ?? mkdtempSync(join(tmpdir(), 'launchway-demo-'));
      const running = await runLocalCloud({
        port: 0,
        stateDir,
        fresh: true,
        images: exampleImages(),
        report: (line) => output.line(dim(line)),
      });
      try {
        const summary = await runDemo(running, await loadExample('flight-delays'), (line) => output.line(line));
        if (options.json) writeFileSync(options.json, `${JSON.stringify(summary, null, 2)}\n`);
        output.line(bold('the demonstration is complete'));
      } finally {
        await running.stop();
        if (!options.state) rmSync(stateDir, { recursive: true, force: true });
      }
    });
}
