import type { Evidence } from '../domain/approval/evidence.ts';
import { html, type Markup } from '../domain/mail/markup.ts';

export const section = (title: string, content: Markup): Markup =>
  html`<section class="card"><h2>${title}</h2>${content}</section>`;

/** What a person judges by, after the words and the decision, in the order of the mail. */
export const evidenceSections = (evidence: Evidence): Markup => html`
${evidence.changes.length > 0 && section('What changes', html`<ul>${evidence.changes.map((text) => html`<li>${text}</li>`)}</ul>`)}
${evidence.metrics.length > 0 && section(isCompared(evidence) ? 'Candidate and champion' : 'Measured', metrics(evidence))}
${evidence.gates.length > 0 && section('Gates', gates(evidence))}
${evidence.slices.length > 0 && section('Where it does worst', slices(evidence))}
${evidence.definitionDiff.length > 0 && section('model.yaml against what serves', diff(evidence))}
${evidence.findings.length > 0 && section('Findings', html`<ul>${evidence.findings.map((text) => html`<li>${text}</li>`)}</ul>`)}`;

const isCompared = ({ metrics: rows }: Evidence): boolean => rows.some(({ champion }) => champion !== undefined);

function metrics({ metrics: rows }: Evidence): Markup {
  const compared = rows.some(({ champion }) => champion !== undefined);
  return html`<div class="scroll" role="region" aria-label="Metrics" tabindex="0"><table><thead><tr><th scope="col">Metric</th><th scope="col" class="number">Candidate</th>${compared && html`<th scope="col" class="number">Champion</th><th scope="col" class="number">Difference</th>`}</tr></thead><tbody>${rows.map(
    (row) =>
      html`<tr><th scope="row">${row.metric}</th><td class="number">${row.candidate}</td>${compared && html`<td class="number">${row.champion ?? '–'}</td><td class="number">${row.difference ?? '–'}</td>`}</tr>`,
  )}</tbody></table></div>`;
}

const VERDICTS = {
  Passed: { tone: 'good', text: 'passed' },
  Failed: { tone: 'bad', text: 'failed' },
  NotComparable: { tone: 'plain', text: 'not comparable' },
  Undefined: { tone: 'bad', text: 'undefined' },
} as const;

const gates = ({ gates: rows }: Evidence): Markup =>
  html`<div class="scroll" role="region" aria-label="Gates" tabindex="0"><table><thead><tr><th scope="col">Gate</th><th scope="col" class="number">Measured</th><th scope="col">Needed</th><th scope="col">Verdict</th></tr></thead><tbody>${rows.map(
    ({ metric, measured, needed, verdict, why }) =>
      html`<tr><th scope="row">${metric}</th><td class="number">${measured === null ? '–' : String(Number(measured.toPrecision(4)))}</td><td>${needed}</td><td><span class="tag ${VERDICTS[verdict].tone}">${VERDICTS[verdict].text}</span> <span class="quiet">${why}</span></td></tr>`,
  )}</tbody></table></div>`;

const slices = ({ slices: rows }: Evidence): Markup =>
  html`<div class="scroll" role="region" aria-label="Slices" tabindex="0"><table><thead><tr><th scope="col">Slice</th><th scope="col" class="number">Rows</th><th scope="col" class="number">${rows[0]?.metric ?? ''}</th></tr></thead><tbody>${rows.map(
    ({ slice, rows: count, value }) =>
      html`<tr><th scope="row">${slice}</th><td class="number">${count.toLocaleString('en')}</td><td class="number">${String(Number(value.toPrecision(3)))}</td></tr>`,
  )}</tbody></table></div>`;

const MARKS = { same: ' ', gone: '−', new: '+', skipped: ' ' } as const;

/** Marked by a sign as well as by colour. */
const diff = ({ definitionDiff }: Evidence): Markup =>
  html`<div class="scroll" role="region" aria-label="Changes of model.yaml" tabindex="0"><pre>${definitionDiff.map(
    ({ kind, text }) => html`<span class="${kind}">${MARKS[kind]} ${text}</span>\n`,
  )}</pre></div>`;
