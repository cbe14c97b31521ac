import { html, Markup } from '../mail/markup.ts';
import type { QualityEstimate } from '../quality/estimate.ts';
import {
  CLASSES_HEAD,
  classesTable,
  ESTIMATE_ASSUMES,
  estimateTable,
  leftOutInWords,
} from '../quality/estimate-finding.ts';
import { breakRow } from './data-finding.ts';
import type { DataBreak } from './data-quality.ts';
import type { DriftReport, ReportedFeature } from './drift-report.ts';
import type { Bar } from './feature-bars.ts';
import { minute } from './recent-changes.ts';
import { type ServiceRow, serviceTable } from './service.ts';
import type { Trend } from './trend.ts';
import { TREND_STYLE, trendSection } from './trend-plot.ts';
import { costInWords } from './worth.ts';

/** The page stays below this many features and pictures, and so below 300 kB. */
const MOST_ROWS = 300;
const MOST_PICTURES = 20;

const STYLE = new Markup(`
:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:960px;margin:24px auto;padding:0 16px}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:4px 10px 4px 0;border-bottom:1px solid #8884}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}.b{fill:#9aa5b1}.c{fill:#3b7ddd}text{fill:currentColor;font-size:11px}
.Drifted{color:#c5221f;font-weight:600}.quiet{opacity:.75}.key{display:inline-block;width:12px;height:12px;margin:0 4px 0 12px}
${TREND_STYLE}`);

/**
 * A check as one self-contained page: no script, nothing loaded.
 *
 * @param trend of the version's windows, this one the last
 */
