import type { Command } from 'commander';
import { connect } from '../connection.ts';
import { DATA_OPTION, type DataOptions, datasetAt, TEST_OPTION } from '../dataset-files.ts';
import { type CommonOptions, createOutput, JSON_OPTION } from '../output.ts';
import { readDefinitionIn, submitModel } from '../submit-model.ts';

export function registerSubmit(program: Command): void {
  program
    .command('submit')
    .description('start a release: upload model.yaml, its source and a dataset')
    .argument('[folder]', 'where model.yaml is', '.')
    .requiredOption('--data <path>', DATA_OPTION)
    .option('--test <file>', TEST_OPTION)
    .option('--json', JSON_OPTION)
    .action(async (folder: string, options: DataOptions, command: Command) => {
      const { json, prefix } = command.optsWithGlobals<CommonOptions>();
      const dataset = datasetAt(options, readDefinitionIn(folder).data.test.split === 'file');
      const { model, release, uris } = await submitModel(await connect(prefix), { folder, ...dataset }, new Date());
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
