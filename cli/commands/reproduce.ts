import type { Command } from 'commander';
import type { ReleaseRow } from '../../domain/release.ts';
import { compareReproduction, type Reproduction } from '../../domain/training/reproduction.ts';
import { type Connection, connect } from '../connection.ts';
import {
  bold,
  type CommonOptions,
  createOutput,
  JSON_OPTION,
  type Output,
  parseReleaseName,
  table,
  UsageError,
} from '../output.ts';
import { submitReproduction } from '../submit-model.ts';
import { watchRelease } from '../watch-release.ts';

/** 1 says that it could not be done. */
const EXIT_CODES: Readonly<Record<Reproduction['verdict'], number>> = { equal: 0, 'within noise': 3, different: 4 };

interface ReproduceOptions {
  readonly against?: string;
}

export function registerReproduce(program: Command): void {
  program
    .command('reproduce')
    .description(
      'train a release again on the inputs it was pinned to, as an experiment, and compare; exit code 0: equal, 3: different within noise, 4: different',
    )
    .argument('<release>', 'model/release: flight-delays/14')
    .option('--against <release>', 'compare with this release, which trained it again before, instead of training')
    .option('--json', JSON_OPTION)
    .action(async (subject: string, { against }: ReproduceOptions, command: Command) => {
      const { json, prefix } = command.optsWithGlobals<CommonOptions>();
      const output = createOutput(json ?? false);
      const { model, release } = parseReleaseName(subject);
      const connection = await connect(prefix);
      const first = await connection.lineage.getRelease(model, release);
      assertJudged(first);
      const again =
        against === undefined
          ? await trainAgain(connection, first, output)
          : await connection.lineage.getRelease(model, numberOf(against));
      if (again.reproduces !== release)
        throw new UsageError(`expected a release that trained ${subject} again, got ${model}/${again.release}`);
      assertJudged(again);
      const compared = compareReproduction(first, again);
      output.result({ model, release, again: again.release, ...compared }, () => inWords(subject, again, compared));
      process.exitCode = EXIT_CODES[compared.verdict];
    });
}

async function trainAgain(connection: Connection, { model, release }: ReleaseRow, output: Output): Promise<ReleaseRow> {
  const submitted = await submitReproduction(connection, model, release, new Date());
  if (submitted === 'queued')
    throw new UsageError(
      `it waits for the release that runs; once it has ended: launchway reproduce ${model}/${release} --against NUMBER`,
    );
  output.line(`release ${release} is trained again as experiment ${submitted}`);
  return watchRelease(connection, model, submitted, (line) => output.line(line));
}

function numberOf(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new UsageError(`expected --against to be the number of a release, got ${text}`);
  return Number(text);
}

/** @throws {UsageError} there is nothing to hold against each other */
function assertJudged({ model, release, steps, outcome }: ReleaseRow): void {
  const got = steps.training ? (outcome?.message ?? 'one that is not judged') : 'one that trained nothing';
  if (!steps.training || !steps.artifact || !steps.evaluation)
    throw new UsageError(`expected ${model}/${release} to have trained and been judged, got ${got}`);
}

const SAID: Readonly<Record<Reproduction['verdict'], string>> = {
  equal: 'equal: the same model came out',
  'within noise': 'different within noise: no measure differs by more than its standard error on the hold-out',
  different: 'different',
};

function inWords(
  subject: string,
  { release }: ReleaseRow,
  { verdict, inputs, artifact, metrics }: Reproduction,
): string {
  const others = inputs.filter(({ isEqual }) => !isEqual).map(({ name }) => name);
  const archives = {
    archive: 'the same, byte for byte',
    contents: 'the same files, packed another way',
    no: `${artifact.first.slice(0, 12)} and ${artifact.again.slice(0, 12)}`,
  };
  const figure = (value: number | undefined) => (value === undefined ? '' : String(Number(value.toPrecision(6))));
  return [
    bold(`${subject} and ${release}: ${SAID[verdict]}`),
    `inputs    ${others.length === 0 ? 'the same' : `other ${others.join(', ')}`}`,
    `artifact  ${archives[artifact.isEqual]}`,
    '',
    table([
      ['metric', 'then', 'again', 'difference', 'noise', ''],
      ...metrics.map(({ metric, first, again, difference, noise, verdict: said }) => [
        metric,
        figure(first),
        figure(again),
        figure(difference),
        figure(noise),
        said,
      ]),
    ]),
  ].join('\n');
}
