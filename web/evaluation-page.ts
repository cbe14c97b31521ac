import type { Evaluation } from '../domain/evaluation/evaluate.ts';
import { FIRST_METRIC } from '../domain/evaluation/metric-names.ts';
import { html, type Markup } from '../domain/mail/markup.ts';
import type { ModelDefinition } from '../domain/model-definition.ts';
import type { ReleaseRow } from '../domain/release.ts';
import { reproducibilityFindings } from '../domain/training/reproducibility.ts';
import type { VersionRow } from '../domain/version.ts';
import { binaryPlots, calibrationFigure } from './evaluation/classifier-plots.ts';
import { confusionTable } from './evaluation/confusion-table.ts';
import { importanceSection } from './evaluation/importance-section.ts';
import { operationSection, provenanceSection } from './evaluation/provenance.ts';
import { regressionPlots } from './evaluation/regression-plots.ts';
import { EVALUATION_STYLE } from './evaluation/style.ts';
import { changesTable, fairnessSection, gatesTable, metricsTable, slicesTable } from './evaluation/tables.ts';
import {
  changes,
  compared,
  count,
  decides,
  labelOf,
  measured,
  number,
  percent,
  purpose,
  sameForAll,
  signed,
  span,
  verdictOf,
} from './evaluation/words.ts';
import { type RenderedPage, renderPage } from './page.ts';

/** Everything that is known of a model when it has been judged, before anybody is asked. */
export interface EvaluationView {
  readonly evaluation: Evaluation;
  readonly release: ReleaseRow;
  readonly version: VersionRow;
  readonly definition: ModelDefinition;
  /** Hex SHA-256 of the evaluation document. */
  readonly digest: string;
}

interface Section {
  readonly id: string;
  readonly title: string;
  readonly content: Markup;
}

/** One page per release, which needs nothing else: no script, no address outside; for a phone, a screen and paper. */
export function evaluationPage(view: EvaluationView): RenderedPage {
  const { evaluation, release, version, definition } = view;
  const verdict = verdictOf(evaluation);
  const sections = sectionsOf(view);
  return renderPage({
    title: `${release.model} version ${version.version}: ${verdict}`,
    style: EVALUATION_STYLE,
    body: html`
<p class="quiet">Evaluation of release ${release.release} of ${release.model}${release.purpose === 'experiment' && ', an experiment'}</p>
<h1>${release.model} version ${version.version}: ${verdict}</h1>
<section class="card ${evaluation.passed ? 'good' : 'bad'}" aria-label="In words"><p class="lead">${purpose(definition)}</p>${inWords(evaluation, definition)}</section>
${keyFacts(evaluation, definition)}
<nav aria-label="Contents"><ul class="contents">${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
${sections.map(({ id, title, content }) => html`<section class="card" id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>${content}</section>`)}
`,
  });
}

const inWords = (evaluation: Evaluation, definition: ModelDefinition): readonly Markup[] =>
  [
    definition.description === undefined ? undefined : decides(definition),
    measured(evaluation, definition.problem),
    sameForAll(evaluation, definition.problem),
    compared(evaluation, definition.problem),
    changes(evaluation, definition.problem),
  ]
    .filter((text) => text !== undefined)
    .map((text) => html`<p>${text}</p>`);

/** The few numbers that are looked for first. */
function keyFacts(evaluation: Evaluation, { problem }: ModelDefinition): Markup {
  const { candidate, champion, changedDecisions: changed, rows } = evaluation;
  const first = FIRST_METRIC[problem.type];
  const value = candidate.metrics[first];
  const interval = candidate.intervals?.[first];
  const difference = champion?.differences?.[first];
  const facts: [string, string, string][] = [];
  if (value !== undefined) facts.push([labelOf(first), number(value), interval ? span(interval) : '']);
  if (champion && difference)
    facts.push([`against version ${champion.version}`, signed(difference.value), span(difference, signed)]);
  if (changed && changed.rows > 0)
    facts.push([
      'decisions change',
      percent(changed.changed / changed.rows),
      `${count(changed.changed)} of ${count(changed.rows)}`,
    ]);
  facts.push(['rows judged on', count(rows), 'held out of training']);
  return html`<ul class="key-facts">${facts.map(
    ([label, of, more]) =>
      html`<li><span class="quiet">${label}</span><b>${of}</b><span class="quiet">${more}</span></li>`,
  )}</ul>`;
}

