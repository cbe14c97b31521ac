import type { Command } from 'commander';
import { connect } from '../connection.ts';
import { type CommonOptions, createOutput, JSON_OPTION } from '../output.ts';
import { submitModel, trainingFileAt } from '../submit-model.ts';

export function registerTrain(program: Command): void {
  program
    .command('train')
    .description('an experiment: train and validate, ask nobody, deploy nothing')
    .argument('[folder]', 'where model.yaml is', '.')
    .requiredOption('--data <file>', 'CSV or Parquet to train on')
    .option('--json', JSON_OPTION)
    .action(async (folder: string, { data }: { data: string }, command: Command) => {
      const { json, prefix } = command.optsWithGlobals<CommonOptions>();
      const trainingFile = trainingFileAt(data);
      const submission = { folder, trainingFile, purpose: 'experiment' as const };
      const { model, release, uris } = await submitModel(await connect(prefix), submission, new Date());
      createOutput(json ?? false).result({ model, release, uploads: uris }, () =>
        release === 'queued'
          ? 'it waits for the release that runs'
          : `it is experiment ${release}; follow it: launchway status ${model}/${release} --watch; put it forward: launchway propose ${model}/${release}`,
      );
    });
}
