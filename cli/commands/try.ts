import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { readModelDefinition } from '../../adapters/yaml-model-definition.ts';
import { gatesPass } from '../../domain/evaluation/gates-pass.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import { dataReportLines } from '../../domain/tabular/data-report-text.ts';
import config from '../../launchway.config.ts';
import { deployedConfig } from '../../lib/config.ts';
import { connect } from '../connection.ts';
import { filesAt, TEST_OPTION } from '../dataset-files.ts';
import {
  bold,
  type CommonOptions,
  createOutput,
  dim,
  JSON_OPTION,
  type Output,
  parseReleaseName,
  table,
  UsageError,
} from '../output.ts';
import { packSource } from '../pack-source.ts';
import { programsOf } from '../try/programs.ts';
import { fetchRelease } from '../try/release-inputs.ts';
import { TryFailure } from '../try/try-failure.ts';
import { type TriedModel, type TryInputs, tryModel } from '../try/try-model.ts';

/** A few thousand rows show what is wrong with a program, and take seconds. */
const ROWS = 5000;

interface TryOptions {
  readonly data?: string;
  readonly test?: string;
  readonly rows?: string;
  readonly release?: string;
  readonly python?: string;
  readonly image?: string;
  readonly quiet?: boolean;
}

export function registerTry(program: Command): void {
  program
    .command('try')
    .description('run the code of a model here, under the container contract, and score it; no cloud, local or other')
    .argument('[folder]', 'where model.yaml is; with --release, the code to run instead of the sealed one')
    .option('--data <path>', 'CSV or Parquet, or a folder of part-* files (default: the data file in the folder)')
    .option('--test <file>', TEST_OPTION)
    .option('--rows <count>', `about as many rows are tried; all are checked (default: ${ROWS})`)
    .option('--release <release>', 'the sealed data of a release, MODEL/RELEASE or its number, instead of --data')
    .option('--python <path>', 'Python that runs the code (default: the active environment, python3)')
    .option('--image <folder>', 'train and serve of training.image (default: image in the folder)')
    .option('--quiet', 'without the output of the training program')
    .option('--json', JSON_OPTION)
    .action(async (folder: string | undefined, options: TryOptions, command: Command) => {
      const { json, prefix } = command.optsWithGlobals<CommonOptions>();
      const output = createOutput(json ?? false);
      const downloads = mkdtempSync(join(tmpdir(), 'launchway-release-'));
      const remove = () => rmSync(downloads, { recursive: true, force: true });
      process.once('exit', remove);
      try {
        await run(await inputsOf(folder, options, prefix, downloads, output), options, output);
      } finally {
        process.off('exit', remove);
        remove();
      }
    });
}

async function run(inputs: TryInputs, { quiet }: TryOptions, output: Output): Promise<void> {
  const { definition } = inputs;
  try {
    const tried = await tryModel(inputs, {
      step: (line) => output.line(bold(line)),
      output: (line) => (quiet ? undefined : output.line(dim(`  ${line}`))),
      checked: ({ survey }) => {
        for (const line of dataReportLines(survey, definition.problem.target)) output.line(`  ${line}`);
      },
    });
    output.result(asJson(definition, tried), () => inWords(tried));
  } catch (error) {
    if (!(error instanceof TryFailure)) throw error;
    const { step, whose, where, message, tail, problems } = error;
    const failure = { step, whose, ...(where !== undefined && { where }), message, problems, tail };
    output.result({ model: definition.model, stopped: failure }, () => stoppedInWords(error));
    process.exitCode = 1;
  }
}

async function inputsOf(
  folder: string | undefined,
  options: TryOptions,
  prefix: string,
  downloads: string,
  output: Output,
): Promise<TryInputs> {
  const here = folder ?? '.';
  const rows = Number(options.rows ?? ROWS);
  if (!Number.isInteger(rows) || rows < 20)
    throw new UsageError(`expected --rows to be at least 20, got ${options.rows}`);
  if (options.release === undefined) {
    const definition = definitionIn(here);
    const data = options.data ?? dataIn(here);
    const files = filesAt(
      { data, ...(options.test !== undefined && { test: options.test }) },
      definition.data.test.split === 'file',
    );
    return { definition, files, rows, ...(await codeOf(definition, here, options)) };
  }
  if (options.data !== undefined) throw new UsageError('expected --data or --release, got both');
  const { model, release } = releaseOf(options.release, here);
  const sealed = await fetchRelease(await connect(prefix), model, release, downloads, deployedConfig(config));
  if (folder !== undefined) {
    output.line(`data of release ${release}, code of ${folder}`);
    const definition = definitionIn(folder);
    return { definition, files: sealed.files, rows, ...(await codeOf(definition, folder, options)) };
  }
  output.line(`data and code of release ${release}, as they were sealed; name a folder to run its code on them`);
  const { definition, files } = sealed;
  const programs = await programsOf(definition, here, options);
  return { definition, files, rows, programs, source: sealed.source };
}

