import { html, Markup } from '../mail/markup.ts';
import type { ColumnReport } from './column-checks.ts';
import type { DataProblem } from './problems.ts';

/** How a feature of the new training rows differs from what the champion was trained on. */
export interface TrainingDrift {
  readonly feature: string;
  readonly statistic: string;
  readonly value: number;
  readonly threshold: number;
}

/** What the checks of a dataset found, as `data-report.json` keeps it. */
export interface DataReport {
  readonly schema: 'launchway/data-report/v1';
  readonly model: string;
  readonly release: number;
  /** `sha256` of what was sealed; absent where it was refused before. */
  readonly dataset: { readonly key: string; readonly versionId?: string; readonly sha256?: string };
  readonly verdict: 'Accepted' | 'Refused';
  /** To train on, or to split. */
  readonly rows: number;
  /** Of the user's own test file. */
  readonly testRows?: number;
  /** Its earliest and its latest time, ISO 8601 UTC. */
  readonly period?: { readonly from: string; readonly to: string };
  readonly duplicates?: number;
  /** Rows per label; classification only. */
  readonly classes?: Readonly<Record<string, number>>;
  readonly columns: readonly ColumnReport[];
  /** Why it was refused: the first hundred, rows and columns named. */
  readonly problems: readonly string[];
  readonly problemCount: number;
  /** The same for programs: column, rows, and the first rows that show it. */
  readonly problemDetails?: readonly DataProblem[];
  /** What is only suspicious. */
  readonly findings: readonly string[];
  readonly drift?: { readonly againstVersion: number; readonly features: readonly TrainingDrift[] };
  /** s3:// of what is kept for looking at, a copy or the upload itself; refused datasets only. */
  readonly quarantine?: string;
}

/** A difference in a sentence, for findings. */
export const driftSentence = ({ feature, statistic, value, threshold }: TrainingDrift, version: number): string =>
  `${feature} differs from what version ${version} was trained on (${statistic} ${value.toFixed(3)}, ${threshold.toFixed(3)} is much).`;

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}
.wide{overflow-x:auto}table{border-collapse:collapse;margin:.5rem 0}td,th{text-align:left;padding:.2rem .8rem .2rem 0;border-bottom:1px solid #d8dee4}
td.n{text-align:right;font-variant-numeric:tabular-nums}.Refused{color:#a40e26}.Accepted{color:#116329}`;

/** A page that needs nothing else: no script, no address outside. */
export function dataReportHtml(report: DataReport): string {
  const { model, release, dataset, verdict, rows, duplicates, classes = {}, columns, drift, quarantine } = report;
  const hidden = report.problemCount - report.problems.length;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${model} ${release}: data ${verdict}</title><style>${new Markup(STYLE)}</style></head>
<body><h1 class="${verdict}">${verdict}</h1><p>Data of release ${release} of ${model}: ${rows} rows. ${dataset.key}, ${dataset.sha256 !== undefined && html`sha256 ${dataset.sha256}`}</p>
${quarantine !== undefined && html`<p>Kept in quarantine: ${quarantine}</p>`}
${list('Problems', report.problems)}${hidden > 0 && html`<p>… and ${hidden} more</p>`}
${list('Findings', report.findings)}
${drift && driftTable(drift)}
<h2>Features</h2><div class="wide"><table><tr><th>name</th><th>type</th><th>missing</th><th>distinct</th><th>min</th><th>max</th><th>tells the target</th></tr>
${columns.map((column) => html`<tr><td>${column.name}</td><td>${column.type}</td>${[column.missing, column.distinct, column.min, column.max, column.leakage].map(cell)}</tr>`)}</table></div>
<h2>Rows</h2><table><tr><th>duplicates</th>${cell(duplicates)}</tr>${Object.entries(classes).map(([label, count]) => html`<tr><th>${label}</th>${cell(count)}</tr>`)}</table>
</body></html>
`.toString();
}

const list = (heading: string, items: readonly string[]) =>
  items.length > 0 && html`<h2>${heading}</h2><ul>${items.map((item) => html`<li>${item}</li>`)}</ul>`;

const driftTable = ({
  againstVersion,
  features,
}: NonNullable<DataReport['drift']>) => html`<h2>Against version ${againstVersion}’s training data</h2>
${features.length === 0 && html`<p>No feature differs by enough to matter.</p>`}
<table>${features.map(({ feature, statistic, value, threshold }) => html`<tr><th>${feature}</th><td>${statistic}</td>${cell(value)}<td>of ${shown(threshold)}</td></tr>`)}</table>`;

const cell = (value: number | undefined) => html`<td class="n">${shown(value)}</td>`;

const shown = (value: number | undefined): string => (value === undefined ? '–' : String(Number(value.toPrecision(5))));
