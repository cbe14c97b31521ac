import { html, Markup } from '../mail/markup.ts';
import { oneLine } from '../mail/visible-text.ts';
import { type ComparedFeature, type Comparison, MEASURE_DEFINITIONS } from './compare.ts';

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}
table{border-collapse:collapse;margin:.5rem 0}td,th{text-align:left;padding:.2rem .8rem .2rem 0;border-bottom:1px solid #d8dee4}
td.n{text-align:right;font-variant-numeric:tabular-nums}.Drifted{color:#a40e26}.Stable{color:#116329}.InsufficientData{color:#6e5494}`;

/** The sections of features together; the page stays below 300 kB. */
const MOST_BYTES = 280_000;
/** Characters of a name or a category. */
const MOST_NAME = 80;
const MOST_WHY = 2_000;

const cut = (name: string): string => oneLine(name, MOST_NAME);

/** A page that needs nothing else: no script, no address outside. What moved comes first, and what has no room is said to. */
export function comparisonHtml(comparison: Comparison, baseline: string, current: string): string {
  const { model, features } = comparison;
  const sections = sectionsOf(features);
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><title>Drift: ${current} against ${baseline}</title><style>${new Markup(STYLE)}</style></head>
<body><h1 class="${model.verdict}">${model.verdict}</h1><p>${oneLine(model.why, MOST_WHY)}</p><p>${current} against ${baseline}</p>
${sections}
${sections.length < features.length && html`<p>${features.length - sections.length} more features are in what --json prints.</p>`}
<h2>Definitions</h2><table>${Object.entries(MEASURE_DEFINITIONS).map(([name, text]) => html`<tr><th>${name}</th><td>${text}</td></tr>`)}</table>
</body></html>
`.toString();
}

function sectionsOf(features: readonly ComparedFeature[]): Markup[] {
  const rank = ({ verdict }: ComparedFeature): number => (verdict === 'Drifted' ? 0 : 1);
  const sections: Markup[] = [];
  let bytes = 0;
  for (const feature of [...features].sort((a, b) => rank(a) - rank(b))) {
    const section = featureSection(feature);
    bytes += new TextEncoder().encode(section.text).byteLength;
    if (bytes > MOST_BYTES) break;
    sections.push(section);
  }
  return sections;
}

const featureSection = (
  feature: ComparedFeature,
) => html`<h2>${cut(feature.name)} <small class="${feature.verdict}">${feature.verdict}</small></h2>
<p>${feature.type}; ${feature.baselineRows} baseline rows, ${feature.currentRows} current rows; q ${shown(feature.qValue)}</p>
<table>${Object.entries(feature.measures).map(([name, value]) => html`<tr><th>${name}</th><td class="n">${shown(value)}</td></tr>`)}</table>
${feature.edges && html`<p>edges: ${feature.edges.map((edge) => String(Number(edge.toPrecision(6)))).join(', ')}</p>`}
<table><tr><th>what moved most</th><th>baseline</th><th>current</th></tr>
${feature.shifts.map(({ of, baseline, current }) => html`<tr><td>${of === '' ? '(empty text)' : cut(of)}</td><td class="n">${percent(baseline)}</td><td class="n">${percent(current)}</td></tr>`)}</table>
`;

function shown(value: unknown): string {
  if (typeof value === 'number') return String(Number(value.toPrecision(6)));
  if (value === null || value === undefined) return '–';
  return Object.entries(value)
    .map(([name, member]) => `${name} ${shown(member)}`)
    .join(', ');
}

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