async function codeOf(definition: ModelDefinition, folder: string, options: TryOptions) {
  const { source } = definition.training;
  return {
    programs: await programsOf(definition, folder, options),
    // Requirements are those of the environment that runs it here.
    source: source === undefined ? undefined : await packSource(join(folder, source), /^(requirements\.txt$|wheels\/)/),
  };
}

function definitionIn(folder: string): ModelDefinition {
  const path = join(folder, 'model.yaml');
  if (!existsSync(path))
    throw new UsageError(`expected a model.yaml in ${folder}, got none; launchway init drafts one`);
  return readModelDefinition(readFileSync(path, 'utf8'), deployedConfig(config));
}

/** The one data file beside model.yaml. */
function dataIn(folder: string): string {
  const found = readdirSync(folder).filter((name) => /\.(csv|parquet)$/i.test(name) && !/^test\./i.test(name));
  const train = found.find((name) => /^train\./i.test(name)) ?? (found.length === 1 ? found[0] : undefined);
  if (train === undefined)
    throw new UsageError(
      `expected one data file in ${folder}, got ${found.length}; name it with --data, or a release with --release`,
    );
  return join(folder, train);
}

function releaseOf(text: string, folder: string): { readonly model: string; readonly release: number } {
  if (!/^\d+$/.test(text)) return parseReleaseName(text);
  if (!existsSync(join(folder, 'model.yaml')))
    throw new UsageError(
      `expected model/release such as flight-delays/${text}, as there is no model.yaml here, got ${text}`,
    );
  return { model: definitionIn(folder).model, release: Number(text) };
}

const asJson = ({ model }: ModelDefinition, { prepared, trained, predicted, evaluation }: TriedModel) => ({
  model,
  passed: gatesPass(evaluation.gates),
  data: {
    rows: prepared.survey.rows,
    duplicates: prepared.survey.duplicates,
    classes: Object.fromEntries(prepared.survey.classes),
    columns: prepared.survey.columns,
    findings: [...prepared.survey.findings, ...prepared.counts.findings],
  },
  tried: { trainRows: prepared.counts.trainRows, holdoutRows: prepared.counts.holdoutRows },
  training: { seconds: trained.seconds, modelBytes: trained.modelBytes },
  predictions: { rows: predicted.lines.length, seconds: predicted.seconds },
  evaluation: {
    metrics: evaluation.candidate.metrics,
    intervals: evaluation.candidate.intervals,
    gates: evaluation.gates,
  },
});

function inWords({ prepared, trained, predicted, evaluation }: TriedModel): string {
  const { metrics, intervals = {} } = evaluation.candidate;
  const interval = (name: string) => {
    const found = intervals[name];
    return found ? `${found.low.toFixed(4)} to ${found.high.toFixed(4)}` : '';
  };
  const { trainRows, holdoutRows, findings } = prepared.counts;
  const isSample = trainRows + holdoutRows < prepared.survey.rows + (prepared.survey.test?.rows ?? 0);
  return [
    `trained in ${trained.seconds.toFixed(1)} s, a model of ${trained.modelBytes} bytes; ${predicted.lines.length} predictions in ${predicted.seconds.toFixed(1)} s`,
    ...(isSample ? [`${trainRows + holdoutRows} of ${prepared.survey.rows} rows were tried: --rows tries more`] : []),
    ...findings,
    '',
    table([
      ['metric', 'value', '95 %'],
      ...Object.entries(metrics).map(([name, value]) => [name, value.toFixed(4), interval(name)]),
    ]),
    '',
    table([['gate', 'verdict', 'why'], ...evaluation.gates.map(({ metric, verdict, why }) => [metric, verdict, why])]),
    '',
    gatesPass(evaluation.gates)
      ? bold('It would pass its gates on these rows. Next: launchway submit')
      : bold('It would be refused by a gate on these rows.'),
  ].join('\n');
}

const TITLES: Readonly<Record<TryFailure['step'], string>> = {
  'check the data': 'Prepare Data',
  train: 'Train Model',
  predict: 'Validate Model',
  evaluate: 'Validate Model',
};

/** As the mail of a failing release says it. */
function stoppedInWords({ step, whose, where, message, tail, problems }: TryFailure): string {
  const [first = '', ...others] = message.split('\n');
  const listed = problems.length > 1 ? problems : others;
  return [
    bold(`stopped in ${TITLES[step]} — ${whose}: ${first}`),
    '',
    `What happened   ${where === undefined ? '' : `${where}: `}${first}`,
    ...listed.map((problem) => `                - ${problem}`),
    `Whose           ${whose}`,
    ...(tail.length > 0 ? [`Last ${tail.length} lines (secrets masked)`, ...tail.map((line) => `    ${line}`)] : []),
    `Do this         ${whose === 'your data' ? 'mend the data' : 'mend the program'}, then launchway try again`,
  ].join('\n');
}
