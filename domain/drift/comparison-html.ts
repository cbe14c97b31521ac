import { html, Markup } from '../mail/markup.ts';
import { type ComparedFeature, type Comparison, MEASURE_DEFINITIONS } from './compare.ts';

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}
table{border-collapse:collapse;margin:.5rem 0}td,th{text-align:left;padding:.2rem .8rem .2rem 0;border-bottom:1px solid #d8dee4}
td.n{text-align:right;font-variant-numeric:tabular-nums}.Drifted{color:#a40e26}.Stable{color:#116329}.InsufficientData{color:#6e5494}`;

/** A page that needs nothing else: no script, no address outside. */
export function comparisonHtml(comparison: Comparison, baseline: string, current: string): string {
  const { model, features } = comparison;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Drift: ${current} against ${baseline}</title><style>${new Markup(STYLE)}</style></head>
<body><h1 class="${model.verdict}">${model.verdict}</h1><p>${model.why}</p><p>${current} against ${baseline}</p>
${features.map(featureSection)}
<h2>Definitions</h2><table>${Object.entries(MEASURE_DEFINITIONS).map(([name, text]) => html`<tr><th>${name}</th><td>${text}</td></tr>`)}</table>
</body></html>
`.toString();
}

const featureSection = (
  feature: ComparedFeature,
) => html`<h2>${feature.name} <small class="${feature.verdict}">${feature.verdict}</small></h2>
<p>${feature.type}; ${feature.baselineRows} baseline rows, ${feature.currentRows} current rows; q ${shown(feature.qValue)}</p>
<table>${Object.entries(feature.measures).map(([name, value]) => html`<tr><th>${name}</th><td class="n">${shown(value)}</td></tr>`)}</table>
<table><tr><th>what moved most</th><th>baseline</th><th>current</th></tr>
${feature.shifts.map(({ of, baseline, current }) => html`<tr><td>${of}</td><td class="n">${percent(baseline)}</td><td class="n">${percent(current)}</td></tr>`)}</table>
`;

function shown(value: unknown): string {
  if (typeof value === 'number') return String(Number(value.toPrecision(6)));
  if (value === null || value === undefined) return '–';
  return Object.entries(value)
    .map(([name, member]) => `${name} ${shown(member)}`)
    .join(', ');
}

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
