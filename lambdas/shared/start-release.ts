import { digestOf } from '../../adapters/sha256.ts';
import type { ReleaseLedger } from '../../domain/admission.ts';
import { type CodeUpload, codeOf, codeUploadOf } from '../../domain/intake/code-upload.ts';
import { classifyUpload, reproducedBy } from '../../domain/intake/upload-key.ts';
import type { ModelRow, ObjectRef, QueuedUpload } from '../../domain/model.ts';
import type { Now } from '../../domain/ports.ts';
import type { ReleasePurpose, ReleaseRow, RetrainTrigger } from '../../domain/release.ts';
import type { ImageRegistry, ReleaseExecutions } from '../../domain/release-ports.ts';
import { type ImageReference, imageName, ownImage } from '../../domain/training/images.ts';

export interface StartReleaseDependencies {
  readonly ledger: ReleaseLedger;
  readonly images: ImageRegistry;
  readonly executions: ReleaseExecutions;
  readonly now: Now;
}

export type StartedRelease =
  | { readonly kind: 'started'; readonly release: number }
  /** The model's row is no longer what was read: read it again and decide again. */
  | { readonly kind: 'changed' }
  /** The upload cannot become a release as things are. */
  | { readonly kind: 'impossible'; readonly why: string };

/** Why a release starts that no upload starts by itself. */
export interface RetrainCause {
  /** One sentence, as approvers read it. */
  readonly reason: string;
  readonly trigger: RetrainTrigger;
  /** Person id or step. */
  readonly actor: string;
}

/**
 * Makes a release of an upload: pins the image, writes the row with the model's lease, starts the workflow.
 *
 * Whoever dies between the row and the start leaves a release that is `Admitted`; the upload's next delivery or the sweep starts it.
 */
export const startRelease =
  ({ ledger, images, executions, now }: StartReleaseDependencies) =>
  async (model: ModelRow, upload: QueuedUpload, cause?: RetrainCause): Promise<StartedRelease> => {
    const reproduces = reproducedBy(upload.dataset.key);
    const inputs =
      reproduces === undefined ? await newInputs(images, model, upload) : await inputsOf(ledger, model, reproduces);
    if ('why' in inputs) return { kind: 'impossible', why: inputs.why };
    const release = releaseRow(model, upload, inputs, now(), cause);
    const admitted = await ledger.admit(release, upload, model, {
      type: 'ReleaseAdmitted',
      actor: cause?.actor ?? upload.submitter.person ?? upload.submitter.principal,
      subject: `release/${release.release}`,
      details: {
        definition: inputs.definition.sha256,
        dataset: inputs.dataset.key,
        versionId: inputs.dataset.versionId,
        ...(reproduces !== undefined && { reproduces }),
        ...(cause && { reason: cause.reason, retraining: cause.trigger }),
      },
    });
    if (!admitted) return { kind: 'changed' };
    await executions.start(release.executionName, { model: model.model, release: release.release });
    return { kind: 'started', release: release.release };
  };

type Inputs = ReleaseRow['inputs'] | { readonly why: string };

/** What the model is made with now, pinned. */
async function newInputs(images: ImageRegistry, model: ModelRow, upload: QueuedUpload): Promise<Inputs> {
  const code = codeUploadOf(model.training);
  if (code !== undefined && codeOf(model) === undefined) return { why: whyWithout(model, code) };
  const pinned = await pinImages(images, model);
  if ('why' in pinned) return pinned;
  return {
    definition: model.definition,
    dataset: upload.dataset,
    uploadedAt: upload.uploadedAt,
    ...(upload.files && { files: upload.files }),
    ...codeInputs(model),
    ...pinned,
  };
}

/** What an earlier release was made with, whatever the model is made with now. */
async function inputsOf(
  ledger: Pick<ReleaseLedger, 'listReleases'>,
  { model }: ModelRow,
  release: number,
): Promise<Inputs> {
  const made = (await ledger.listReleases(model)).find((row) => row.release === release);
  if (!made) return { why: `there is no release ${release} of ${model} to train again` };
  if (!made.steps.training)
    return { why: `release ${release} of ${model} trained nothing that could be trained again` };
  return made.inputs;
}

