import { html, Markup } from '../mail/markup.ts';
import { minute } from '../monitoring/recent-changes.ts';
import { showUsd } from '../training/prices.ts';
import { daysInWords, intervalInWords, standingInWords } from './in-words.ts';
import { type ComparedVersion, isMeasured, type MeasuredRows, type StalenessReport } from './rows.ts';

const STYLE = new Markup(`
:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:960px;margin:24px auto;padding:0 16px}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:4px 10px 4px 0;border-bottom:1px solid #8884}
.quiet{opacity:.75}`);

const count = (value: number): string => value.toLocaleString('en-US');

/** A measurement as one self-contained page: no script, nothing loaded. */
export function stalenessReportHtml(report: StalenessReport): string {
  const { model, metric, at, versions, measuredOn, inWords, costUsd } = report;
  const serving = versions.find(({ serves }) => serves);
  const metrics = serving && isMeasured(serving) ? Object.keys(serving.intervals) : [];
  const title = `${model}: the last versions on the same labelled predictions`;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title><style>${STYLE}</style></head><body>
<h1>${title}</h1>
<p>${inWords}</p>
<p class="quiet">Measured at ${minute(at)}. ${rowsInWords(measuredOn)}${costUsd !== undefined && ` Its transforms cost ${showUsd(costUsd)} at list price.`}</p>
${[metric, ...metrics.filter((name) => name !== metric)].map((name) => metricTable(name, versions, report.champion))}
</body></html>
`.text;
}

const metricTable = (
  metric: string,
  versions: readonly ComparedVersion[],
  champion: number,
): Markup => html`<h2>${metric}</h2>
<table><tr><th>Version</th><th>Data uploaded</th><th>Age</th><th>${metric} (95 %)</th><th>Against version ${champion}</th></tr>
${versions.map((version) => {
  const [name, learnt, , age, measured, against] = versionCells(version, metric);
  return html`<tr><td>${name}</td><td>${learnt}</td><td>${age}</td><td>${measured}</td><td>${against}</td></tr>`;
})}</table>`;

/** What is shown of a version: name, data's upload, approval, age, measure, difference. */
export function versionCells(version: ComparedVersion, metric: string): readonly string[] {
  const { serves, learntUntil, approvedAt, ageDays } = version;
  const about = [
    `v${version.version}${serves ? ' serves' : ''}`,
    learntUntil.slice(0, 10),
    approvedAt?.slice(0, 10) ?? '',
    daysInWords(ageDays),
  ];
  if (!isMeasured(version)) return [...about, version.notCompared, version.why];
  const [measured, difference] = [version.intervals[metric], version.differences?.[metric]];
  return [
    ...about,
    measured ? intervalInWords(measured) : 'not defined',
    difference ? `${intervalInWords(difference)} ${standingInWords(difference, metric)}` : '',
  ];
}

/** Which predictions versions were held against, in sentences. */
export function rowsInWords(measuredOn: MeasuredRows): string {
  const { rows, labelled, predictions, from, until, files, filesRead, unread, labelFilesLeftOut } = measuredOn;
  const told = [
    `${count(rows)} labelled predictions made from ${minute(from)} to ${minute(until)}, after the last upload that any of these versions learnt from`,
    ...(rows < labelled ? [`a sample of ${count(labelled)} by id`] : []),
    `${count(predictions)} predictions were read`,
    ...(filesRead < files ? [`in ${count(filesRead)} of ${count(files)} capture files, chosen by their names`] : []),
    ...(unread > 0 ? [`${count(unread)} lines or rows could not be used`] : []),
    ...(labelFilesLeftOut > 0
      ? [
          `${labelFilesLeftOut === 1 ? '1 file of labels was' : `${count(labelFilesLeftOut)} files of labels were`} left out`,
        ]
      : []),
  ];
  return `${told.join('; ')}.`;
}
