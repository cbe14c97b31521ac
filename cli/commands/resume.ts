import type { Command } from 'commander';
import { isEnd, type ReleaseRow } from '../../domain/release.ts';
import { connect } from '../connection.ts';
import { type CommonOptions, createOutput, JSON_OPTION, parseReleaseName, UsageError } from '../output.ts';
import { resubmitDataset, submitDefinition } from '../submit-model.ts';

/** Where a release can go on, and what it must have done before. */
const STEPS = ['train', 'validate', 'approve'] as const;
type Step = (typeof STEPS)[number];

export function registerResume(program: Command): void {
  program
    .command('resume')
    .description('bring a release that ended forward again, without paying again for steps whose inputs are unchanged')
    .argument('<release>', 'model/release: flight-delays/14')
    .requiredOption('--from <step>', `where it goes on: ${STEPS.join(', ')}`)
    .option(
      '--folder <folder>',
      'upload the model.yaml (and source) of this folder first: a changed gate, a mended program',
    )
    .option('--json', JSON_OPTION)
    .action(resume);
  program
    .command('ask-again')
    .description(
      'ask people again about a release that expired or was withdrawn, without training: resume --from approve',
    )
    .argument('<release>', 'model/release: flight-delays/14')
    .option('--json', JSON_OPTION)
    .action((subject: string, _: unknown, command: Command) => resume(subject, { from: 'approve' }, command));
}

async function resume(subject: string, options: { from: string; folder?: string }, command: Command): Promise<void> {
  const { json, prefix } = command.optsWithGlobals<CommonOptions>();
  const { model, release: number } = parseReleaseName(subject);
  const connection = await connect(prefix);
  const row = await connection.lineage.getRelease(model, number);
  assertResumable(row, options.from);
  if (options.folder !== undefined) await submitDefinition(connection, options.folder);
  const { release } = await resubmitDataset(connection, model, row, row.purpose ?? 'release', new Date());
  createOutput(json ?? false).result({ model, release, from: number }, () =>
    release === 'queued'
      ? 'it waits for the release that runs'
      : `it goes on as release ${release}; follow it: launchway status ${model} --watch`,
  );
}

/** @throws {UsageError} it runs, it serves, or it never did what comes before the step */
export function assertResumable({ status, steps, model, release }: ReleaseRow, from: string): asserts from is Step {
  const name = `${model}/${release}`;
  if (!STEPS.some((step) => step === from)) throw new UsageError(`expected --from ${STEPS.join(', ')}, got "${from}"`);
  if (!isEnd(status)) throw new UsageError(`expected a release that has ended, got ${name}, which is ${status}`);
  if (status === 'Deployed') throw new UsageError(`expected a release that did not deploy, got ${name}, which did`);
  if (from === 'train') {
    if (steps.training)
      throw new UsageError(
        `expected a release that has not trained, got ${name}: equal inputs are never trained on twice; use --from validate`,
      );
  } else if (!steps.training)
    throw new UsageError(`expected a release that has trained, got ${name}; use --from train`);
  if (from === 'approve' && steps.evaluation?.passed !== true)
    throw new UsageError(`expected a release whose gates passed, got ${name}; use --from validate`);
}
