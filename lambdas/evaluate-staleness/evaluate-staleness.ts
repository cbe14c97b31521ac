import { sha256Hex } from '../../adapters/sha256.ts';
import { PipelineError } from '../../domain/errors.ts';
import { readScores } from '../../domain/evaluation/predictions.ts';
import { oneLine } from '../../domain/mail/visible-text.ts';
import { stalenessFolder } from '../../domain/monitoring/keys.ts';
import { maskSecrets } from '../../domain/outcome/mask-secrets.ts';
import { type RootError, type StatesError, unwrapError } from '../../domain/outcome/unwrap-error.ts';
import type { LineageStore, Now, ObjectStore } from '../../domain/ports.ts';
import { evaluateStaleness, type ScoredVersion } from '../../domain/staleness/evaluate-staleness.ts';
import type { StalenessStore } from '../../domain/staleness/ports.ts';
import { stalenessReportHtml } from '../../domain/staleness/report-html.ts';
import { isMeasured, type StalenessReport, type StalenessRow } from '../../domain/staleness/rows.ts';
import { jobCostUsd } from '../../domain/training/prices.ts';
import { linesOf } from '../shared/read-predictions.ts';
import type { PlannedVersion, StalenessPlan } from '../shared/staleness-plan.ts';
import type { EvaluateStalenessInput, EvaluateStalenessOutput } from './contract.ts';

export interface EvaluateStalenessDependencies {
  readonly lineage: Pick<LineageStore, 'getModel'>;
  readonly staleness: StalenessStore;
  readonly objects: ObjectStore;
  readonly buckets: { readonly captures: string; readonly artifacts: string };
  /** For the price of the transforms. */
  readonly region: string;
  readonly now: Now;
}

type Answers = Extract<EvaluateStalenessInput, { answers: unknown }>['answers'];

const STEP = 'launchway:evaluate-staleness';
const LONGEST_MESSAGE = 1_000;
const LONGEST_NAME = 100;
const MAX_PLAN_BYTES = 4 * 1024 * 1024;

/** Measures what versions answered to the same rows and keeps it, or why there is nothing to measure. Repeating it changes nothing. */
export const evaluateStalenessAnswers =
  (dependencies: EvaluateStalenessDependencies) =>
  async (input: EvaluateStalenessInput): Promise<EvaluateStalenessOutput> => {
    const { staleness, now } = dependencies;
    const row = await staleness.get(input.model, input.id);
    if (row.status !== 'Asked') return { status: row.status };
    const endedAt = now().toISOString();
    const subject = `staleness/${row.id}`;
    if ('error' in input) {
      const { name: error, message } = readable(input.error);
      const failed = { ...row, status: 'Failed' as const, endedAt, failure: { error, message } };
      await staleness.end(failed, { type: 'StalenessNotMeasured', actor: STEP, subject, details: { error, message } });
      return { status: 'Failed' };
    }
    const report = await measure(dependencies, row, input.answers, endedAt);
    const measured = await store(dependencies, row, report);
    const { rows, document } = measured;
    await staleness.end(
      { ...row, status: 'Measured', endedAt, measured },
      {
        type: 'StalenessMeasured',
        actor: STEP,
        subject,
        details: {
          champion: report.champion,
          rows,
          measured: report.versions.filter(isMeasured).map(({ version }) => version),
          report: document.sha256,
        },
      },
    );
    return { status: 'Measured' };
  };

async function measure(
  { lineage, objects, buckets, region }: EvaluateStalenessDependencies,
  { model, id }: StalenessRow,
  answers: Answers,
  at: string,
): Promise<StalenessReport> {
  const { team } = await lineage.getModel(model);
  const key = `${stalenessFolder({ team, model }, id)}/plan.json`;
  const text = await objects.readText({ bucket: buckets.captures, key }, MAX_PLAN_BYTES);
  const plan = JSON.parse(text) as StalenessPlan;
  const versions = [];
  for (const version of plan.versions) versions.push(await scored(objects, plan, version, answers));
  const { champion, measuredOn, problem, seed, instanceType } = plan;
  const seconds = answers.reduce((sum, answer) => sum + (answer.seconds ?? 0), 0);
  const costUsd = jobCostUsd(region, instanceType, 1, seconds);
  const about = { model, id, at, champion, ...(costUsd !== undefined && { costUsd }) };
  return evaluateStaleness(about, versions, measuredOn, problem, seed);
}

async function scored(
  objects: ObjectStore,
  { truth, problem }: StalenessPlan,
  { age, scoreColumn, notCompared }: PlannedVersion,
  answers: Answers,
): Promise<ScoredVersion> {
  if (notCompared) return { age, notCompared };
  const answer = answers.find(({ version }) => version === age.version);
  const notScored = (why: string): ScoredVersion => ({ age, notCompared: { because: 'NotScored', why } });
  if (answer?.outputUri === undefined) {
    const { name, message } = readable(
      answer?.error ?? { Error: 'NotAsked', Cause: 'the workflow has no answer of it' },
    );
    return notScored(`${name}: ${message}`);
  }
  try {
    const lines = await linesOf(objects, answer.outputUri);
    const labels = { truth: Float64Array.from(truth) };
    return { age, sample: readScores(lines, scoreColumn, labels, `version ${age.version}`, problem) };
  } catch (error) {
    // One version that answers nonsense says nothing of the others.
    if (error instanceof PipelineError && error.name.startsWith('Prediction'))
      return notScored(oneLine(error.message, LONGEST_MESSAGE));
    throw error;
  }
}

/** What a container or SageMaker says of itself, for a terminal and a page: masked, visible, and no longer than people read. */
function readable(error: StatesError): RootError {
  const { name, message } = unwrapError(error);
  return { name: oneLine(name, LONGEST_NAME), message: oneLine(maskSecrets(message), LONGEST_MESSAGE) };
}

async function store(
  { lineage, objects, buckets }: EvaluateStalenessDependencies,
  { model, id }: StalenessRow,
  report: StalenessReport,
): Promise<NonNullable<StalenessRow['measured']>> {
  const { team } = await lineage.getModel(model);
  const folder = stalenessFolder({ team, model }, id);
  const text = JSON.stringify(report);
  const bucket = buckets.artifacts;
  const page = await objects.put(
    { bucket, key: `${folder}/report.html` },
    stalenessReportHtml(report),
    'text/html; charset=utf-8',
  );
  const document = await objects.put({ bucket, key: `${folder}/staleness.json` }, text, 'application/json');
  return {
    champion: report.champion,
    rows: report.measuredOn.rows,
    inWords: report.inWords,
    document: { ...document, sha256: sha256Hex(text) },
    page,
  };
}
