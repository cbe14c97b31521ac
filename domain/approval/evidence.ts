import type { DeployedConfig } from '../deployed-config.ts';
import { lowerIsBetter } from '../evaluation/metric-names.ts';
import type { ModelRow } from '../model.ts';
import type { ModelDefinition } from '../model-definition.ts';
import type { GateResult, ReleaseRow, VersionRow } from '../release.ts';
import type { ApprovalRequest } from './approval-request.ts';
import type { ComparedMetric, Comparison, SliceMeasure } from './comparison.ts';
import type { DiffLine } from './line-diff.ts';
import { moment } from './moment.ts';
import { seatsInWords } from './seats.ts';

/** What a person judges by: facts and sentences, in the order of the mail. Rendered as a mail and as a page. */
export interface Evidence {
  readonly model: string;
  readonly version: number;
  readonly release: number;
  readonly verdict: Verdict;
  /** What the model decides about whom; better, the same or worse; what is asked. */
  readonly inWords: readonly [string, string, string];
  readonly metrics: readonly MetricRow[];
  readonly gates: readonly GateResult[];
  /** How many decisions change, and to what. */
  readonly changes: readonly string[];
  /** Where it does worst, by the metric that decides first. */
  readonly slices: readonly SliceMeasure[];
  /** model.yaml against that of the version that serves; empty where it is the same or nothing serves. */
  readonly definitionDiff: readonly DiffLine[];
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
  readonly difference?: string;
}

type Verdict = 'first version' | 'better' | 'the same' | 'worse' | 'not comparable';

export interface EvidenceSources {
  readonly request: ApprovalRequest;
  readonly model: ModelRow;
  readonly release: ReleaseRow;
  readonly version: VersionRow;
  readonly definition: ModelDefinition;
  readonly comparison: Comparison;
  readonly config: DeployedConfig;
  readonly definitionDiff?: readonly DiffLine[];
  /** What this reader approved last, and what has changed since: one sentence. */
  readonly lastApproved?: string;
}

