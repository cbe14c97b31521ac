import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exampleImages } from '../../cli/commands/local.ts';
import { createOutput, dim, type Output } from '../../cli/output.ts';
import { runLocalCloud } from '../../local/run.ts';
import { approvalAttacks } from './approval-attacks.ts';
import type { AttackGroup, AttackResult } from './attack-case.ts';
import { AttackedCloud } from './attacked-cloud.ts';
import { brokenChains, canarySightings, isRefused, runAttacks } from './run-attacks.ts';
import { signInAttacks } from './sign-in-attacks.ts';
import { signedInCloud } from './signed-in-cloud.ts';

const NAME_COLUMNS = 64;

interface Outcome {
  readonly results: readonly AttackResult[];
  readonly problems: readonly string[];
}

/** `npm run attack -- approvals`: tries every attack on local clouds of its own, and exits with 1 where one was not refused. */
async function main(suite: string | undefined): Promise<void> {
  if (suite !== 'approvals') throw new Error(`expected approvals, got ${suite ?? 'nothing'}`);
  const output = createOutput(false);
  const outcomes = [await byLink(output), await bySignIn(output)];
  const results = outcomes.flatMap((outcome) => outcome.results);
  const problems = outcomes.flatMap((outcome) => outcome.problems);
  output.line(`\n${results.length} attacks, ${results.filter(isRefused).length} refused, nothing changed by them`);
  for (const problem of problems) output.line(problem);
  if (problems.length > 0) process.exitCode = 1;
  else output.line('no task token in pages, mails, rows, objects, metrics or logs; every audit chain verifies');
}

/** A denial is what an attack asks for. */
const report =
  (output: Output) =>
  (line: string): void => {
    if (!/denied/i.test(line)) output.line(dim(line));
  };

/** Where the links of mails are the credential. */
async function byLink(output: Output): Promise<Outcome> {
  const stateDir = mkdtempSync(join(tmpdir(), 'launchway-attack-'));
  const running = await runLocalCloud({ port: 0, stateDir, images: exampleImages(), report: report(output) });
  try {
    return await attackAll(await AttackedCloud.over(running), approvalAttacks, output);
  } finally {
    await running.stop();
    rmSync(stateDir, { recursive: true, force: true });
  }
}

/** Where people sign in. */
async function bySignIn(output: Output): Promise<Outcome> {
  const { cloud, issuer, remove } = await signedInCloud(report(output));
  try {
    return await attackAll(cloud, signInAttacks(issuer), output);
  } finally {
    await remove();
  }
}

async function attackAll(cloud: AttackedCloud, groups: readonly AttackGroup[], output: Output): Promise<Outcome> {
  const results = await runAttacks(cloud, groups, (result) => output.line(rowOf(result)));
  const problems = [
    ...results.filter((result) => !isRefused(result)).map(({ group, name }) => `not refused: ${group}: ${name}`),
    ...(await canarySightings(cloud)).map((place) => `a waiting task’s token was found in ${place}`),
    ...(await brokenChains(cloud)).map((chain) => `audit chain: ${chain}`),
  ];
  return { results, problems };
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
