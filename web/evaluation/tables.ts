import type { ChangedDecisions } from '../../domain/evaluation/changed-decisions.ts';
import type { Evaluation } from '../../domain/evaluation/evaluate.ts';
import type { FairnessResult } from '../../domain/evaluation/fairness.ts';
import type { Interval } from '../../domain/evaluation/intervals.ts';
import { lowerIsBetter, METRICS } from '../../domain/evaluation/metric-names.ts';
import { UNDEFINED_IN_WORDS } from '../../domain/evaluation/undefined-measure.ts';
import { html, type Markup } from '../../domain/mail/markup.ts';
import type { Problem } from '../../domain/model-definition.ts';
import type { GateResult } from '../../domain/step-results.ts';
import { barCell, rangeCell, whisker } from './bars.ts';
import { count, labelOf, number, one, percent, signed, span, standingOf } from './words.ts';

const MOST_SLICES = 12;
const MOST_SEGMENTS = 10;

const VERDICTS = {
  Passed: { tone: 'good', text: 'passed' },
  Failed: { tone: 'bad', text: 'failed' },
  Undefined: { tone: 'bad', text: 'undefined' },
  NotComparable: { tone: '', text: 'not comparable' },
} as const satisfies Readonly<Record<GateResult['verdict'], unknown>>;

/** A table that becomes a list of cards where it would be wider than a phone. */
const cards = (
  label: string,
  heads: readonly (readonly [text: string, kind?: 'number'])[],
  rows: readonly Markup[],
): Markup =>
  html`<table class="cards" role="table" aria-label="${label}"><thead role="rowgroup"><tr role="row">${heads.map(
    ([text, kind]) => html`<th role="columnheader" scope="col"${kind && html` class="number"`}>${text}</th>`,
  )}</tr></thead><tbody role="rowgroup">${rows}</tbody></table>`;

export const gatesTable = (gates: readonly GateResult[]): Markup =>
  cards(
    'Gates',
    [['Gate'], ['Needed'], ['Measured', 'number'], ['Verdict']],
    gates.map(({ metric, needed, measured, verdict, why, reason }) => {
      const { tone, text } = VERDICTS[verdict];
      return html`<tr role="row"><th role="rowheader" scope="row">${labelOf(metric)}</th><td role="cell" data-label="Needed">${needed}</td><td role="cell" class="number" data-label="Measured">${measured === null ? '–' : /champion/.test(needed) ? signed(measured) : number(measured)}</td><td role="cell"><span class="tag ${tone}">${text}</span>${reason !== undefined && html` <code>${reason}</code>`}<p class="quiet">${why}</p></td></tr>`;
    }),
  );

/** Candidate and, where there is one, champion: values with 95 % intervals, and the difference against zero. */
export function metricsTable({ candidate, champion }: Evaluation, { type }: Problem): Markup {
  const names = METRICS[type].filter((name) => candidate.metrics[name] !== undefined);
  const withRange = (value: number | undefined, interval: Interval | undefined) =>
    value === undefined
      ? html`–`
      : html`${number(value)}${interval && html`<br><small class="quiet">${span(interval)}</small>`}`;
  const rows = names.map((name) => {
    const difference = champion?.differences?.[name];
    return html`<tr><th scope="row">${labelOf(name)}${lowerIsBetter(name) && html` <small class="quiet">lower is better</small>`}</th><td class="number">${withRange(candidate.metrics[name], candidate.intervals?.[name])}</td>${
      champion &&
      html`<td class="number">${withRange(champion.metrics[name], champion.intervals?.[name])}</td><td class="number">${difference ? html`${signed(difference.value)}<br><small class="quiet">${span(difference, signed)}</small>` : '–'}</td><td>${difference && html`${whisker(difference, lowerIsBetter(name))}<small>${standingOf(name, difference)}</small>`}</td>`
    }</tr>`;
  });
  return html`<div class="scroll" role="region" aria-label="Table of measures" tabindex="0"><table class="tight"><thead><tr><th scope="col">Measure</th><th scope="col" class="number">Candidate</th>${champion && html`<th scope="col" class="number">Version ${champion.version}</th><th scope="col" class="number">Difference</th><th scope="col">Shown</th>`}</tr></thead><tbody>${rows}</tbody></table></div>
<p class="quiet">Below each value: 95\u00a0% of resamples of the rows.${champion && html` Candidate: all of the hold-out; version ${champion.version} and differences: the ${count(champion.rows)} rows that neither was trained on, resampled in pairs. In the pictures, right of the line is better.`}</p>
${undefinedMeasures(candidate.undefined ?? {})}`;
}

function undefinedMeasures(reasons: NonNullable<Evaluation['candidate']['undefined']>): Markup | undefined {
  const entries = Object.entries(reasons);
  if (entries.length === 0) return;
  return html`<p>Without a value here:</p><ul>${entries.map(
    ([metric, because]) => html`<li>${labelOf(metric)} ${UNDEFINED_IN_WORDS[because]} (<code>${because}</code>).</li>`,
  )}</ul>`;
}