/** Puts what the table and the evaluation say into the order in which a person judges it. */
export function compileEvidence(sources: EvidenceSources): Evidence {
  const { request, version, comparison } = sources;
  const verdict = verdictOf(sources);
  return {
    model: request.model,
    version: request.version,
    release: request.release,
    verdict,
    inWords: [decides(sources), compares(sources, verdict), asks(sources)],
    metrics: comparison.metrics.map(metricRow),
    gates: version.evaluation?.gates ?? [],
    changes: [...changes(comparison, sources.definition), ...definitionChange(sources)],
    slices: comparison.slices,
    definitionDiff: sources.definitionDiff ?? [],
    findings: [...version.prepared.findings, ...version.artifact.findings],
    warnings: request.warnings,
    facts: facts(sources),
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

/** Judged by the first metric compared; what chance alone could be is no difference. */
function verdictOf({ comparison, model }: EvidenceSources): Verdict {
  if (comparison.championVersion === undefined) return model.champion ? 'not comparable' : 'first version';
  const first = firstCompared(comparison);
  if (!first) return 'not comparable';
  const { estimate, noise = 0 } = first.difference;
  if (Math.abs(estimate) <= noise) return 'the same';
  return estimate * (lowerIsBetter(first.metric) ? -1 : 1) > 0 ? 'better' : 'worse';
}

function firstCompared({ metrics }: Comparison) {
  const first = metrics.find(({ difference }) => difference !== undefined);
  return first?.difference && { metric: first.metric, difference: first.difference };
}

function decides({ definition: { problem, columns, features } }: EvidenceSources): string {
  const inputs = `from ${features.length} ${features.length === 1 ? 'feature' : 'features'}`;
  const about = `for each ${columns.id}`;
  if (problem.classes)
    return `It decides which of ${problem.classes.slice(0, 5).join(', ')}${problem.classes.length > 5 ? ', …' : ''} ${problem.target} is ${about}, ${inputs}.`;
  if (problem.type === 'regression') return `It estimates ${problem.target} ${about}, ${inputs}.`;
  return `It decides ${about} whether ${problem.target} is ${problem.positiveClass ?? '1'} (a score of ${problem.decisionThreshold} or more), ${inputs}.`;
}

function compares({ comparison, model, version }: EvidenceSources, verdict: Verdict): string {
  const first = comparison.metrics[0];
  const measured = first ? ` (${first.metric} ${number(first.candidate)})` : '';
  const rows = `${version.prepared.holdoutRows.toLocaleString('en')} rows that it was not trained on`;
  if (verdict === 'first version')
    return `It is the first version: nothing serves yet. Measured on ${rows}${measured}.`;
  const champion = `version ${comparison.championVersion ?? model.champion?.version}, which serves now`;
  if (verdict === 'not comparable') {
    return `It could not be compared with ${champion}${measured}. ${comparison.notComparable ?? ''}`.trim();
  }
  const relation = { better: 'better than', worse: 'worse than', 'the same': 'as good as' }[verdict];
  return `It is ${relation} ${champion}: ${inWords(comparison)}.`;
}

function inWords(comparison: Comparison): string {
  const first = firstCompared(comparison);
  if (!first) return 'nothing was measured';
  const { estimate, noise } = first.difference;
  const chance = noise === undefined ? '' : `; chance alone moves it by up to ${number(noise)}`;
  return `${first.metric} ${change(first.difference)} on rows that neither was trained on${estimate === 0 ? '' : chance}`;
}

function asks({ request }: EvidenceSources): string {
  return `You are asked whether version ${request.version} may serve. It needs ${seatsInWords(request.seats)}; one rejection ends it.`;
}

function changes({ changedDecisions: changed }: Comparison, { problem }: ModelDefinition): string[] {
  if (!changed) return [];
  const share = changed.rows === 0 ? '' : ` (${((100 * changed.changed) / changed.rows).toFixed(1)}\u00a0%)`;
  const to = problem.positiveClass ?? '1';
  return [
    `${changed.changed.toLocaleString('en')} of ${changed.rows.toLocaleString('en')} decisions change${share}: ${changed.toPositive.toLocaleString('en')} become ${to}, ${changed.toNegative.toLocaleString('en')} no longer are.`,
  ];
}

function definitionChange({ definitionDiff = [], model }: EvidenceSources): string[] {
  const changed = definitionDiff.filter(({ kind }) => kind === 'new' || kind === 'gone').length;
  if (changed === 0) return [];
  return [
    `model.yaml differs from that of version ${model.champion?.version} in ${changed} ${changed === 1 ? 'line' : 'lines'}; the page shows what.`,
  ];
}

function metricRow({ metric, candidate, champion, difference, noise }: ComparedMetric): MetricRow {
  return {
    metric,
    candidate: noise === undefined ? number(candidate) : `${number(candidate)} ± ${Number(noise.toPrecision(2))}`,
    ...(champion !== undefined && { champion: number(champion) }),
    ...(difference !== undefined && { difference: change(difference) }),
  };
}

function facts({ request, release, model, version, config, lastApproved }: EvidenceSources): [string, string][] {
  const people = new Map(Object.entries(config.people));
  const names = request.approvers.map(
    ({ person, roles, escalated }) =>
      `${people.get(person)?.name ?? person} (${roles.join(', ')}${escalated ? '; asked later, because others had not decided' : ''})`,
  );
  const { person, principal } = request.submitter;
  const by = person === undefined ? `${principal}, known to no identity` : (people.get(person)?.name ?? person);
  return [
    ['Asked by', `${by}; ${release.reason}`],
    ['Asked of', names.join(', ')],
    ...request.excluded.map((one): [string, string] => [
      'Not asked',
      `${people.get(one.person)?.name ?? one.person}: ${one.why}`,
    ]),
    ['Expires', `${moment(request.expiresAt)}; silence is a no`],
    ...(lastApproved === undefined ? [] : [['You last approved', lastApproved] as [string, string]]),
    ['Serving now', model.champion ? `version ${model.champion.version}` : 'nothing'],
    ['If rejected', model.champion ? `version ${model.champion.version} stays, untouched` : 'nothing serves'],
    [
      'Rollback',
      model.champion
        ? `restores version ${model.champion.version}, which served since ${moment(model.champion.since)}`
        : 'nothing to restore: it would be the first version; rollback removes the endpoint',
    ],
    [
      'Trained on',
      `${version.prepared.trainRows.toLocaleString('en')} rows in ${Math.round(version.training.seconds)} s on ${version.training.instanceType}`,
    ],
    ['Serves on', `${request.subject.serving.realtime.minInstances} × ${request.subject.serving.realtime.instance}`],
    ['Bound to', `sha256 ${request.digest}`],
  ];
}

/** At most four significant places, without an exponent. */
const number = (value: number): string =>
  Number.isInteger(value) ? value.toLocaleString('en') : String(Number(value.toPrecision(Math.abs(value) < 1 ? 3 : 4)));

const change = ({ estimate }: { readonly estimate: number }): string =>
  `${estimate < 0 ? '−' : '+'}${number(Math.abs(estimate))}`;
