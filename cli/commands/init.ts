import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { formatOf, openTableFile } from '../../adapters/table-file.ts';
import { readModelDefinition } from '../../adapters/yaml-model-definition.ts';
import { draftDefinition, type InitWishes } from '../init-model.ts';
import { createOutput, JSON_OPTION, UsageError } from '../output.ts';

/** Reads any schema of numbers and categories, so it serves as everybody's first program. */
const PROGRAM = join(import.meta.dirname, '../../examples/bank-marketing/src/train.py');

interface InitOptions extends Omit<InitWishes, 'positiveClass'> {
  readonly from: string;
  readonly positive?: string;
  readonly json?: boolean;
}

export function registerInit(program: Command): void {
  program
    .command('init')
    .description('write model.yaml, src/train.py and a README for a CSV or Parquet file with an answer of two classes')
    .argument('[folder]', 'where they go', '.')
    .requiredOption('--from <file>', 'CSV with a header, or Parquet')
    .requiredOption('--target <column>', 'the answer')
    .requiredOption('--model <name>', 'name of the model')
    .requiredOption('--team <team>', 'team of the deployed configuration')
    .requiredOption('--owner <email>', 'who is told')
    .option('--id <column>', 'column whose values are all different; found where absent')
    .option('--positive <label>', 'the positive class; the rarer one where absent')
    .option('--json', JSON_OPTION)
    .action(async (folder: string, { from, positive, json, ...wishes }: InitOptions) => {
      if (!existsSync(from)) throw new UsageError(`expected a CSV or Parquet file, got no file ${from}`);
      const all = { ...wishes, ...(positive !== undefined && { positiveClass: positive }) };
      const definition = await draftDefinition((await openTableFile(from))(), all, formatOf(from));
      readModelDefinition(definition);
      const files = {
        'model.yaml': definition,
        'src/train.py': trainingProgram(wishes.model),
        'README.md': readme(wishes.model, from),
      };
      const written = Object.entries(files).map(([name, text]) => writeNew(join(folder, name), text));
      createOutput(json ?? false).result(written, () =>
        [...written.map((file) => `wrote ${file}`), `then: launchway train ${folder} --data ${from}`].join('\n'),
      );
    });
}

const trainingProgram = (model: string): string =>
  readFileSync(PROGRAM, 'utf8').replace(
    /^"""[\s\S]*?"""/,
    `"""Trains and serves ${model}: a logistic regression over scaled numbers and one-hot categories.\n\nRuns in SageMaker's scikit-learn 1.2 container and on any Python with scikit-learn >= 1.2.\n"""`,
  );

/** @throws {UsageError} the file exists: nothing of a person's is overwritten */
function writeNew(path: string, text: string): string {
  if (existsSync(path)) throw new UsageError(`expected no ${path} yet, got one; init overwrites nothing`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const readme = (model: string, from: string): string => `# ${model}

Drafted from \`${from}\`. Read model.yaml first: is every feature known before the answer is?

- \`launchway check .\` prints every default.
- \`launchway train . --data ${from}\` trains and validates, and asks nobody.
- \`launchway submit . --data ${from}\` starts a release.
`;
