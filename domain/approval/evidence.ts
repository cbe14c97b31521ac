import type { DeployedConfig } from '../deployed-config.ts';
import type { ModelRow } from '../model.ts';
import type { ModelDefinition } from '../model-definition.ts';
import type { ReleaseRow } from '../release.ts';
import type { GateResult } from '../step-results.ts';
import { reproducibilityFindings } from '../training/reproducibility.ts';
import type { VersionRow } from '../version.ts';
import type { ApprovalRequest, Vote } from './approval-request.ts';
import { changesInWords } from './changes-in-words.ts';
import { type ComparedMetric, type Comparison, type SliceMeasure, type Verdict, verdictOn } from './comparison.ts';
import { factsOf } from './evidence-facts.ts';
import type { LastApproved } from './last-approved.ts';
import type { DiffLine } from './line-diff.ts';
import { between, change, count, figure, inWords, listed, measured } from './measured-words.ts';
import { day, moment } from './moment.ts';
import { localDate } from './working-calendar.ts';

/** What a person judges by: facts and sentences, in the order of the mail. Rendered as a mail and as a page. */
export interface Evidence {
  readonly requestId: string;
  readonly model: string;
  readonly version: number;
  readonly release: number;
  readonly verdict: Verdict | 'first version' | 'not comparable';
  /** What the model decides about whom; better, the same or worse; what is asked. */
  readonly inWords: readonly [string, string, string];
  /** How many decisions change, to what and for whom. */
  readonly changes: readonly string[];
  /** model.yaml against that of the version that serves; empty where it is the same or nothing serves. */
  readonly definitionDiff: readonly DiffLine[];
  /** What is not as it was when this reader last approved a version; empty where they never did. */
  readonly sinceLast: readonly string[];
  readonly metrics: readonly MetricRow[];
  readonly gates: readonly GateResult[];
  /** Where it does worst, by the metric that decides first. */
  readonly slices: readonly SliceMeasure[];
  readonly findings: readonly string[];
  readonly warnings: readonly string[];
  readonly facts: readonly (readonly [label: string, value: string])[];
  readonly digest: string;
}

interface MetricRow {
  readonly metric: string;
  readonly candidate: string;
  /** On the same rows; absent where nothing served. */
  readonly champion?: string;
  /** `+0.050`, and `+0.021 to +0.079` where that was estimated: 95 %. */
  readonly difference?: string;
  readonly between?: string;
  readonly verdict?: Verdict;
}

export interface EvidenceSources {
  readonly request: ApprovalRequest;
  readonly model: ModelRow;
  readonly release: ReleaseRow;
  readonly version: VersionRow;
  readonly definition: ModelDefinition;
  readonly comparison: Comparison;
  readonly config: DeployedConfig;
  /** Person id. */
  readonly reader: string;
  /** The reader's. */
  readonly timeZone: string;
  readonly votes: readonly Vote[];
  readonly definitionDiff?: readonly DiffLine[];
  readonly lastApproved?: LastApproved;
}

/** Puts what the table and the evaluation say into the order in which a person judges it. */
export function compileEvidence(sources: EvidenceSources): Evidence {
  const { request, version, comparison } = sources;
  const verdict = verdictOf(sources);
  return {
    requestId: request.requestId,
    model: request.model,
    version: request.version,
    release: request.release,
    verdict,
    inWords: [sources.definition.description ?? decides(sources), compares(sources, verdict), asks(sources)],
    changes: [...changesInWords(comparison.changedDecisions, sources.definition), ...definitionChange(sources)],
    definitionDiff: sources.definitionDiff ?? [],
    sinceLast: sinceLast(sources),
    metrics: comparison.metrics.map(metricRow),
    gates: version.evaluation?.gates ?? [],
    slices: comparison.slices,
    findings: [
      ...version.prepared.findings,
      ...version.artifact.findings,
      ...reproducibilityFindings(version, sources.definition),
    ],
    warnings: request.warnings,
    facts: factsOf(sources, decides(sources)),
    digest: request.digest,
  };
}

/** What an approver must take a stand on: an approval over any of these needs a reason. */
export const warningsOf = (version: VersionRow, comparison: Comparison): string[] => [
  ...(comparison.notComparable === undefined ? [] : [`Not compared with what serves: ${comparison.notComparable}`]),
  ...(version.evaluation?.gates ?? [])
    .filter(({ verdict }) => verdict !== 'Passed')
    .map(
      ({ metric, verdict, why }) =>
        `${metric}: ${verdict === 'NotComparable' ? 'not comparable' : verdict.toLowerCase()} – ${why}`,
    ),
  ...version.artifact.findings,
];

