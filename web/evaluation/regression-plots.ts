import type { Plots, Residuals } from '../../domain/evaluation/plots.ts';
import { html, type Markup } from '../../domain/mail/markup.ts';
import { place, plotFigure } from './plot-frame.ts';
import { count, number } from './words.ts';

/** @param target the column that is predicted */
export const regressionPlots = ({ candidate }: Extract<Plots, { kind: 'regression' }>, target: string): Markup[] => [
  predictions(candidate, target),
  residuals(candidate, target),
];

function predictions({ points, rows }: Residuals, target: string): Markup {
  const values = points.flat();
  const [from, to] = [Math.min(...values), Math.max(...values)];
  const axis = { from, to: to === from ? from + 1 : to };
  return plotFigure({
    title: 'Predicted and actual',
    summary: `${points.length < rows ? `${points.length} of ${count(rows)} rows, drawn at random` : `All ${count(rows)} rows`}; on the line, prediction and answer are equal.`,
    x: { label: `predicted ${target}`, ...axis },
    y: { label: `actual ${target}`, ...axis },
    draw: (x, y) => [
      html`<line class="reference" x1="${place(x(axis.from))}" y1="${place(y(axis.from))}" x2="${place(x(axis.to))}" y2="${place(y(axis.to))}"/>`,
      ...points.map(
        ([predicted, actual]) =>
          html`<circle class="point" cx="${place(x(predicted))}" cy="${place(y(actual))}" r="2.2"/>`,
      ),
    ],
    legend: [{ mark: 'reference', text: 'predicted = actual' }],
  });
}

function residuals({ histogram: { low, high, rows } }: Residuals, target: string): Markup {
  const width = (high - low) / rows.length || 1;
  const most = Math.max(...rows) * 1.05;
  return plotFigure({
    title: 'Residuals',
    summary: `Actual − predicted ${target}, from ${number(low)} to ${number(high)}; the half per cent beyond either end is in the outermost bars.`,
    x: { label: 'actual − predicted', from: low, to: low + width * rows.length },
    y: { label: 'rows', from: 0, to: most },
    draw: (x, y) => [
      ...rows.map((of, i) => {
        const left = x(low + i * width);
        return html`<rect class="positives" x="${place(left)}" y="${place(y(of))}" width="${place(Math.max(0.5, x(low + (i + 1) * width) - left - 1))}" height="${place(y(0) - y(of))}"/>`;
      }),
      html`<line class="threshold" x1="${place(x(0))}" x2="${place(x(0))}" y1="${y(0)}" y2="${y(most)}"/>`,
    ],
    legend: [{ mark: 'threshold', text: 'no error' }],
  });
}
