import { html, Markup } from '../mail/markup.ts';
import { minute } from '../monitoring/recent-changes.ts';
import { costInWords, valueInWords } from '../monitoring/worth.ts';
import { gateInWords, type SliceQuality } from './evaluate-window.ts';
import type { QualityReport } from './quality-report.ts';

const STYLE = new Markup(`
:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:960px;margin:24px auto;padding:0 16px}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:4px 10px 4px 0;border-bottom:1px solid #8884}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}.Failed{color:#c5221f;font-weight:600}.quiet{opacity:.75}`);

const number = (value: number | undefined): string => (value === undefined ? '–' : value.toFixed(4));
const count = (value: number): string => value.toLocaleString('en-US');

/** An evaluation as one self-contained page: no script, nothing loaded. */
export function qualityReportHtml(report: QualityReport): string {
  const { model, version, window, verdict, why, metrics, intervals, atValidation, gates, slices, slicesLeftOut } =
    report;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${model} version ${version}: quality ${verdict}</title><style>${STYLE}</style></head><body>
<h1>${model} version ${version}: <span class="${verdict}">${verdict}</span></h1>
<p>${why}</p>
<p class="quiet">Predictions of ${minute(window.countsFrom)} to ${minute(window.end)}. ${coverageInWords(report)}</p>
${worthSection(report)}<h2>Measures</h2>
<table><tr><th>Measure</th><th class="n">Here</th><th class="n">95 % from</th><th class="n">to</th><th class="n">At validation</th></tr>
${Object.entries(metrics).map(
  ([name, value]) =>
    html`<tr><td>${name}</td><td class="n">${number(value)}</td><td class="n">${number(intervals[name]?.low)}</td><td class="n">${number(intervals[name]?.high)}</td><td class="n">${number(atValidation[name])}</td></tr>`,
)}</table>
${gates.length > 0 && html`<h2>Gates</h2><table>${gates.map((gate) => html`<tr><td class="${gate.verdict}">${gate.verdict}</td><td>${gateInWords(gate)}</td></tr>`)}</table>`}
${slices.length > 0 && slicesTable(slices, Object.keys(intervals))}
${slicesLeftOut.map(({ attribute, slices: left, rows }) => html`<p class="quiet">${attribute}: ${left} slices with ${count(rows)} rows are too small to be measured, or unknown.</p>`)}
</body></html>
`.text;
}

/** Of the window itself, without those that were counted with it for want of labels. */
function worthSection({ window, value, cost }: QualityReport): Markup {
  const rows = [
    ...(value ? [['Value of decisions', valueInWords(value)]] : []),
    ...(cost ? [['Serving cost', costInWords(cost)]] : []),
  ];
  if (rows.length === 0) return html``;
  return html`<h2>Worth</h2>
<table>${rows.map(([name, words]) => html`<tr><td>${name}</td><td>${words}</td></tr>`)}</table>
<p class="quiet">Of ${minute(window.start)} to ${minute(window.end)}${value && html`; each decision at what business in model.yaml says it is worth, and nothing is made of those whose outcome is not known`}.</p>
`;
}

const slicesTable = (slices: readonly SliceQuality[], metrics: readonly string[]): Markup => html`<h2>Slices</h2>
<table><tr><th>Slice</th><th class="n">Rows</th>${metrics.map((name) => html`<th class="n">${name}</th>`)}</tr>
${slices.map(
  ({ attribute, value, rows, intervals }) =>
    html`<tr><td>${attribute} = ${value.slice(0, 60)}</td><td class="n">${count(rows)}</td>${metrics.map((name) => {
      const of = intervals[name];
      return html`<td class="n">${of ? `${number(of.value)} (${number(of.low)} to ${number(of.high)})` : '–'}</td>`;
    })}</tr>`,
)}</table>`;

/** Of which predictions the numbers are, in sentences. */
export function coverageInWords({ labelled, predictions, coverage, captured }: QualityReport): string {
  const share = coverage === null ? '' : ` (${(coverage * 100).toFixed(1)} %)`;
  const sampled =
    captured.fraction < 1
      ? ` They are a sample by id: ${Number((captured.fraction * 100).toPrecision(3))} % of all.`
      : '';
  const lost = captured.withoutId + captured.withoutScore + captured.unread;
  const left = lost > 0 ? ` ${count(lost)} captured rows have no id or no score, or could not be read.` : '';
  return `The outcome of ${count(labelled)} of ${count(predictions)} predictions${share} is known.${sampled}${left}`;
}