const firstCompared = ({ metrics }: Comparison): ComparedMetric | undefined =>
  metrics.find(({ difference }) => difference !== undefined);

/** Judged by the first metric that was compared. */
function verdictOf({ comparison, model }: EvidenceSources): Evidence['verdict'] {
  if (comparison.championVersion === undefined) return model.champion ? 'not comparable' : 'first version';
  const first = firstCompared(comparison);
  return (first && verdictOn(first)) ?? 'not comparable';
}

function decides({ definition: { problem, columns, features } }: EvidenceSources): string {
  const inputs = `from ${features.length} ${features.length === 1 ? 'feature' : 'features'}`;
  const about = `for each ${columns.id}`;
  if (problem.classes)
    return `It decides which of ${problem.classes.slice(0, 5).join(', ')}${problem.classes.length > 5 ? ', …' : ''} ${problem.target} is ${about}, ${inputs}.`;
  if (problem.type === 'regression') return `It estimates ${problem.target} ${about}, ${inputs}.`;
  return `It decides ${about} whether ${problem.target} is ${problem.positiveClass ?? '1'} (a score of ${problem.decisionThreshold} or more), ${inputs}.`;
}

const RELATION = { better: 'better than', worse: 'worse than', 'the same': 'as good as' } as const;

function compares({ comparison, model, version }: EvidenceSources, verdict: Evidence['verdict']): string {
  const first = comparison.metrics[0];
  const said = version.training ? '' : ', as whoever brought it says';
  const rows = `${count(version.prepared.holdoutRows)} rows that it was not trained on${said}`;
  if (verdict === 'first version') {
    const value = first ? `: ${first.metric} ${measured(first.candidate)}` : '';
    return `It is the first version, and nothing serves yet. Measured on ${rows}${value}.`;
  }
  const champion = `version ${comparison.championVersion ?? model.champion?.version}, which serves now`;
  if (verdict === 'not comparable') {
    const value = first ? ` (${first.metric} ${measured(first.candidate)})` : '';
    return `It could not be compared with ${champion}${value}. ${comparison.notComparable ?? ''}`.trim();
  }
  return `It is ${RELATION[verdict]} ${champion}: ${difference(firstCompared(comparison)!, verdict)}.`;
}

function difference({ metric, candidate, champion, difference: by }: ComparedMetric, verdict: Verdict): string {
  const values = `${metric} ${figure(candidate.value)} instead of ${figure(champion!.value)}, on rows that neither was trained on`;
  const range = by && between(by);
  if (!by || range === undefined) return values;
  return verdict === 'the same'
    ? `${values}. The difference of ${change(by.value)} could be chance alone (95 %: ${range})`
    : `${values}. The difference is ${change(by.value)} (95 %: ${range})`;
}

function asks({ request, timeZone }: EvidenceSources): string {
  const seats = request.seats.map(
    ({ role, people }, i) => `${inWords(people)}${i > 0 ? '' : people === 1 ? ' person' : ' people'} of ${role}`,
  );
  return `You are asked whether version ${request.version} may serve. Decide by ${moment(request.expiresAt, timeZone)}; silence is a no. It needs ${listed(seats)} to say yes; one no ends it.`;
}

function definitionChange({ definitionDiff = [], model }: EvidenceSources): string[] {
  const lines = definitionDiff.filter(({ kind }) => kind === 'new' || kind === 'gone').length;
  if (lines === 0) return [];
  return [
    `model.yaml differs from that of version ${model.champion?.version} in ${lines} ${lines === 1 ? 'line' : 'lines'}.`,
  ];
}

function sinceLast({ lastApproved, model, version, timeZone }: EvidenceSources): string[] {
  if (!lastApproved) return [];
  const { version: before, at, changed: what, metrics } = lastApproved;
  const serves = model.champion?.version === before ? ', which serves now' : '';
  const now = version.evaluation?.metrics ?? {};
  const [name] = Object.keys(now).filter((metric) => Object.hasOwn(metrics, metric));
  return [
    `You last approved version ${before}${serves}, on ${day(localDate(timeZone, Date.parse(at)))}. Changed since: ${what}.`,
    ...(name === undefined
      ? []
      : [`${name} was ${figure(metrics[name]!)} then and is ${figure(now[name]!)} now, each on its own hold-out.`]),
  ];
}

function metricRow(compared: ComparedMetric): MetricRow {
  const { metric, candidate, champion, difference: by } = compared;
  const verdict = verdictOn(compared);
  return {
    metric,
    candidate: champion ? figure(candidate.value) : measured(candidate),
    ...(champion && { champion: figure(champion.value) }),
    ...(by && { difference: change(by.value) }),
    ...(by && between(by) !== undefined && { between: between(by)! }),
    ...(verdict && { verdict }),
  };
}
