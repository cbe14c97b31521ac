import type { Command } from 'commander';
import { connect } from '../connection.ts';
import { type CommonOptions, createOutput, JSON_OPTION, parseReleaseName, UsageError } from '../output.ts';
import { resubmitDataset } from '../submit-model.ts';

export function registerPropose(program: Command): void {
  program
    .command('propose')
    .description(
      'put an experiment forward: its training is reused, it is validated against what serves now, people are asked',
    )
    .argument('<experiment>', 'model/release: flight-delays/3')
    .option('--json', JSON_OPTION)
    .action(async (subject: string, _: unknown, command: Command) => {
      const { json, prefix } = command.optsWithGlobals<CommonOptions>();
      const { model, release: number } = parseReleaseName(subject);
      const connection = await connect(prefix);
      const experiment = await connection.lineage.getRelease(model, number);
      if (experiment.purpose !== 'experiment' || experiment.status !== 'Validated') {
        const got = `${experiment.purpose ?? 'release'} that is ${experiment.status}`;
        throw new UsageError(
          `expected an experiment that is Validated, got a ${got}; resume brings a release forward again`,
        );
      }
      const { release } = await resubmitDataset(connection, model, experiment, 'release', new Date());
      createOutput(json ?? false).result({ model, release, from: number }, () =>
        release === 'queued'
          ? 'it waits for the release that runs'
          : `it is release ${release}; follow it: launchway status ${model} --watch`,
      );
    });
}
