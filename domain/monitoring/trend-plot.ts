import { html, type Markup } from '../mail/markup.ts';
import type { Trend, TrendPoint } from './trend.ts';

const WIDTH = 800;
const HEIGHT = 150;
const LEFT = 56;
const RIGHT = 12;
const TOP = 10;
const BOTTOM = 28;

/** Classes that a page with trends styles. */
export const TREND_STYLE =
  '.line{fill:none;stroke:#3b7ddd;stroke-width:2}.bar{stroke:#c5221f;stroke-dasharray:5 4}.axis{stroke:#8888}.ok{fill:#3b7ddd}.bad{fill:#c5221f}.none{fill:none;stroke:#8888}';

/** Curves of drift and of quality; nothing where there is one window only. */
export function trendSection({ drift, quality }: Trend): Markup {
  const curves = quality.filter(({ points }) => known(points).length > 1);
  if (drift.length < 2 && curves.length === 0) return html``;
  return html`<h2>Over time</h2>
${drift.length > 1 && html`<h3>Largest effect of any feature, relative to its threshold</h3>${trendPlot('largest effect by window', drift, 1)}`}
${curves.map(({ metric, points }) => html`<h3>${metric} of predictions whose outcome is known</h3>${trendPlot(`${metric} by window`, points)}`)}
<p class="quiet">One mark per window, at its start (UTC); red: beyond its bar; hollow: too little to measure.</p>
`;
}

const known = (points: readonly TrendPoint[]): number[] => points.flatMap(({ value }) => value ?? []);

/**
 * Values over windows; a gap where nothing was measured.
 *
 * @param bar drawn across, where there is one
 */
function trendPlot(label: string, points: readonly TrendPoint[], bar?: number): Markup {
  const { low, high } = rangeOf(known(points), bar);
  const x = (i: number): number => LEFT + (i * (WIDTH - LEFT - RIGHT)) / Math.max(1, points.length - 1);
  const y = (value: number): number => TOP + ((high - value) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const px = (value: number): string => value.toFixed(1);
  const base = HEIGHT - BOTTOM;
  const marks = points.map(({ at, value, bad }, i) =>
    value === null
      ? html`<circle class="none" cx="${px(x(i))}" cy="${base}" r="3"><title>${at.slice(0, 16)}: not measured</title></circle>`
      : html`<circle class="${bad ? 'bad' : 'ok'}" cx="${px(x(i))}" cy="${px(y(value))}" r="4"><title>${at.slice(0, 16)}: ${short(value)}</title></circle>`,
  );
  const lines = runsOf(points).map(
    (run) =>
      html`<polyline class="line" points="${run.map(([i, value]) => `${px(x(i))},${px(y(value))}`).join(' ')}"/>`,
  );
  const ticks = [...new Set([0, Math.floor((points.length - 1) / 2), points.length - 1])].map(
    (i) =>
      html`<text x="${px(x(i))}" y="${HEIGHT - 8}" text-anchor="${anchorOf(i, points.length)}">${points[i]!.at.slice(0, 10)}</text>`,
  );
  return html`<svg role="img" aria-label="${label}" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="100%"><line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${base}" y2="${base}"/><text x="${LEFT - 8}" y="${TOP + 5}" text-anchor="end">${short(high)}</text><text x="${LEFT - 8}" y="${base + 4}" text-anchor="end">${short(low)}</text>${bar !== undefined && html`<line class="bar" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${px(y(bar))}" y2="${px(y(bar))}"/>`}${lines}${marks}${ticks}</svg>`;
}

/** With a bar, from 0 and past it; else the values with a margin. */
function rangeOf(values: readonly number[], bar?: number): { readonly low: number; readonly high: number } {
  if (bar !== undefined) return { low: 0, high: Math.max(bar * 1.25, ...values.map((value) => value * 1.05)) };
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const margin = Math.max((most - least) * 0.15, Math.abs(most) * 0.005, 1e-9);
  return { low: least - margin, high: most + margin };
}

/** Stretches of windows next to each other that have a value, with their places. */
function runsOf(points: readonly TrendPoint[]): (readonly [number, number])[][] {
  const runs: (readonly [number, number])[][] = [[]];
  points.forEach(({ value }, i) => {
    if (value === null) runs.push([]);
    else runs.at(-1)!.push([i, value]);
  });
  return runs.filter((run) => run.length > 1);
}

const anchorOf = (i: number, count: number): string => (i === 0 ? 'start' : i === count - 1 ? 'end' : 'middle');

const short = (value: number): string => String(Number(value.toPrecision(3)));
