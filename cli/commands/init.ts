import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { formatOf, openTableFile } from '../../adapters/table-file.ts';
import { readModelDefinition } from '../../adapters/yaml-model-definition.ts';
import { DatasetRefusedError } from '../../domain/errors.ts';
import type { DataProblem } from '../../domain/tabular/problems.ts';
import { surveyDataset } from '../../domain/tabular/survey-dataset.ts';
import type { Table } from '../../domain/tabular/table.ts';
import config from '../../launchway.config.ts';
import { deployedConfig } from '../../lib/config.ts';
import { type DraftedDefinition, draftDefinition, type InitWishes } from '../init/draft-definition.ts';
import { PROBLEMS, type ProblemWish } from '../init/draft-problem.ts';
import { readme } from '../init/readme.ts';
import { whoseModel } from '../init/whose-model.ts';
import { createOutput, JSON_OPTION, UsageError } from '../output.ts';

const PROGRAM = join(import.meta.dirname, '../init/train.py');

interface InitOptions {
  readonly from: string;
  readonly target: string;
  readonly framework: string;
  readonly model?: string;
  readonly team?: string;
  readonly owner?: string;
  readonly id?: string;
  readonly problem?: ProblemWish;
  readonly positive?: string;
  readonly json?: boolean;
}

export function registerInit(program: Command): void {
  program
    .command('init')
    .description('write model.yaml, src/train.py and a README that work, for a CSV or Parquet file')
    .argument('[folder]', 'where they go', '.')
    .requiredOption('--from <file>', 'CSV with a header, or Parquet')
    .requiredOption('--target <column>', 'the answer')
    .option('--framework <name>', 'of the program that is drafted: sklearn', 'sklearn')
    .option('--model <name>', 'name of the model (default: after the folder or the file)')
    .option('--team <team>', 'team of the deployed configuration (default: yours, by the address that git has)')
    .option('--owner <email>', 'who is told (default: the address that git has)')
    .option('--id <column>', 'column whose values are all different; found where absent')
    .addOption(new Option('--problem <kind>', 'what the answer is; found where absent').choices(PROBLEMS))
    .option('--positive <label>', 'the positive class; the rarer one where absent')
    .option('--json', JSON_OPTION)
    .action(async (folder: string, options: InitOptions) => {
      refuseOtherFrameworks(options.framework);
      if (!existsSync(options.from))
        throw new UsageError(`expected a CSV or Parquet file, got no file ${options.from}`);
      const deployed = deployedConfig(config);
      const identity = whoseModel(options, folder, options.from, deployed);
      const { id, problem, positive, target, from } = options;
      const wishes = { ...identity, target, id, problem, positiveClass: positive };
      const drafted = await draftThatPasses(await openTableFile(from), defined(wishes), formatOf(from));
      readModelDefinition(drafted.text, deployed);
      const notes = [...identity.notes, ...drafted.notes];
      const files = {
        'model.yaml': drafted.text,
        'src/train.py': readFileSync(PROGRAM, 'utf8').replace('MODEL', identity.model),
        'README.md': readme(identity.model, relative(resolve(folder), resolve(from)), notes),
      };
      for (const name of Object.keys(files)) refuseExisting(join(folder, name));
      const written = Object.entries(files).map(([name, text]) => write(join(folder, name), text));
      createOutput(options.json ?? false).result({ written, notes, findings: drafted.findings }, () =>
        [
          ...notes.map((note) => `- ${note}`),
          ...drafted.findings.map((finding) => `! ${finding}`),
          ...written.map((file) => `wrote ${file}`),
          `next: launchway check ${folder} · launchway try ${folder} --data ${from} · launchway train ${folder} --data ${from}`,
        ].join('\n'),
      );
    });
}

/** commander gives what is absent as undefined. */
const defined = <T extends object>(wishes: T) =>
  Object.fromEntries(Object.entries(wishes).filter(([, value]) => value !== undefined)) as unknown as InitWishes;

function refuseOtherFrameworks(framework: string): void {
  if (/^sklearn(-1\.2)?$/.test(framework)) return;
  if (/^(xgboost|pytorch)(-[\d.]+)?$/.test(framework))
    throw new UsageError(
      `expected --framework sklearn, the only program that init drafts, got ${framework}: draft with sklearn, then set training.framework to ${framework.startsWith('xgb') ? 'xgboost-1.7' : 'pytorch-2.3'} and write src/train.py for it under the same contract (see the drafted README)`,
    );
  throw new UsageError(`expected --framework sklearn, got ${framework}`);
}

/** A draft whose checks its own file passes: features that hold the answer are left out, and said to be. */
async function draftThatPasses(
  open: () => Table,
  wishes: InitWishes,
  format: 'csv' | 'parquet',
): Promise<DraftedDefinition & { readonly findings: readonly string[] }> {
  const drafted = await draftDefinition(open(), wishes, format);
  const definition = readModelDefinition(drafted.text);
  try {
    const { findings } = await surveyDataset({ train: open() }, definition);
    return { ...drafted, findings };
  } catch (error) {
    if (!(error instanceof DatasetRefusedError)) throw error;
    const leaks = leaksIn(error);
    if (leaks.size === 0 || wishes.leaveOut) return { ...drafted, findings: problemsIn(error) };
    return draftThatPasses(open, { ...wishes, leaveOut: leaks }, format);
  }
}

const LEAK = / (alone tells .*?)(?:, above .*)?$/;

function leaksIn({ details }: DatasetRefusedError): Map<string, string> {
  const problems = (details.problemDetails ?? []) as readonly DataProblem[];
  return new Map(
    problems.flatMap(({ column, what }) => {
      const [, measure] = LEAK.exec(what) ?? [];
      return column !== undefined && measure !== undefined
        ? [[column, `it ${measure}: is it known before the answer is?`] as const]
        : [];
    }),
  );
}

const problemsIn = ({ details, message }: DatasetRefusedError): readonly string[] =>
  ((details.problems as readonly string[] | undefined) ?? [message]).map((problem) => `would be refused: ${problem}`);

/** @throws {UsageError} the file exists: nothing of a person's is overwritten, and nothing is written beside it */
function refuseExisting(path: string): void {
  if (existsSync(path)) throw new UsageError(`expected no ${path} yet, got one; init overwrites nothing`);
}

function write(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}
