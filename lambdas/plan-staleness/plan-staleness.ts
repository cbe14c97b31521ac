import { sha256Hex } from '../../adapters/sha256.ts';
import { TooFewLabelledRowsError } from '../../domain/errors.ts';
import { seedFrom } from '../../domain/evaluation/random.ts';
import type { ObjectRef } from '../../domain/model.ts';
import { stalenessFolder } from '../../domain/monitoring/keys.ts';
import type { LineageStore, ObjectStore } from '../../domain/ports.ts';
import { LEAST_LABELLED } from '../../domain/quality/evaluate-window.ts';
import type { QualityStore } from '../../domain/quality/ports.ts';
import { s3Uri } from '../../domain/s3-uri.ts';
import type { Candidate } from '../../domain/staleness/choose-versions.ts';
import type { StalenessStore } from '../../domain/staleness/ports.ts';
import type { StalenessRow } from '../../domain/staleness/rows.ts';
import { csvLine } from '../../domain/tabular/csv-records.ts';
import { type CollectedRows, collectRows, nextWholeHour } from '../shared/collect-rows.ts';
import type { DefinitionReader } from '../shared/read-definition.ts';
import { servedCandidates } from '../shared/served-candidates.ts';
import type { StalenessPlan } from '../shared/staleness-plan.ts';
import { type TransformPlan, transformPlan } from '../shared/transform-plan.ts';
import type { PlanStalenessInput, PlanStalenessOutput } from './contract.ts';

export interface PlanStalenessDependencies {
  readonly lineage: LineageStore;
  readonly staleness: Pick<StalenessStore, 'get'>;
  readonly quality: Pick<QualityStore, 'listLabelFiles'>;
  readonly objects: ObjectStore;
  /** Reads a definition as it was accepted, whatever is deployed now. */
  readonly readDefinition: DefinitionReader;
  readonly account: string;
  readonly prefix: string;
  readonly buckets: { readonly captures: string; readonly artifacts: string };
}

const DAY_MS = 86_400_000;

/**
 * Says which of the last versions can be held against each other, and writes the rows that all of them answer: recent predictions
 * whose outcome is known, made after the last upload that any of these versions learnt from.
 *
 * @throws {NotFoundError} no version serves
 * @throws {TooFewLabelledRowsError} fewer such rows than can be judged
 */
export const planStaleness =
  (dependencies: PlanStalenessDependencies) =>
  async ({ model, id, attempt }: PlanStalenessInput): Promise<PlanStalenessOutput> => {
    const { staleness, objects, buckets } = dependencies;
    const asked = await staleness.get(model, id);
    const [champion, ...others] = await servedCandidates(dependencies, model, asked.versions);
    const candidates = [champion!, ...others];
    const comparable = candidates.filter(({ notCompared }) => !notCompared);
    const period = periodOf(asked, comparable);
    const collected = await collectRows(dependencies, champion!, comparable, period);
    assertEnough(collected, comparable);
    const features = collected.rows.map((row) => csvLine(row.features)).join('');
    const folder = stalenessFolder(champion!.row, id);
    const rows: ObjectRef = { bucket: buckets.captures, key: `${folder}/features.csv` };
    await objects.put(rows, features, 'text/csv');
    const plan: StalenessPlan = {
      schema: 'launchway/staleness-plan/v1',
      champion: champion!.row.version,
      problem: champion!.definition.problem,
      versions: candidates.map(({ age, definition, notCompared }) => ({
        age,
        scoreColumn: definition.serving.response.scoreColumn,
        ...(notCompared && { notCompared }),
      })),
      measuredOn: collected.measuredOn,
      truth: collected.rows.map(({ truth }) => truth),
      seed: seedFrom(sha256Hex(features)),
      instanceType: instanceTypeOf(champion!),
    };
    await objects.put({ ...rows, key: `${folder}/plan.json` }, JSON.stringify(plan), 'application/json');
    const order = { folder, id, attempt, inputUri: s3Uri(rows) };
    return { versions: comparable.map((candidate) => transformOf(dependencies, champion!, candidate, order)) };
  };

function periodOf({ askedAt, days }: StalenessRow, comparable: readonly Candidate[]) {
  const learnt = Math.max(...comparable.map(({ age }) => Date.parse(age.learntUntil)));
  const from = Math.max(learnt, Date.parse(askedAt) - days * DAY_MS);
  return { from: nextWholeHour(from), until: askedAt };
}

function assertEnough({ rows, measuredOn }: CollectedRows, comparable: readonly Candidate[]): void {
  const { from, predictions, filesRead, files } = measuredOn;
  if (rows.length >= LEAST_LABELLED) return;
  const newest = comparable.toSorted((a, b) => (a.age.learntUntil > b.age.learntUntil ? -1 : 1))[0]!.age;
  throw new TooFewLabelledRowsError(
    `expected ${LEAST_LABELLED} labelled predictions since ${from}, got ${rows.length} of ${predictions} in ${filesRead} of ${files} capture files; ` +
      `what version ${newest.version} learnt from was uploaded at ${newest.learntUntil}, and only predictions after that are new to every version: upload labels, or wait`,
    { rows: rows.length, predictions, from, newest: newest.version },
  );
}

/** The type that had capacity when the one that serves was trained. */
const instanceTypeOf = ({ row, definition }: Candidate): string =>
  row.training?.instanceType ?? definition.training.instance.types[0]!;

function transformOf(
  { account, prefix, buckets }: PlanStalenessDependencies,
  champion: Candidate,
  { row, definition }: Candidate,
  { folder, id, attempt, inputUri }: { folder: string; id: string; attempt: string; inputUri: string },
): TransformPlan & { readonly version: number } {
  const { version } = row;
  const plan = transformPlan({ account, prefix }, row, definition, {
    name: `${prefix}-${row.model}-s${id.slice(-8)}-v${version}-${attempt}`,
    inputUri,
    outputUri: `s3://${buckets.artifacts}/${folder}/transform/v${version}-${attempt}`,
    instanceType: instanceTypeOf(champion),
    tags: { 'launchway:staleness': id },
  });
  return { ...plan, version };
}
