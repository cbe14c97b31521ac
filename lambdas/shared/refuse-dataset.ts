import { MAX_SCRATCH_BYTES, withScratchFolder } from '../../adapters/scratch-folder.ts';
import { readSealedFiles } from '../../adapters/sealed-files.ts';
import { DatasetRefusedError } from '../../domain/errors.ts';
import { nameOf } from '../../domain/intake/upload-key.ts';
import type { LineageStore, ObjectStore } from '../../domain/ports.ts';
import type { ReleaseRow } from '../../domain/release.ts';
import { s3Uri } from '../../domain/s3-uri.ts';
import type { SealedDataset } from '../../domain/step-results.ts';
import { keepDataReport, refusedReport } from './data-reports.ts';

export interface RefuseDatasetDependencies {
  readonly lineage: LineageStore;
  readonly objects: ObjectStore;
  readonly artifactsBucket: string;
}

/**
 * Does `work`; where it refuses the dataset, keeps the dataset where nothing trains from it, writes a report of what is wrong with
 * it, and records both.
 *
 * @param dataset as sealed; undefined where the refusal comes before, so that the upload itself is what is kept
 * @throws what `work` throws
 */
export async function reportingRefusal<Result>(
  dependencies: RefuseDatasetDependencies,
  row: ReleaseRow,
  dataset: SealedDataset | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DatasetRefusedError) await report(dependencies, row, dataset, error);
    throw error;
  }
}

async function report(
  dependencies: RefuseDatasetDependencies,
  row: ReleaseRow,
  dataset: SealedDataset | undefined,
  error: DatasetRefusedError,
): Promise<void> {
  const { lineage, objects, artifactsBucket } = dependencies;
  const kept = dataset ? await quarantine(dependencies, row, dataset) : uploadUri(row);
  const document = refusedReport(row, dataset, error, kept);
  const dataReport = await keepDataReport(objects, artifactsBucket, row, document);
  await lineage.recordSteps(
    row.model,
    row.release,
    { dataReport },
    {
      type: 'DatasetRefused',
      actor: `launchway:${dataset ? 'prepare-channels' : 'seal-dataset'}`,
      subject: `release/${row.release}`,
      details: { rows: document.rows, problems: document.problemCount, quarantine: kept },
    },
  );
}

const uploadUri = ({ inputs: { dataset } }: ReleaseRow): string =>
  `${s3Uri(dataset)}${dataset.versionId === undefined ? '' : `?versionId=${dataset.versionId}`}`;

/** A larger one is kept where it was sealed: copying it again would cost more than the refusal. */
const MAX_COPIED_BYTES = MAX_SCRATCH_BYTES;

/** Copies a refused dataset to where nothing trains from. @returns its s3:// URI, of the folder where it has several files */
async function quarantine(
  { objects, artifactsBucket: bucket }: RefuseDatasetDependencies,
  { team, model, release }: ReleaseRow,
  dataset: SealedDataset,
): Promise<string> {
  if (dataset.bytes > MAX_COPIED_BYTES) return s3Uri(dataset.object);
  const folder = { bucket, key: `${team}/${model}/quarantine/release-${release}` };
  const copyOf = (name: string) => ({ bucket, key: `${folder.key}/${name}` });
  for (const { name, object } of await readSealedFiles(objects, dataset)) {
    await withScratchFolder(async (scratch) => {
      const file = await scratch.keep('file', await objects.read(object));
      await objects.putFileOnce(copyOf(name), file.path, 'application/octet-stream');
    });
  }
  return s3Uri(dataset.files === undefined ? copyOf(nameOf(dataset.object.key)) : folder);
}
