import { area, curveStepAfter, line } from 'd3-shape';
import type { BinaryCurves, CalibrationPoint, Plots, Point } from '../../domain/evaluation/plots.ts';
import { html, type Markup } from '../../domain/mail/markup.ts';
import { type LegendEntry, place, plotFigure, type Scale } from './plot-frame.ts';
import { count, number, percent } from './words.ts';

const SHARE = { from: 0, to: 1 };

/** What differs between the models on a plot: their curves and what they are called. */
export interface Contestants {
  readonly candidate: BinaryCurves;
  readonly champion?: BinaryCurves;
  /** `version 1` */
  readonly championName: string;
  readonly metrics: Readonly<Record<string, number>>;
  readonly championMetrics: Readonly<Record<string, number>>;
  readonly positiveClass: string;
  readonly threshold: number;
}

export const binaryPlots = (
  plots: Extract<Plots, { kind: 'binary' }>,
  more: Omit<Contestants, 'candidate' | 'champion'>,
) => {
  const of: Contestants = { ...plots, ...more };
  return [roc(of), precisionRecall(of), calibration(of), scores(of)].filter((figure) => figure !== undefined);
};

const pathOf = (points: readonly Point[], x: Scale, y: Scale): string =>
  line<Point>()
    .x(([at]) => place(x(at)))
    .y(([, at]) => place(y(at)))(points) ?? '';

const both =
  ({ candidate, champion }: Contestants, pick: (of: BinaryCurves) => readonly Point[]) =>
  (x: Scale, y: Scale) =>
    html`${champion && html`<path class="champion" d="${pathOf(pick(champion), x, y)}"/>`}<path class="candidate" d="${pathOf(pick(candidate), x, y)}"/>`;

function named({ champion, championName, metrics, championMetrics }: Contestants, metric: string): LegendEntry[] {
  const value = (of: Readonly<Record<string, number>>) => (of[metric] === undefined ? '' : `, ${number(of[metric])}`);
  return [
    { mark: 'candidate', text: `candidate${value(metrics)}` },
    ...(champion ? [{ mark: 'champion' as const, text: `${championName}, serving${value(championMetrics)}` }] : []),
  ];
}

const dot = (x: Scale, y: Scale, [across, up]: Point): Markup =>
  html`<circle class="dot" cx="${place(x(across))}" cy="${place(y(up))}" r="4.5"/>`;

function roc(of: Contestants): Markup {
  const { decides } = of.candidate;
  const at: Point = [decides.falsePositiveRate, decides.recall];
  return plotFigure({
    title: 'ROC',
    summary: `Where it decides (the dot), it finds ${percent(at[1])} of ${of.positiveClass} and takes ${percent(at[0])} of the others for it.`,
    x: { label: 'false positive rate', ...SHARE },
    y: { label: 'true positive rate', ...SHARE },
    draw: (x, y) => [
      html`<line class="reference" x1="${x(0)}" y1="${y(0)}" x2="${x(1)}" y2="${y(1)}"/>`,
      both(of, ({ roc }) => roc)(x, y),
      dot(x, y, at),
    ],
    legend: [...named(of, 'auc'), { mark: 'reference', text: 'chance, 0.5' }],
  });
}

function precisionRecall(of: Contestants): Markup {
  const { decides, rows, scores } = of.candidate;
  const share = scores.positives.reduce((sum, one) => sum + one, 0) / rows;
  const { precision, recall } = decides;
  const summary =
    precision === undefined
      ? `At its threshold it decides for ${of.positiveClass} nowhere.`
      : `Of what it decides to be ${of.positiveClass}, ${percent(precision)} is.`;
  return plotFigure({
    title: 'Precision and recall',
    summary,
    x: { label: 'recall', ...SHARE },
    y: { label: 'precision', ...SHARE },
    draw: (x, y) => [
      html`<line class="reference" x1="${x(0)}" y1="${place(y(share))}" x2="${x(1)}" y2="${place(y(share))}"/>`,
      both(of, ({ pr }) => pr)(x, y),
      ...(precision === undefined ? [] : [dot(x, y, [recall, precision])]),
    ],
    legend: [...named(of, 'prAuc'), { mark: 'reference', text: `share of ${of.positiveClass}, ${number(share)}` }],
  });
}

function calibration(of: Contestants): Markup | undefined {
  const { calibration: points } = of.candidate;
  return (
    points &&
    calibrationFigure(
      points,
      of.metrics.calibrationError,
      `share of ${of.positiveClass}`,
      named(of, 'calibrationError').slice(0, 1),
    )
  );
}

/** @param share what the vertical axis counts */
export function calibrationFigure(
  points: readonly CalibrationPoint[],
  error: number | undefined,
  share: string,
  legend: readonly LegendEntry[],
): Markup {
  const off = error === undefined ? '' : ` On average they are ${percent(error)} apart.`;
  return plotFigure({
    title: 'Calibration',
    summary: `What it says against what happens, per tenth of scores; bars are 95 % intervals.${off}`,
    x: { label: 'mean score', ...SHARE },
    y: { label: share, ...SHARE },
    draw: (x, y) => [
      html`<line class="reference" x1="${x(0)}" y1="${y(0)}" x2="${x(1)}" y2="${y(1)}"/>`,
      ...points.map(
        ({ meanScore, low, high }) =>
          html`<line class="whisker" x1="${place(x(meanScore))}" x2="${place(x(meanScore))}" y1="${place(y(low))}" y2="${place(y(high))}"/>`,
      ),
      html`<path class="candidate" d="${pathOf(
        points.map(({ meanScore, share: of }): Point => [meanScore, of]),
        x,
        y,
      )}"/>`,
      ...points.map(({ meanScore, share: of }) => dot(x, y, [meanScore, of])),
    ],
    legend: [...legend, { mark: 'reference', text: 'perfectly calibrated' }],
  });
}

function scores({ candidate, positiveClass, threshold }: Contestants): Markup {
  const { low, high, positives, negatives } = candidate.scores;
  const shares = (rows: readonly number[]) => {
    const all = rows.reduce((sum, one) => sum + one, 0);
    return rows.map((one) => (all === 0 ? 0 : one / all));
  };
  const [of, others] = [shares(positives), shares(negatives)];
  const top = Math.max(...of, ...others) * 1.05;
  const width = (high - low) / of.length;
  const steps = (x: Scale, y: Scale) => (rows: readonly number[]) =>
    area<number>()
      .curve(curveStepAfter)
      .x((_, i) => place(x(low + i * width)))
      .y0(place(y(0)))
      .y1((share) => place(y(share)))([...rows, rows.at(-1)!]) ?? '';
  return plotFigure({
    title: 'Scores',
    summary: `How ${count(candidate.rows)} rows score: ${positiveClass} and the others, each as shares of its own rows.`,
    x: { label: 'score', from: low, to: high === low ? low + 1 : high },
    y: { label: 'share of rows', from: 0, to: top },
    draw: (x, y) => [
      html`<path class="negatives" d="${steps(x, y)(others)}"/><path class="positives" d="${steps(x, y)(of)}"/>`,
      ...(threshold >= low && threshold <= high
        ? [
            html`<line class="threshold" x1="${place(x(threshold))}" x2="${place(x(threshold))}" y1="${y(0)}" y2="${y(top)}"/>`,
          ]
        : []),
    ],
    legend: [
      { mark: 'positives', text: positiveClass },
      { mark: 'negatives', text: `not ${positiveClass}` },
      { mark: 'threshold', text: `threshold, ${threshold}` },
    ],
  });
}
