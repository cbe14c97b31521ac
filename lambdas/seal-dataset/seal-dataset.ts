import { withScratchFolder } from '../../adapters/scratch-folder.ts';
import { ArtifactRefusedError, DatasetRefusedError, type PipelineError } from '../../domain/errors.ts';
import type { ObjectRef } from '../../domain/model.ts';
import type { ObjectStore } from '../../domain/ports.ts';
import type { ReleaseRow } from '../../domain/release.ts';
import type { SealedDataset } from '../../domain/step-results.ts';
import { MAX_DATASET_BYTES, showBytes } from '../../domain/tabular/size-limits.ts';
import { type RefuseDatasetDependencies, reportingRefusal } from '../shared/refuse-dataset.ts';
import type { SealDatasetInput, SealDatasetOutput } from './contract.ts';
import { contentTypeOf, extensionOf, sealFiles } from './seal-files.ts';

export interface SealDatasetDependencies extends RefuseDatasetDependencies {
  readonly approvedBucket: string;
}

const MAX_SOURCE_BYTES = 100 * 1024 * 1024;

/**
 * Copies the pinned dataset, and the source archive where there is one, to write-once keys named by their contents. SageMaker
 * takes no version ids, so whatever is trained on is read from there.
 *
 * @throws {DatasetRefusedError} empty, larger than a function's disk holds, or a file that is not what its list says
 */
export const sealDataset =
  (dependencies: SealDatasetDependencies) =>
  async ({ model, release }: SealDatasetInput): Promise<SealDatasetOutput> => {
    const { lineage, objects, approvedBucket } = dependencies;
    const row = await lineage.getRelease(model, release);
    if (row.steps.dataset) return { sha256: row.steps.dataset.object.sha256 };
    const folder = `${row.team}/${model}`;
    const seal = sealer(objects, approvedBucket);
    const dataset = await reportingRefusal(dependencies, row, undefined, () => sealData(dependencies, row, seal));
    const source = await sealSource(row, seal, folder);
    const sealed = { ...dataset, ...(source && { source: await withCommit(objects, row, source.object) }) };
    await lineage.recordSteps(
      model,
      release,
      { dataset: sealed },
      {
        type: 'DatasetSealed',
        actor: 'launchway:seal-dataset',
        subject: `release/${release}`,
        details: {
          dataset: dataset.object.sha256,
          files: dataset.files,
          source: source?.object.sha256,
          commit: sealed.source?.commit,
          bytes: dataset.bytes,
        },
      },
    );
    return { sha256: dataset.object.sha256 };
  };

function sealData(
  { objects, approvedBucket }: SealDatasetDependencies,
  { team, model, inputs }: ReleaseRow,
  seal: Seal,
): Promise<Pick<SealedDataset, 'object' | 'bytes' | 'files'>> {
  const datasets = `${team}/${model}/datasets`;
  if (inputs.files) return sealFiles(objects, approvedBucket, inputs.files, datasets);
  const { key } = inputs.dataset;
  return seal(
    inputs.dataset,
    MAX_DATASET_BYTES,
    DatasetRefusedError,
    contentTypeOf(key),
    (sha256) => `${datasets}/${sha256}/train${extensionOf(key)}`,
  );
}

type Seal = ReturnType<typeof sealer>;

/** Only what looks like a commit is believed. */
const COMMIT = /^[0-9a-f]{40}([0-9a-f]{24})?(\+changes)?$/;

async function withCommit<Sealed extends ObjectRef>(
  objects: ObjectStore,
  { inputs }: ReleaseRow,
  sealed: Sealed,
): Promise<Sealed & { readonly commit?: string }> {
  const head = inputs.source && (await objects.head(inputs.source));
  const commit = head?.metadata?.commit;
  return { ...sealed, ...(commit !== undefined && COMMIT.test(commit) && { commit }) };
}

const sealSource = (row: ReleaseRow, seal: Seal, folder: string) =>
  row.inputs.source &&
  seal(
    row.inputs.source,
    MAX_SOURCE_BYTES,
    ArtifactRefusedError,
    'application/gzip',
    (sha256) => `${folder}/source/${sha256}/sourcedir.tar.gz`,
  );

const sealer =
  (objects: ObjectStore, bucket: string) =>
  (
    from: ObjectRef,
    limitBytes: number,
    Refused: new (message: string, details?: Readonly<Record<string, unknown>>) => PipelineError,
    contentType: string,
    keyOf: (sha256: string) => string,
  ): Promise<{ readonly object: ObjectRef & { readonly sha256: string }; readonly bytes: number }> =>
    withScratchFolder(async (folder) => {
      const head = await objects.head(from);
      if (!head)
        throw new Refused(
          `expected ${from.key} (version ${from.versionId}), got no such object: it was deleted after its upload`,
        );
      if (head.bytes === 0)
        throw new Refused(`expected data in ${from.key}, got an empty file`, { rows: 0, columns: 0 });
      if (head.bytes > limitBytes)
        throw new Refused(`expected at most ${showBytes(limitBytes)} in ${from.key}, got ${showBytes(head.bytes)}`);
      const file = await folder.keep('object', await objects.read(from), limitBytes);
      const object = { bucket, key: keyOf(file.sha256), sha256: file.sha256 };
      await objects.putFileOnce(object, file.path, contentType);
      return { object, bytes: file.bytes };
    });