function whyWithout({ model, training }: ModelRow, code: CodeUpload): string {
  const what = code === 'model.tar.gz' ? 'is trained elsewhere' : `trains with ${training?.framework}`;
  const missing = code === 'model.tar.gz' ? 'model' : 'source';
  return `model ${model} ${what} and has no ${missing}: upload models/${model}/${code} first`;
}

type PinnedImages = Pick<ReleaseRow['inputs'], 'image' | 'servingImage'>;

/** Tags move; what trains and serves this release is pinned once. */
async function pinImages(
  images: ImageRegistry,
  { training }: ModelRow,
): Promise<PinnedImages | { readonly why: string }> {
  const own = training?.image === undefined ? undefined : ownImage(training.image);
  const wanted = training?.images ?? (own && { training: own, serving: own });
  if (!wanted) return {};
  const missing = (image: ImageReference, key: string) => ({
    why: `image ${imageName(image)} is not in the registry; push it, or mend ${key}`,
  });
  const image = await images.pin(wanted.training);
  if (image === undefined) return missing(wanted.training, 'training.image');
  if (imageName(wanted.serving) === imageName(wanted.training)) return { image };
  const servingImage = await images.pin(wanted.serving);
  return servingImage === undefined ? missing(wanted.serving, 'serving.image') : { image, servingImage };
}

function releaseRow(
  model: ModelRow,
  upload: QueuedUpload,
  inputs: ReleaseRow['inputs'],
  at: Date,
  cause?: RetrainCause,
): ReleaseRow {
  const kind = classifyUpload(upload.dataset.key);
  const purpose = kind.kind === 'data' ? kind.purpose : 'release';
  const reproduces = reproducedBy(upload.dataset.key);
  return {
    model: model.model,
    release: model.releases + 1,
    team: model.team,
    status: 'Admitted',
    purpose,
    ...(reproduces !== undefined && { reproduces }),
    executionName: executionName(model.model, inputs, purpose, reproduces === undefined ? undefined : upload.dataset),
    submitter: upload.submitter,
    admittedAt: at.toISOString(),
    reason: reasonOf(upload, reproduces, cause),
    ...(cause && { retraining: cause.trigger }),
    inputs,
    steps: {},
  };
}

function reasonOf({ dataset }: QueuedUpload, reproduces?: number, cause?: RetrainCause): string {
  if (reproduces !== undefined) return `release ${reproduces} is trained again, to see whether it comes out the same`;
  return cause ? `${cause.reason}; data: ${dataset.key}` : `upload of ${dataset.key}`;
}

function codeInputs(model: ModelRow): Pick<ReleaseRow['inputs'], 'source' | 'artifact'> {
  const code = codeOf(model);
  if (!code) return {};
  return codeUploadOf(model.training) === 'model.tar.gz' ? { artifact: code } : { source: code };
}

/**
 * Step Functions allows 80 characters, and nested executions add to this name (`-deploy-0-0-restore-0-0`): 30 of a model's name,
 * a dash and these leave 29.
 */
export const DIGEST_CHARACTERS = 20;

/**
 * The same inputs have the same name for ever; a new version of an object is another input.
 *
 * @param asked what asked for the same inputs again, where something did
 */
const executionName = (
  model: string,
  { definition, dataset, files, source, artifact, image }: ReleaseRow['inputs'],
  purpose: ReleasePurpose,
  asked?: ObjectRef,
): string => {
  const code = source ?? artifact;
  return `${model}-${digestOf({
    model,
    definition: definition.sha256,
    data: [dataset.bucket, dataset.key, dataset.versionId, ...(files ? [files.sha256] : [])],
    code: code ? [code.bucket, code.key, code.versionId] : image,
    purpose,
    ...(asked && { asked: [asked.key, asked.versionId] }),
  }).slice(0, DIGEST_CHARACTERS)}`;
};