/** The weakest slices by the first measure, and how many were not measured. */
export function slicesTable({ slices, slicesLeftOut = [], candidate }: Evaluation, metric: string): Markup | undefined {
  const whole = candidate.metrics[metric];
  const measured = slices.flatMap((slice) => {
    const value = slice.metrics[metric];
    return value === undefined ? [] : [{ ...slice, metric: value }];
  });
  if (whole === undefined || measured.length === 0) return;
  const worst = measured.toSorted((a, b) => (lowerIsBetter(metric) ? b.metric - a.metric : a.metric - b.metric));
  const shown = worst.slice(0, MOST_SLICES);
  const most = Math.max(whole, ...shown.map((slice) => slice.metric), 0);
  const left = slicesLeftOut.map(
    ({ attribute, slices: of, rows }) => `${one(of, 'value')} of ${attribute} (${one(rows, 'row')})`,
  );
  return html`<p>${labelOf(metric)} on all rows: ${number(whole)}. ${measured.length > shown.length ? `The ${shown.length} weakest of ${measured.length} slices` : one(measured.length, 'slice')}, weakest first; small ones vary by chance.</p>
<table class="tight"><thead><tr><th scope="col">Slice</th><th scope="col" class="number">Rows</th><th scope="col" class="number">${labelOf(metric)}</th><td class="bars"></td></tr></thead><tbody>${shown.map(
    ({ attribute, value, rows, metric: of }) =>
      html`<tr><th scope="row">${attribute} = ${value === '' ? '(empty)' : value}</th><td class="number">${count(rows)}</td><td class="number">${number(of)}</td>${barCell(of, most, whole)}</tr>`,
  )}</tbody></table>
${left.length > 0 && html`<p class="quiet">Not measured, with fewer than 50 rows or beyond the 50 largest: ${left.join(', ')}.</p>`}`;
}

/** Where decisions would change most. */
export function changesTable(
  { segments = [], moves = [] }: ChangedDecisions,
  { classes, positiveClass }: Problem,
): Markup | undefined {
  const shown = segments.filter(({ changed }) => changed > 0).slice(0, MOST_SEGMENTS);
  if (shown.length === 0) return;
  const most = Math.max(...shown.map(({ rows, changed }) => changed / rows));
  const [gained, lost] = classes ? ['Now right', 'Now wrong'] : [`Now ${positiveClass}`, 'No longer'];
  return html`<div class="scroll" role="region" aria-label="Table of changed decisions" tabindex="0"><table class="tight"><thead><tr><th scope="col">Segment</th><th scope="col" class="number">Rows</th><th scope="col" class="number">${gained}</th><th scope="col" class="number">${lost}</th><th scope="col" class="number">Changed</th><td class="bars"></td></tr></thead><tbody>${shown.map(
    ({ attribute, value, rows, changed, toPositive, toNegative }) =>
      html`<tr><th scope="row">${attribute} = ${value === '' ? '(empty)' : value}</th><td class="number">${count(rows)}</td><td class="number">${count(toPositive)}</td><td class="number">${count(toNegative)}</td><td class="number">${percent(changed / rows)}</td>${barCell(changed / rows, most)}</tr>`,
  )}</tbody></table></div>
${
  classes &&
  moves.length > 0 &&
  html`<p>Most frequent: ${moves.map(({ from, to, rows }) => `${classes[from]} → ${classes[to]} (${count(rows)})`).join(', ')}.</p>`
}`;
}

const FAIRNESS = {
  'disparate-impact': { of: 'Share of positive decisions', says: 'The lowest share over the highest' },
  'equal-opportunity-difference': { of: 'Recall', says: 'The largest difference of recall' },
} as const;

export const fairnessSection = (results: readonly FairnessResult[]): readonly Markup[] =>
  results.map(
    ({ attribute, metric, value, groups, ...interval }) => html`<h3>${metric} by ${attribute}: ${number(value)}</h3>
<p class="quiet">${FAIRNESS[metric].says} between groups; 95\u00a0% of resamples: ${span(interval)}.</p>
<table class="tight"><thead><tr><th scope="col">${attribute}</th><th scope="col" class="number">Rows</th><th scope="col" class="number">${FAIRNESS[metric].of}</th><td class="bars"></td></tr></thead><tbody>${groups.map(
      ({ group, rows, rate, low, high }) =>
        html`<tr><th scope="row">${group === '' ? '(empty)' : group}</th><td class="number">${count(rows)}</td><td class="number">${percent(rate)}<br><small class="quiet">${percent(low)} to ${percent(high)}</small></td>${rangeCell({ value: rate, low, high }, 1)}</tr>`,
    )}</tbody></table>`,
  );
