import type { Command } from 'commander';
import { connect } from '../connection.ts';
import { type CommonOptions, createOutput, JSON_OPTION } from '../output.ts';
import { submitModel, trainingFileAt } from '../submit-model.ts';

export function registerSubmit(program: Command): void {
  program
    .command('submit')
    .description('start a release: upload model.yaml, its source and a dataset')
    .argument('[folder]', 'where model.yaml is', '.')
    .requiredOption('--data <file>', 'CSV or Parquet to train on')
    .option('--json', JSON_OPTION)
    .action(async (folder: string, { data }: { data: string }, command: Command) => {
      const { json, prefix } = command.optsWithGlobals<CommonOptions>();
      const trainingFile = trainingFileAt(data);
      const connection = await connect(prefix);
      const { model, release, uris } = await submitModel(connection, { folder, trainingFile }, new Date());
      createOutput(json ?? false).result({ model, release, uploads: uris }, () =>
        [
          ...uris.map((uri) => `uploaded ${uri}`),
          release === 'queued'
            ? 'it waits for the release that runs'
            : `it is release ${release}; follow it: launchway status ${model} --watch`,
        ].join('\n'),
      );
    });
}
