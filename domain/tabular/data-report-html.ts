import { html, Markup } from '../mail/markup.ts';
import type { ColumnReport } from './column-checks.ts';
import type { DataReport, TrainingDrift } from './data-report.ts';
import { type DataProblem, isExpectation, placeText } from './problems.ts';

/** Contrast is AA in both schemes. */
const STYLE = `:root{color-scheme:light dark;--page:#f4f5f7;--card:#fff;--text:#1c2024;--quiet:#55606b;--line:#d5dae0;--bar:#9db8e8;--good:#14663a;--good-back:#e4f5eb;--bad:#a3261b;--bad-back:#fdeceb}
@media (prefers-color-scheme:dark){:root{--page:#14171a;--card:#1e2226;--text:#e8eaed;--quiet:#a9b1ba;--line:#3a4148;--bar:#4a6ea8;--good:#8fd9ae;--good-back:#143323;--bad:#ffb4ab;--bad-back:#45191a}}
*{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--text);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif;overflow-wrap:anywhere}
main{max-width:860px;margin:0 auto;padding:16px 16px 64px}h1{font-size:1.5rem;line-height:1.25;margin:8px 0}h2{font-size:1.15rem;line-height:1.3;margin:0 0 10px}h3{font-size:1rem;margin:0 0 6px}p{margin:0 0 10px}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:18px 20px;margin:14px 0}.card>:last-child{margin-bottom:0}
.tag{display:inline-block;border-radius:99px;padding:2px 12px;font-size:.9rem;font-weight:600;background:var(--good-back);color:var(--good)}.Refused{background:var(--bad-back);color:var(--bad)}
.quiet{color:var(--quiet)}.problem{border-left:4px solid var(--bad);padding:2px 0 2px 14px;margin:0 0 18px}.problem>:last-child{margin-bottom:0}
dl{display:grid;grid-template-columns:minmax(110px,auto) 1fr;gap:6px 18px;margin:0}dt{color:var(--quiet)}dd{margin:0}ul{margin:0;padding-left:20px}li{margin:0 0 6px}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.95rem}th,td{text-align:left;vertical-align:top;padding:6px 14px 6px 0;border-bottom:1px solid var(--line);overflow-wrap:normal}th{color:var(--quiet);font-weight:600;white-space:nowrap}table+p,.wide+p{margin-top:10px}.n{text-align:right}
.where{width:1%;white-space:nowrap}.name{min-width:8em;overflow-wrap:anywhere}code{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:.92em;white-space:pre-wrap}.bar{display:block;height:6px;margin-top:3px;border-radius:3px;background:var(--bar)}
@media (max-width:520px){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:10px}.card{padding:14px 16px}h1{font-size:1.3rem}}`;

