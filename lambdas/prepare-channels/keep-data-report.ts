import { withScratchFolder } from '../../adapters/scratch-folder.ts';
import type { DatasetRefusedError } from '../../domain/errors.ts';
import type { ObjectRef } from '../../domain/model.ts';
import type { ObjectStore } from '../../domain/ports.ts';
import type { ReleaseRow, SealedDataset } from '../../domain/release.ts';
import { s3Uri } from '../../domain/s3-uri.ts';
import { type DataReport, dataReportHtml } from '../../domain/tabular/data-report.ts';
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

/** Keeps a copy of a refused dataset where nothing trains from. @returns its s3:// URI */
export const quarantine = (
  objects: ObjectStore,
  bucket: string,
  { team, model, release }: ReleaseRow,
  dataset: ObjectRef,
): Promise<string> =>
  withScratchFolder(async (folder) => {
    const name = dataset.key.slice(dataset.key.lastIndexOf('/') + 1);
    const copy = { bucket, key: `${team}/${model}/quarantine/release-${release}/${name}` };
    const file = await folder.keep(name, await objects.read(dataset));
    await objects.putFileOnce(copy, file.path, 'text/csv');
    return s3Uri(copy);
  });

const identity = ({ model, release, inputs }: ReleaseRow, { object }: SealedDataset) => ({
  schema: 'launchway/data-report/v1' as const,
  model,
  release,
  dataset: {
    key: inputs.dataset.key,
    ...(inputs.dataset.versionId !== undefined && { versionId: inputs.dataset.versionId }),
    sha256: object.sha256,
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
  dataset: SealedDataset,
  { message, details }: DatasetRefusedError,
  kept: string,
): DataReport {
  const {
    rows = 0,
    problems = [message],
    problemCount,
    features = [],
    classes,
    duplicates,
  } = details as {
    rows?: number;
    problems?: readonly string[];
    problemCount?: number;
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
    findings: [],
    quarantine: kept,
  };
}
