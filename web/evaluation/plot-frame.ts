import { type ScaleLinear, scaleLinear } from 'd3-scale';
import { html, type Markup } from '../../domain/mail/markup.ts';

const WIDTH = 340;
const HEIGHT = 270;
const MARGIN = { left: 46, right: 12, top: 10, bottom: 40 };
const TICKS = 5;

export type Scale = ScaleLinear<number, number>;

/** A plot: axes with their names, and what is drawn between them. */
export interface Plot {
  readonly title: string;
  /** What the picture says, for those who do not see it. */
  readonly summary: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly draw: (x: Scale, y: Scale) => Markup | readonly Markup[];
  readonly legend?: readonly LegendEntry[];
}

export interface Axis {
  readonly label: string;
  readonly from: number;
  readonly to: number;
}

/** Drawn as what it explains is drawn: by line style, never by colour alone. */
export interface LegendEntry {
  readonly mark: 'candidate' | 'champion' | 'reference' | 'positives' | 'negatives' | 'threshold';
  readonly text: string;
}

/** An SVG that takes its colours from the page, with a caption that says what it shows. */
export function plotFigure({ title, summary, x, y, draw, legend = [] }: Plot): Markup {
  const across = scaleLinear([x.from, x.to], [MARGIN.left, WIDTH - MARGIN.right]);
  const up = scaleLinear([y.from, y.to], [HEIGHT - MARGIN.bottom, MARGIN.top]);
  return html`<figure class="plot"><figcaption><h3>${title}</h3><p class="quiet">${summary}</p></figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}. ${summary}">
${xAxis(across, x.label)}${yAxis(up, y.label)}
${draw(across, up)}
</svg>
${legend.length > 0 && html`<ul class="legend">${legend.map(legendEntry)}</ul>`}</figure>`;
}

function xAxis(scale: Scale, label: string): Markup {
  const ticks = ticksOf(scale);
  const bottom = HEIGHT - MARGIN.bottom;
  return html`<g class="axis">${ticks.map(
    ({ at, text }) =>
      html`<line class="grid" x1="${at}" x2="${at}" y1="${MARGIN.top}" y2="${bottom}"/><text x="${at}" y="${bottom + 15}" text-anchor="middle">${text}</text>`,
  )}<text class="name" x="${(MARGIN.left + WIDTH - MARGIN.right) / 2}" y="${HEIGHT - 6}" text-anchor="middle">${label}</text></g>`;
}

function yAxis(scale: Scale, label: string): Markup {
  const middle = (MARGIN.top + HEIGHT - MARGIN.bottom) / 2;
  return html`<g class="axis">${ticksOf(scale).map(
    ({ at, text }) =>
      html`<line class="grid" x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${at}" y2="${at}"/><text x="${MARGIN.left - 6}" y="${at + 4}" text-anchor="end">${text}</text>`,
  )}<text class="name" x="12" y="${middle}" transform="rotate(-90 12 ${middle})" text-anchor="middle">${label}</text></g>`;
}

function ticksOf(scale: Scale): { readonly at: number; readonly text: string }[] {
  const format = scale.tickFormat(TICKS);
  return scale.ticks(TICKS).map((value) => ({ at: place(scale(value)), text: format(value) }));
}

const legendEntry = ({ mark, text }: LegendEntry): Markup =>
  html`<li><svg class="key" viewBox="0 0 26 12" aria-hidden="true">${KEYS[mark]}</svg> ${text}</li>`;

const line = (name: string): Markup => html`<line class="${name}" x1="0" x2="26" y1="6" y2="6"/>`;
const block = (name: string): Markup => html`<rect class="${name}" x="0" y="1" width="26" height="10"/>`;

const KEYS: Readonly<Record<LegendEntry['mark'], Markup>> = {
  candidate: line('candidate'),
  champion: line('champion'),
  reference: line('reference'),
  threshold: line('threshold'),
  positives: block('positives'),
  negatives: block('negatives'),
};

/** A tenth of a pixel is enough; more digits would be most of the page. */
export const place = (value: number): number => Math.round(value * 10) / 10;
