import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { readModelDefinition } from '../../adapters/yaml-model-definition.ts';
import { explainDefinition } from '../../domain/model-definition/parse-definition.ts';
import { costInWords, expectedCost } from '../../domain/training/expected-cost.ts';
import config from '../../launchway.config.ts';
import { deployedConfig } from '../../lib/config.ts';
import { DEFAULT_REGION } from '../connection.ts';
import { bold, createOutput, JSON_OPTION, UsageError } from '../output.ts';

export function registerCheck(program: Command): void {
  program
    .command('check')
    .description('is this model.yaml acceptable here? prints every default, and what it costs')
    .argument('[path]', 'model.yaml, or the folder it is in', '.')
    .option('--region <region>', `whose prices count (default: AWS_REGION, ${DEFAULT_REGION})`)
    .option('--json', JSON_OPTION)
    .action((path: string, options: { json?: boolean; region?: string }) => {
      const output = createOutput(options.json ?? false);
      const file = existsSync(path) && statSync(path).isDirectory() ? join(path, 'model.yaml') : path;
      if (!existsSync(file)) throw new UsageError(`expected a model.yaml, got no file ${file}`);
      const definition = readModelDefinition(readFileSync(file, 'utf8'), deployedConfig(config));
      const cost = expectedCost(definition, options.region ?? process.env.AWS_REGION ?? DEFAULT_REGION);
      output.result({ ...definition, expectedCost: cost }, () =>
        [
          `${file} is acceptable. With every default filled in:`,
          '',
          ...explainDefinition(definition),
          '',
          bold('What it costs'),
          ...costInWords(definition, cost),
        ].join('\n'),
      );
    });
}
