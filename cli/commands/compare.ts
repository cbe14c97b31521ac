import type { Command } from 'commander';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { ReleaseRow } from '../../domain/release.ts';
import { type Connection, connect } from '../connection.ts';
import { type CommonOptions, createOutput, JSON_OPTION, parseReleaseName, table, UsageError } from '../output.ts';
import { readReleaseDefinition } from '../read-release-definition.ts';

export function registerCompare(program: Command): void {
  program
    .command('compare')
    .description('releases side by side: data, parameters, metrics, gates; a row that differs is marked')
    .argument('<releases...>', 'model/release, two or more: flight-delays/3 flight-delays/4')
    .option('--json', JSON_OPTION)
    .action(async (subjects: string[], _: unknown, command: Command) => {
      const { json, prefix } = command.optsWithGlobals<CommonOptions>();
      if (subjects.length < 2) throw new UsageError(`expected two releases or more, got ${subjects.length}`);
      const connection = await connect(prefix);
      const columns = await Promise.all(subjects.map((subject) => columnOf(connection, subject)));
      const rows = sideBySide(columns);
      createOutput(json ?? false).result(
        rows.map(({ name, values }) => ({
          name,
          ...Object.fromEntries(values.map((value, i) => [subjects[i], value])),
        })),
        () =>
          table([
            ['', '', ...subjects],
            ...rows.map(({ name, values, differs }) => [
              differs ? '≠' : '',
              name,
              ...values.map((value) => value ?? '–'),
            ]),
          ]),
      );
    });
}

async function columnOf(connection: Connection, subject: string): Promise<ReadonlyMap<string, string>> {
  const { model, release } = parseReleaseName(subject);
  const row = await connection.lineage.getRelease(model, release);
  return describeRelease(row, await readReleaseDefinition(connection, row.inputs.definition));
}

/** What a release is compared by, as text: `data.rows`, `parameter.depth`, `metric.auc`, `gate.0 auc`. */
export function describeRelease(row: ReleaseRow, { training }: ModelDefinition): ReadonlyMap<string, string> {
  const { dataset, prepared, training: trained, artifact, evaluation } = row.steps;
  const facts: [string, string | number | undefined][] = [
    ['status', row.status],
    ['purpose', row.purpose ?? 'release'],
    ['data.sha256', dataset?.object.sha256.slice(0, 12)],
    ['data.trainRows', prepared?.trainRows],
    ['data.holdoutRows', prepared?.holdoutRows],
    ['definition', row.inputs.definition.sha256.slice(0, 12)],
    ['source', dataset?.source?.sha256.slice(0, 12)],
    ['source.commit', dataset?.source?.commit],
    ['image', trained?.image],
    ...Object.entries(training.hyperparameters).map(([name, value]): [string, string] => [
      `parameter.${name}`,
      String(value),
    ]),
    ['training.seconds', trained?.seconds],
    ['training.reusedFrom', trained?.reusedFrom],
    ['artifact', artifact?.object.sha256.slice(0, 12)],
    ...Object.entries(evaluation?.metrics ?? {}).map(([name, value]): [string, string] => [
      `metric.${name}`,
      value.toFixed(4),
    ]),
    ...(evaluation?.gates ?? []).map(({ metric, verdict, needed }, i): [string, string] => [
      `gate.${i + 1} ${metric} ${needed}`,
      verdict,
    ]),
  ];
  return new Map(facts.flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)] as const])));
}

/** One row per fact that any column has, in the order in which they come up. */
export function sideBySide(columns: readonly ReadonlyMap<string, string>[]) {
  const names = [...new Set(columns.flatMap((column) => [...column.keys()]))];
  return names.map((name) => {
    const values = columns.map((column) => column.get(name));
    return { name, values, differs: new Set(values).size > 1 };
  });
}
