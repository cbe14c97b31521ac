import type { Command } from 'commander';
import { connect } from '../connection.ts';
import { DATA_OPTION, type DataOptions, datasetAt, TEST_OPTION } from '../dataset-files.ts';
import { type CommonOptions, createOutput, JSON_OPTION } from '../output.ts';
import { readDefinitionIn, submitModel } from '../submit-model.ts';

export function registerTrain(program: Command): void {
  program
    .command('train')
    .description('an experiment: train and validate, ask nobody, deploy nothing')
    .argument('[folder]', 'where model.yaml is', '.')
    .requiredOption('--data <path>', DATA_OPTION)
    .option('--test <file>', TEST_OPTION)
    .option('--json', JSON_OPTION)
    .action(async (folder: string, options: DataOptions, command: Command) => {
      const { json, prefix } = command.optsWithGlobals<CommonOptions>();
      const dataset = datasetAt(options, readDefinitionIn(folder).data.test.split === 'file');
      const submission = { folder, ...dataset, purpose: 'experiment' as const };
      const { model, release, uris } = await submitModel(await connect(prefix), submission, new Date());
      createOutput(json ?? false).result({ model, release, uploads: uris }, () =>
        release === 'queued'
          ? 'it waits for the release that runs'
          : `it is experiment ${release}; follow it: launchway status ${model}/${release} --watch; put it forward: launchway propose ${model}/${release}`,
      );
    });
}