function sectionsOf(view: EvaluationView): Section[] {
  const { evaluation, definition } = view;
  const { problem } = definition;
  const { gates, changedDecisions, fairness = [], importance } = evaluation;
  const all: (readonly [id: string, title: string, content: Markup | readonly Markup[] | undefined])[] = [
    ['gates', 'Gates', gates.length > 0 ? gatesTable(gates) : html`<p>No gate was asked for.</p>`],
    ['measures', evaluation.champion ? 'Candidate and champion' : 'Measures', metricsTable(evaluation, problem)],
    ['plots', 'Plots', plots(evaluation, definition)],
    ['slices', 'Where it does worst', slicesTable(evaluation, FIRST_METRIC[problem.type])],
    ['changes', 'Decisions that change', changedDecisions && changesTable(changedDecisions, problem)],
    ['fairness', 'Fairness', fairnessOf(fairness, definition)],
    ['importance', 'What it rests on', importance && importanceSection(importance)],
    ['operation', 'Size, time and cost', operationSection(view)],
    ['findings', 'Findings', findings(view)],
    ['provenance', 'Provenance', provenanceSection(view)],
  ];
  return all.flatMap(([id, title, content]) => (content ? [{ id, title, content: html`${content}` }] : []));
}

/** That nobody asked is a fact, too, where decisions are about people. */
function fairnessOf(
  asked: NonNullable<Evaluation['fairness']>,
  { problem, columns }: ModelDefinition,
): Markup | undefined {
  if (asked.length > 0) return html`${fairnessSection(asked)}`;
  if (problem.type !== 'binary-classification') return undefined;
  const { attributes } = columns;
  const could = attributes.length > 0 ? ` It could be, by ${attributes.join(', ')}.` : '';
  return html`<p>Not measured: no gate of validation.fairness asks for it.${could}</p>`;
}

function plots({ plots: of, champion, candidate }: Evaluation, { problem }: ModelDefinition): Markup | undefined {
  if (!of) return;
  if (of.kind === 'regression') return html`<div class="plots">${regressionPlots(of, problem.target)}</div>`;
  if (of.kind === 'multiclass') {
    const error = candidate.metrics.calibrationError;
    const legend = [{ mark: 'candidate' as const, text: 'candidate' }];
    return html`${confusionTable(of.confusion)}${of.calibration && html`<div class="plots">${calibrationFigure(of.calibration, error, 'share that is right', legend)}</div>`}`;
  }
  return html`<div class="plots">${binaryPlots(of, {
    championName: `version ${champion?.version}`,
    metrics: champion?.candidateMetrics ?? candidate.metrics,
    championMetrics: champion?.metrics ?? {},
    positiveClass: problem.positiveClass ?? '1',
    threshold: problem.decisionThreshold,
  })}</div>
${champion && html`<p class="quiet">Both on the ${count(champion.rows)} rows that neither was trained on.</p>`}`;
}

/** What the checks of data and archive found, and what the program said of itself. */
function findings({ evaluation, version, definition }: EvaluationView): Markup {
  const all = [
    ...version.prepared.findings,
    ...version.artifact.findings,
    ...reproducibilityFindings(version, definition),
  ];
  const custom = Object.entries(evaluation.custom ?? {});
  return html`${all.length === 0 ? html`<p>The checks of the data and of the model archive found nothing to tell.</p>` : html`<ul>${all.map((text) => html`<li>${text}</li>`)}</ul>`}
${custom.length > 0 && html`<h3>Reported by the training program itself</h3><p class="quiet">From its metrics.json; nobody checked them.</p><dl>${custom.map(([name, value]) => html`<dt>${name}</dt><dd>${number(value)}</dd>`)}</dl>`}`;
}
