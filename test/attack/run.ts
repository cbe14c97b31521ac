import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exampleImages } from '../../cli/commands/local.ts';
import { createOutput, dim } from '../../cli/output.ts';
import { runLocalCloud } from '../../local/run.ts';
import { approvalAttacks } from './approval-attacks.ts';
import type { AttackResult } from './attack-case.ts';
import { AttackedCloud } from './attacked-cloud.ts';
import { brokenChains, canarySightings, isRefused, runAttacks } from './run-attacks.ts';

const SUITES = new Map([['approvals', approvalAttacks]]);
const NAME_COLUMNS = 64;

/** `npm run attack -- approvals`: tries every attack on a local cloud of its own, and exits with 1 where one was not refused. */
async function main(suite: string | undefined): Promise<void> {
  const groups = SUITES.get(suite ?? '');
  if (!groups) throw new Error(`expected one of ${[...SUITES.keys()].join(', ')}, got ${suite ?? 'nothing'}`);
  const stateDir = mkdtempSync(join(tmpdir(), 'launchway-attack-'));
  const output = createOutput(false);
  const running = await runLocalCloud({
    port: 0,
    stateDir,
    images: exampleImages(),
    report: (line) => {
      if (!/denied/i.test(line)) output.line(dim(line)); // a denial is what an attack asks for
    },
  });
  try {
    const cloud = await AttackedCloud.over(running);
    const results = await runAttacks(cloud, groups, (result) => output.line(rowOf(result)));
    const problems = [
      ...results.filter((result) => !isRefused(result)).map(({ group, name }) => `not refused: ${group}: ${name}`),
      ...(await canarySightings(cloud)).map((place) => `a waiting task’s token was found in ${place}`),
      ...(await brokenChains(cloud)).map((chain) => `audit chain: ${chain}`),
    ];
    output.line(`\n${results.length} attacks, ${results.filter(isRefused).length} refused, nothing changed by them`);
    for (const problem of problems) output.line(problem);
    if (problems.length > 0) process.exitCode = 1;
    else output.line('no task token in pages, mails, rows or logs; every audit chain verifies');
  } finally {
    await running.stop();
    rmSync(stateDir, { recursive: true, force: true });
  }
}

const rowOf = (result: AttackResult): string =>
  [
    isRefused(result) ? 'refused' : 'THROUGH',
    result.group.padEnd(20),
    result.name.slice(0, NAME_COLUMNS).padEnd(NAME_COLUMNS),
    result.answer,
    ...(result.changed.length > 0 ? [`changed: ${result.changed.join(', ')}`] : []),
  ].join('  ');

await main(process.argv[2]);
