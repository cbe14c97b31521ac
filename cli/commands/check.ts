import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { readModelDefinition } from '../../adapters/yaml-model-definition.ts';
import { explainDefinition } from '../../domain/model-definition/parse-definition.ts';
import config from '../../launchway.config.ts';
import { deployedConfig } from '../../lib/config.ts';
import { createOutput, JSON_OPTION, UsageError } from '../output.ts';

export function registerCheck(program: Command): void {
  program
    .command('check')
    .description('is this model.yaml acceptable here? prints every default')
    .argument('[path]', 'model.yaml, or the folder it is in', '.')
    .option('--json', JSON_OPTION)
    .action((path: string, options: { json?: boolean }) => {
      const output = createOutput(options.json ?? false);
      const file = existsSync(path) && statSync(path).isDirectory() ? join(path, 'model.yaml') : path;
      if (!existsSync(file)) throw new UsageError(`expected a model.yaml, got no file ${file}`);
      const definition = readModelDefinition(readFileSync(file, 'utf8'), deployedConfig(config));
      output.result(
        definition,
        () => `${file} is acceptable. With every default filled in:\n\n${explainDefinition(definition).join('\n')}`,
      );
    });
}