/** A page that needs nothing else: no script, no address outside; readable on a phone, in light and dark. */
export function dataReportHtml(report: DataReport): string {
  const { model, release, verdict, findings, drift, columns } = report;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark"><title>${model} ${release}: data ${verdict}</title><style>${new Markup(STYLE)}</style></head>
<body><main><h1>Data of ${model}, release ${release}</h1><p><span class="tag ${verdict}">${verdict}</span></p><p>${summary(report)}</p>
${problems(report)}
${findings.length > 0 && html`<section class="card"><h2>Worth knowing</h2><ul>${findings.map((finding) => html`<li>${finding}</li>`)}</ul></section>`}
${drift && driftTable(drift)}
${columns.length > 0 && html`<section class="card"><h2>Features</h2>${featureTable(report)}</section>`}
${labels(report)}
${facts(report)}
</main></body></html>
`.toString();
}

function summary({ verdict, rows, testRows, problemCount, findings }: DataReport): string {
  const test = testRows === undefined ? '' : `, and ${count(testRows)} in the test file`;
  if (verdict === 'Accepted')
    return `${count(rows)} rows were checked${test}: nothing speaks against training on them, ${findings.length === 0 ? 'and nothing is remarkable' : 'and some things are worth knowing'}.`;
  return `${rows > 0 ? `${count(rows)} rows were checked${test}: ` : ''}${problemCount === 1 ? 'one problem' : `${count(problemCount)} problems`} to mend. Nothing was trained, and what serves stays as it is.`;
}

function problems({ problems: sentences, problemDetails, problemCount }: DataReport) {
  if (sentences.length === 0) return false;
  const hidden = problemCount - sentences.length;
  return html`<section class="card"><h2>To mend</h2>${problemDetails ? problemDetails.map(problem) : html`<ul>${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul>`}
${hidden > 0 && html`<p class="quiet">… and ${count(hidden)} more</p>`}</section>`;
}

function problem({ what, rows = 0, examples, hint }: DataProblem): Markup {
  const more = rows - examples.length;
  const where = examples.map(
    (example) =>
      html`<tr><td class="where">${placeText(example)}</td><td>${example.value !== undefined && html`<code>${example.value}</code>`}</td></tr>`,
  );
  return html`<div class="problem"><h3>${what}</h3>${hint !== undefined && html`<p class="quiet">${hint}</p>`}
${examples.length > 0 && html`<p>${isExpectation(what) ? 'Not so' : 'So'} in ${rows === 1 ? 'one row' : `${count(rows)} rows`}${more > 0 && `, of which the first ${examples.length}`}:</p><table>${where}</table>`}</div>`;
}

const driftTable = ({ againstVersion, features }: NonNullable<DataReport['drift']>): Markup =>
  html`<section class="card"><h2>Against version ${againstVersion}’s training data</h2>${
    features.length === 0
      ? html`<p>No feature differs by enough to matter.</p>`
      : html`<div class="wide"><table><tr><th>feature</th><th>measure</th><th class="n">value</th><th class="n">much from</th></tr>${features.map(drifted)}</table></div>`
  }</section>`;

const drifted = ({ feature, statistic, value, threshold }: TrainingDrift): Markup =>
  html`<tr><td class="name">${feature}</td><td>${statistic}</td><td class="n">${shown(value)}</td><td class="n">${shown(threshold)}</td></tr>`;

const featureTable = ({ columns, rows }: DataReport): Markup =>
  html`<div class="wide"><table><tr><th>name</th><th>type</th><th class="n">missing</th><th class="n">distinct</th><th class="n">from</th><th class="n">to</th><th class="n">tells the target</th></tr>
${columns.map((column) => featureRow(column, rows))}</table></div><p class="quiet">The last column says how well the feature alone tells the target: AUC from 0.5 to 1 for classes, correlation from 0 to 1 for numbers.</p>`;

const featureRow = ({ name, type, missing, distinct, min, max, leakage }: ColumnReport, rows: number): Markup =>
  html`<tr><td class="name">${name}</td><td>${type}</td><td class="n">${missing === 0 ? '0' : `${count(missing)} (${percent(missing / rows)})`}</td><td class="n">${distinct >= 10_000 ? '10 000 or more' : count(distinct)}</td><td class="n">${shown(min)}</td><td class="n">${shown(max)}</td><td class="n">${shown(leakage)}</td></tr>`;

function labels({ classes }: DataReport) {
  if (!classes) return false;
  const total = Object.values(classes).reduce((sum, rows) => sum + rows, 0);
  return html`<section class="card"><h2>Labels</h2><table><tr><th>label</th><th class="n">rows</th><th>share</th></tr>${Object.entries(
    classes,
  ).map(
    ([label, rows]) =>
      html`<tr><td class="name">${label}</td><td class="n">${count(rows)}</td><td width="50%">${percent(rows / total)}<span class="bar" style="width:${((rows / total) * 100).toFixed(1)}%"></span></td></tr>`,
  )}</table></section>`;
}

function facts({ dataset, period, duplicates, quarantine, rows }: DataReport): Markup {
  const known: readonly (readonly [string, string | undefined])[] = [
    ['Upload', dataset.key],
    ['Version', dataset.versionId],
    ['SHA-256', dataset.sha256],
    ['Time', period && `${period.from} to ${period.to}`],
    [
      'Equal rows',
      duplicates === undefined ? undefined : `${count(duplicates)} (${percent(duplicates / Math.max(rows, 1))})`,
    ],
    ['Kept at', quarantine],
  ];
  return html`<section class="card"><h2>Dataset</h2><dl>${known
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl></section>`;
}

/** 12 345; a narrow space that does not break. */
const count = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, '\u202f');

const percent = (share: number): string => `${(share * 100).toFixed(share > 0 && share < 0.001 ? 3 : 1)} %`;

const shown = (value: number | undefined): string => (value === undefined ? '–' : String(Number(value.toPrecision(5))));
