import { createHash } from 'node:crypto';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { Command } from 'commander';
import type { Evaluation } from '../../domain/evaluation/evaluate.ts';
import type { EvaluationResult } from '../../domain/step-results.ts';
import { describeRelease, type Fact, renderComparison, sideBySide } from '../compare-releases.ts';
import { type Connection, connect } from '../connection.ts';
import { type CommonOptions, createOutput, dim, JSON_OPTION, parseReleaseName, UsageError } from '../output.ts';
import { readReleaseDefinition } from '../read-release-definition.ts';

export function registerCompare(program: Command): void {
  program
    .command('compare')
    .description(
      'releases side by side: data, parameters, metrics with intervals, gates, importance, cost; a row that differs is marked',
    )
    .argument('<releases...>', 'model/release, two or more: flight-delays/3 flight-delays/4')
    .option('--differences', 'only rows that differ')
    .option('--json', JSON_OPTION)
    .action(async (subjects: string[], options: { readonly differences?: boolean }, command: Command) => {
      const { json, prefix } = command.optsWithGlobals<CommonOptions>();
      if (subjects.length < 2) throw new UsageError(`expected two releases or more, got ${subjects.length}`);
      const connection = await connect(prefix);
      const releases = await Promise.all(subjects.map((subject) => factsOf(connection, subject)));
      const rows = sideBySide(releases).filter(({ differs }) => differs || !options.differences);
      const holdOuts = new Set(releases.map((facts) => facts.find(isHoldOut)?.text));
      createOutput(json ?? false).result(
        rows.map(({ section, name, differs, facts }) => ({
          ...{ section, name, differs },
          ...Object.fromEntries(facts.map((fact, i) => [subjects[i], fact && (fact.value ?? fact.text)])),
        })),
        () =>
          [
            renderComparison(subjects, rows, process.stdout.columns),
            ...(holdOuts.size > 1
              ? ['', dim('Metrics are of different rows: each release was judged on its own hold-out.')]
              : []),
          ].join('\n'),
      );
    });
}

const isHoldOut = ({ section, name }: Fact): boolean => section === 'data' && name === 'holdout';

async function factsOf(connection: Connection, subject: string): Promise<Fact[]> {
  const { model, release } = parseReleaseName(subject);
  const row = await connection.lineage.getRelease(model, release);
  const { evaluation } = row.steps;
  const [definition, document] = await Promise.all([
    readReleaseDefinition(connection, row.inputs.definition),
    evaluation && readEvaluation(connection, evaluation),
  ]);
  return describeRelease(row, definition, document);
}

/** @throws {UsageError} what lies there is not what the release recorded */
async function readEvaluation(
  { s3, account }: Connection,
  { document, sha256 }: EvaluationResult,
): Promise<Evaluation> {
  const { bucket, key, versionId } = document;
  const at = { Bucket: bucket, Key: key, ExpectedBucketOwner: account, ...(versionId && { VersionId: versionId }) };
  const { Body } = await s3.send(new GetObjectCommand(at));
  const text = await Body!.transformToString();
  const got = createHash('sha256').update(text).digest('hex');
  if (got !== sha256)
    throw new UsageError(`expected the evaluation whose sha256 the release recorded, ${sha256}, got ${got}`);
  return JSON.parse(text) as Evaluation;
}