export function driftReportHtml(report: DriftReport, trend: Trend = { drift: [], quality: [] }): string {
  const { model, version, window, verdict, why, rows, coverage, features } = report;
  const moved = features.filter(({ bars = [] }) => bars.length > 0);
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${model} version ${version}: ${verdict}</title><style>${STYLE}</style></head><body>
<h1>${model} version ${version}: <span class="${verdict}">${verdict}</span></h1>
<p>${why}</p>
<p class="quiet">${minute(window.countsFrom)} to ${minute(window.end)}: ${rows.current} rows against ${rows.baseline} training rows; ${coverage === null ? 'invocations were not counted' : `${Math.round(coverage * 100)} % captured`}.</p>
<p class="quiet">Serving cost: ${report.cost ? costInWords(report.cost) : 'not known'}.</p>
${trendSection(trend)}${
  moved.length > 0 &&
  html`<h2>What moved</h2>
<p class="quiet"><svg class="key"><rect class="b" width="12" height="12"/></svg>training <svg class="key"><rect class="c" width="12" height="12"/></svg>this window; shares of rows</p>`
}
${moved.slice(0, MOST_PICTURES).map(picture)}
${report.broken && dataSection(report.broken)}
${report.service && serviceSection(report.service)}
${report.estimate && estimateSection(report.estimate)}
<h2>Every feature</h2>
<table><tr><th>Feature</th><th>Verdict</th><th>Measure</th><th class="n">Value</th><th class="n">Threshold</th><th class="n">q</th></tr>${features.slice(0, MOST_ROWS).map(row)}</table>
${features.length > MOST_ROWS && html`<p class="quiet">${features.length - MOST_ROWS} more features are in the report's JSON.</p>`}
</body></html>
`.text;
}

const dataSection = (broken: readonly DataBreak[]): Markup =>
  html`<section><h2>Data quality</h2>${
    broken.length === 0
      ? html`<p>Nothing that training had is broken beyond what is let pass.</p>`
      : html`<table><tr><th>Feature</th><th>Broken</th><th class="n">In training</th><th class="n">Now</th><th>Seen</th></tr>${broken
          .slice(0, MOST_ROWS)
          .map(breakRow)
          .map(
            ([feature, rule, training, now, seen]) =>
              html`<tr><td>${feature}</td><td>${rule}</td><td class="n">${training}</td><td class="n">${now}</td><td>${seen}</td></tr>`,
          )}</table>`
  }<p class="quiet">Every constraint, without a margin: constraint_violations.json beside this page.</p></section>`;

const serviceSection = (service: ServiceRow): Markup => html`<section><h2>Errors and latency</h2>
<table><tr><th>Of ${service.calls.toLocaleString('en-US')} calls</th><th class="n">Now</th><th class="n">Usual in these hours</th></tr>${serviceTable(service).map(([measure, now, usual]) => html`<tr><td>${measure}</td><td class="n">${now}</td><td class="n">${usual}</td></tr>`)}</table>
${service.worse.length > 0 && html`<p>Clearly worse than usual: ${service.worse.join(', ')}.</p>`}</section>`;

const estimateSection = (estimate: QualityEstimate): Markup => html`<section><h2>Expected quality, without outcomes</h2>
<table><tr><th>Measure</th><th class="n">Expected</th><th class="n">95 % from</th><th class="n">to</th><th class="n">On the hold-out</th></tr>${estimateTable(estimate).map(([metric, ...numbers]) => html`<tr><td>${metric}</td>${numbers.map((number) => html`<td class="n">${number}</td>`)}</tr>`)}</table>
${
  estimate.expectedClasses &&
  html`<h3>What rows are expected to be</h3>${(estimate.undecided ?? 0) > 0 && html`<p class="quiet">${leftOutInWords(estimate.undecided!)}.</p>`}<table><tr>${CLASSES_HEAD.map((head, i) => html`<th${i > 0 && html` class="n"`}>${head}</th>`)}</tr>${classesTable(estimate.expectedClasses).map(([name, ...shares]) => html`<tr><td>${name}</td>${shares.map((share) => html`<td class="n">${share}</td>`)}</tr>`)}</table>`
}<p class="quiet">${ESTIMATE_ASSUMES}</p></section>`;

function picture({ name, bars = [], causes = [] }: ReportedFeature): Markup {
  return html`<section><h3>${name}</h3>${causes.map(({ rule, evidence }) => html`<p>${rule}: ${evidence}</p>`)}${plot(name, bars)}</section>\n`;
}

const ROW_HEIGHT = 30;
const LABEL_WIDTH = 200;
const PLOT_WIDTH = 480;

/** Two bars per category or range: grey is training, blue is now. */
function plot(name: string, bars: readonly Bar[]): Markup {
  const pairs = bars.filter(({ rest }) => !rest);
  const most = Math.max(...pairs.map(({ baseline, current }) => Math.max(baseline, current)), Number.MIN_VALUE);
  const width = (share: number): string => ((share / most) * PLOT_WIDTH).toFixed(1);
  const pair = ({ of, baseline, current, rest }: Bar, i: number): Markup =>
    html`<g transform="translate(0 ${i * ROW_HEIGHT})"><text x="${LABEL_WIDTH - 8}" y="17" text-anchor="end">${of === '' ? '(empty text)' : of.slice(0, 30)}</text>${!rest && html`<rect class="b" x="${LABEL_WIDTH}" y="3" height="10" width="${width(baseline)}"/><rect class="c" x="${LABEL_WIDTH}" y="14" height="10" width="${width(current)}"/>`}<text x="${LABEL_WIDTH + PLOT_WIDTH + 8}" y="17">${(baseline * 100).toFixed(1)} → ${(current * 100).toFixed(1)} %</text></g>`;
  return html`<svg role="img" aria-label="${name}: share of rows in training and now" viewBox="0 0 ${LABEL_WIDTH + PLOT_WIDTH + 120} ${bars.length * ROW_HEIGHT}" width="100%">${bars.map(pair)}</svg>`;
}

function row({ name, verdict, excluded, measures, qValue }: ReportedFeature): Markup {
  const q = qValue === null ? '–' : qValue >= 0.001 ? qValue.toFixed(3) : qValue.toExponential(0);
  const first = html`<td>${name}</td><td class="${verdict}">${excluded ? 'not judged' : verdict}</td>`;
  const [measure] = measures;
  if (!measure) return html`<tr>${first}<td>–</td><td class="n">–</td><td class="n">–</td><td class="n">${q}</td></tr>`;
  return html`${measures.map(
    ({ statistic, value, threshold }, i) =>
      html`<tr>${i === 0 ? first : html`<td></td><td></td>`}<td>${statistic}</td><td class="n">${value.toFixed(4)}</td><td class="n">${threshold.toFixed(4)}</td><td class="n">${i === 0 ? q : ''}</td></tr>`,
  )}`;
}
