import type { Evidence } from '../domain/approval/evidence.ts';
import { count, figure } from '../domain/approval/measured-words.ts';
import { html, type Markup } from '../domain/mail/markup.ts';

export const section = (title: string, content: Markup): Markup =>
  html`<section class="card"><h2>${title}</h2>${content}</section>`;

/** What a person judges by, after the words and the decision, in the order of the mail. */
export const evidenceSections = (evidence: Evidence): Markup => html`
${evidence.changes.length > 0 && section('What changes', html`${items(evidence.changes)}${evidence.definitionDiff.length > 0 && html`<h3>model.yaml against what serves</h3>${diff(evidence)}`}`)}
${evidence.sinceLast.length > 0 && section('Since you last approved', items(evidence.sinceLast))}
${evidence.metrics.length > 0 && section(isCompared(evidence) ? 'Candidate and champion' : 'Measured', metrics(evidence))}
${evidence.gates.length > 0 && section('Gates', gates(evidence))}
${evidence.slices.length > 0 && section('Where it does worst', slices(evidence))}
${evidence.findings.length > 0 && section('What the checks found', items(evidence.findings))}`;

const items = (texts: readonly string[]): Markup => html`<ul>${texts.map((text) => html`<li>${text}</li>`)}</ul>`;

const isCompared = ({ metrics: rows }: Evidence): boolean => rows.some(({ champion }) => champion !== undefined);

const DIFFERENCES = {
  better: { tone: 'good', text: 'better' },
  worse: { tone: 'bad', text: 'worse' },
  'the same': { tone: 'even', text: 'by chance' },
} as const;

function metrics(evidence: Evidence): Markup {
  const compared = isCompared(evidence);
  const head = compared
    ? html`<th scope="col" class="number">Serves now</th><th scope="col" class="number">Candidate</th><th scope="col">Difference (95 %)</th>`
    : html`<th scope="col" class="number">Candidate (95 %)</th>`;
  const rest = ({ candidate, champion, difference = '–', between, verdict }: Evidence['metrics'][number]): Markup =>
    compared
      ? html`<td class="number">${champion ?? '–'}</td><td class="number">${candidate}</td><td>${difference} ${verdict && between !== undefined && html`<span class="tag ${DIFFERENCES[verdict].tone}">${DIFFERENCES[verdict].text}</span> <span class="quiet">(${between})</span>`}</td>`
      : html`<td class="number">${candidate}</td>`;
  return html`<div class="scroll" role="region" aria-label="Metrics" tabindex="0"><table><thead><tr><th scope="col">Metric</th>${head}</tr></thead><tbody>${evidence.metrics.map(
    (row) => html`<tr><th scope="row">${row.metric}</th>${rest(row)}</tr>`,
  )}</tbody></table></div>`;
}

const VERDICTS = {
  Passed: { tone: 'good', text: 'passed' },
  Failed: { tone: 'bad', text: 'failed' },
  NotComparable: { tone: 'plain', text: 'not comparable' },
  Undefined: { tone: 'bad', text: 'undefined' },
} as const;

const gates = ({ gates: rows }: Evidence): Markup =>
  html`<ul class="verdicts">${rows.map(
    ({ metric, measured, needed, verdict, why }) =>
      html`<li><span class="tag ${VERDICTS[verdict].tone}">${VERDICTS[verdict].text}</span> <strong>${metric}</strong>${measured !== null && html` ${figure(measured)}`}; needed: ${needed}. <span class="quiet">${why}</span></li>`,
  )}</ul>`;

const slices = ({ slices: rows }: Evidence): Markup =>
  html`<div class="scroll" role="region" aria-label="Slices" tabindex="0"><table><thead><tr><th scope="col">Slice</th><th scope="col" class="number">Rows</th><th scope="col" class="number">${rows[0]?.metric ?? ''}</th></tr></thead><tbody>${rows.map(
    ({ slice, rows: number, value }) =>
      html`<tr><th scope="row">${slice}</th><td class="number">${count(number)}</td><td class="number">${figure(value)}</td></tr>`,
  )}</tbody></table></div>`;

const MARKS = { same: ' ', gone: '−', new: '+', skipped: ' ' } as const;

/** Marked by a sign as well as by colour. */
const diff = ({ definitionDiff }: Evidence): Markup =>
  html`<div class="scroll" role="region" aria-label="Changes of model.yaml" tabindex="0"><pre>${definitionDiff.map(
    ({ kind, text }) => html`<span class="${kind}">${MARKS[kind]} ${text}</span>\n`,
  )}</pre></div>`;
