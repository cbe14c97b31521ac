import type { DatasetRefusedError } from '../../domain/errors.ts';
import type { ObjectRef } from '../../domain/model.ts';
import type { ObjectStore } from '../../domain/ports.ts';
import type { ReleaseRow } from '../../domain/release.ts';
import type { SealedDataset } from '../../domain/step-results.ts';
import type { DataReport } from '../../domain/tabular/data-report.ts';
import { dataReportHtml } from '../../domain/tabular/data-report-html.ts';
import type { DatasetSurvey } from '../../domain/tabular/survey-dataset.ts';

/** Writes `data-report.json` and `data-report.html` beside the release's other reports. @returns the JSON */
export async function keepDataReport(
  objects: ObjectStore,
  bucket: string,
  { team, model, release }: ReleaseRow,
  report: DataReport,
): Promise<ObjectRef> {
  const folder = `${team}/${model}/releases/${release}`;
  await objects.put({ bucket, key: `${folder}/data-report.html` }, dataReportHtml(report), 'text/html; charset=utf-8');
  return objects.put({ bucket, key: `${folder}/data-report.json` }, JSON.stringify(report), 'application/json');
}

const identity = ({ model, release, inputs }: ReleaseRow, dataset: SealedDataset | undefined) => ({
  schema: 'launchway/data-report/v1' as const,
  model,
  release,
  dataset: {
    key: inputs.dataset.key,
    ...(inputs.dataset.versionId !== undefined && { versionId: inputs.dataset.versionId }),
    ...(dataset && { sha256: dataset.object.sha256 }),
  },
});

export const acceptedReport = (
  row: ReleaseRow,
  dataset: SealedDataset,
  survey: DatasetSurvey,
  findings: readonly string[],
  drift: DataReport['drift'],
): DataReport => ({
  ...identity(row, dataset),
  verdict: 'Accepted',
  rows: survey.rows,
  ...(survey.test && { testRows: survey.test.rows }),
  ...(survey.period && { period: survey.period }),
  duplicates: survey.duplicates,
  ...(survey.classes.size > 0 && { classes: Object.fromEntries(survey.classes) }),
  columns: survey.columns,
  problems: [],
  problemCount: 0,
  findings,
  ...(drift && { drift }),
});

/** What the error's details say; a file that could not be read to its end has no columns. */
export function refusedReport(
  row: ReleaseRow,
  dataset: SealedDataset | undefined,
  { message, details }: DatasetRefusedError,
  kept: string,
): DataReport {
  const {
    rows = 0,
    problems = [message],
    problemCount,
    problemDetails,
    features = [],
    classes,
    duplicates,
  } = details as {
    rows?: number;
    problems?: readonly string[];
    problemCount?: number;
    problemDetails?: DataReport['problemDetails'];
    features?: DataReport['columns'];
    classes?: Readonly<Record<string, number>>;
    duplicates?: number;
  };
  return {
    ...identity(row, dataset),
    verdict: 'Refused',
    rows,
    ...(duplicates !== undefined && { duplicates }),
    ...(classes && { classes }),
    columns: features,
    problems,
    problemCount: problemCount ?? problems.length,
    ...(problemDetails && { problemDetails }),
    findings: [],
    quarantine: kept,
  };
}
