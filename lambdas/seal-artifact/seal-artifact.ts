import { MAX_SCRATCH_BYTES, withScratchFolder } from '../../adapters/scratch-folder.ts';
import { digestOf } from '../../adapters/sha256.ts';
import { inspectTarGz } from '../../adapters/tar-archive.ts';
import type { ReleaseLedger } from '../../domain/admission.ts';
import { ArtifactRefusedError, ModelMissingError, ModelTooLargeError, NotFoundError } from '../../domain/errors.ts';
import type { ObjectRef } from '../../domain/model.ts';
import type { Now, ObjectStore } from '../../domain/ports.ts';
import type { ReleaseRow } from '../../domain/release.ts';
import { parseS3Uri } from '../../domain/s3-uri.ts';
import type { SealedArtifact } from '../../domain/step-results.ts';
import { showBytes } from '../../domain/tabular/size-limits.ts';
import type { SealArtifactInput, SealArtifactOutput } from './contract.ts';
import { REPORTS, readReports } from './read-reports.ts';

export interface SealArtifactDependencies {
  readonly ledger: ReleaseLedger;
  readonly objects: ObjectStore;
  readonly intakeBucket: string;
  readonly artifactsBucket: string;
  readonly approvedBucket: string;
  readonly now: Now;
}

/**
 * Inspects, hashes and copies a model, trained here or elsewhere, write-once, and numbers it: what is evaluated, approved and served are these bytes.
 *
 * @throws {ArtifactRefusedError} hostile or malformed, or not where this release's job writes or models are brought
 * @throws {ModelMissingError} nothing, or an archive without files
 * @throws {ModelTooLargeError} more than a function's disk holds
 */
export const sealArtifact =
  (dependencies: SealArtifactDependencies) =>
  async ({ model, release }: SealArtifactInput): Promise<SealArtifactOutput> => {
    const { ledger, now } = dependencies;
    const row = await ledger.getRelease(model, release);
    if (row.version !== undefined && row.steps.artifact) {
      return { version: row.version, sha256: row.steps.artifact.object.sha256 };
    }
    await ledger.moveRelease(model, release, 'Sealing', {}, event('SealingBegun', release, {}));
    const artifact = await seal(dependencies, row);
    const { dataset, prepared, baseline, training } = row.steps;
    const image = row.inputs.servingImage ?? training?.image ?? row.inputs.image;
    if (!dataset || !prepared || !baseline || !image || (!training && !row.inputs.artifact)) {
      throw new NotFoundError(
        `expected dataset, prepared data, baseline, image and training of release ${model}/${release}, got not all of them`,
      );
    }
    const made = {
      release,
      team: row.team,
      status: 'Sealed' as const,
      artifact,
      // What serves: the same as what trained unless the release says otherwise.
      image,
      dataset,
      prepared,
      baseline,
      ...(row.steps.baselineFiles && { baselineFiles: row.steps.baselineFiles }),
      definition: row.inputs.definition,
      ...(training && { training }),
      createdAt: now().toISOString(),
    };
    const { sha256 } = artifact.object;
    const version = await ledger.sealVersion(made, model, artifact, (number) =>
      event('VersionSealed', release, { version: number, artifact: sha256 }),
    );
    return { version, sha256 };
  };

const event = (type: string, release: number, details: Readonly<Record<string, unknown>>) => ({
  type,
  actor: 'launchway:seal-artifact',
  subject: `release/${release}`,
  details,
});

async function seal(
  { ledger, objects, artifactsBucket, intakeBucket, approvedBucket }: SealArtifactDependencies,
  row: ReleaseRow,
): Promise<SealedArtifact> {
  const isBrought = row.inputs.artifact !== undefined;
  const sealedBefore = await sealedByMaker(ledger, row);
  if (sealedBefore) return sealedBefore;
  const from = isBrought ? broughtOf(row, intakeBucket) : trainedOf(row, artifactsBucket);
  const head = await objects.head(from);
  if (!head) {
    const what = isBrought ? 'the model that was brought is gone' : 'the training program wrote no model';
    throw new ModelMissingError(`${what}: expected one at ${from.key}, got no such object`);
  }
  if (head.bytes > MAX_SCRATCH_BYTES) {
    throw new ModelTooLargeError(
      `the model is too large to be sealed: expected at most ${showBytes(MAX_SCRATCH_BYTES)} packed, got ${showBytes(head.bytes)}`,
    );
  }
  return withScratchFolder(async (folder) => {
    const file = await folder.keep('model.tar.gz', await objects.read(from));
    const inspected = await inspectTarGz(folder.read(file), { documents: REPORTS });
    const { manifest } = inspected;
    const reports = await readReports(objects, inspected, isBrought ? undefined : from);
    const object = {
      bucket: approvedBucket,
      key: `${row.team}/${row.model}/models/${file.sha256}/model.tar.gz`,
      sha256: file.sha256,
    };
    await objects.putFileOnce(object, file.path, 'application/gzip');
    return {
      object,
      bytes: file.bytes,
      files: manifest.length,
      contentsSha256: digestOf(manifest.map(({ path, sha256 }) => [path, sha256]).toSorted()),
      ...reports,
      findings: [...(isBrought ? [NOT_TRAINED_HERE] : []), ...inspected.findings, ...reports.findings],
    };
  });
}

/**
 * What the release that trained has sealed, where the training is reused: the write-once copy, not what the job left behind.
 *
 * @throws {ArtifactRefusedError} that release did not make this model
 */
async function sealedByMaker(ledger: ReleaseLedger, { model, steps }: ReleaseRow): Promise<SealedArtifact | undefined> {
  const { reusedFrom, artifactUri } = steps.training ?? {};
  if (reusedFrom === undefined) return undefined;
  const maker = await ledger.getRelease(model, reusedFrom);
  if (maker.steps.training?.artifactUri !== artifactUri) {
    throw new ArtifactRefusedError(`expected the model of release ${reusedFrom}, got ${artifactUri}`);
  }
  return maker.steps.artifact;
}

/** Said to whoever approves, who must take a stand on it. */
const NOT_TRAINED_HERE =
  'Not trained here: the model was brought as it is. On which rows, with which code, libraries and seed it was made, and that it has not seen the hold-out, are the word of whoever brought it.';

/** Only what was uploaded as this model is sealed, at the version that the release pinned. */
function broughtOf({ model, inputs }: ReleaseRow, intakeBucket: string): ObjectRef {
  const artifact = inputs.artifact!;
  const key = `models/${model}/model.tar.gz`;
  if (artifact.bucket !== intakeBucket || artifact.key !== key)
    throw new ArtifactRefusedError(
      `expected the model at s3://${intakeBucket}/${key}, got s3://${artifact.bucket}/${artifact.key}`,
    );
  return artifact;
}

/** Only what this release's own job wrote is sealed, or the job whose training is reused, whatever else the row says. */
function trainedOf({ team, model, release, steps }: ReleaseRow, artifactsBucket: string): ObjectRef {
  if (!steps.training) throw new NotFoundError(`expected a trained model of release ${model}/${release}, got none`);
  const from = parseS3Uri(steps.training.artifactUri);
  const folder = `${team}/${model}/releases/${steps.training.reusedFrom ?? release}/training/`;
  if (from.bucket !== artifactsBucket || !from.key.startsWith(folder)) {
    throw new ArtifactRefusedError(
      `expected the model under s3://${artifactsBucket}/${folder}, got ${steps.training.artifactUri}`,
    );
  }
  return from;
}
