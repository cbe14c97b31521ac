import { digestOf } from '../../adapters/sha256.ts';
import type { ReleaseLedger } from '../../domain/admission.ts';
import { type CodeUpload, codeOf, codeUploadOf } from '../../domain/intake/code-upload.ts';
import { classifyUpload } from '../../domain/intake/upload-key.ts';
import type { ModelRow, QueuedUpload } from '../../domain/model.ts';
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
    const code = codeUploadOf(model.training);
    if (code !== undefined && codeOf(model) === undefined) return { kind: 'impossible', why: whyWithout(model, code) };
    const pinned = await pinImages(images, model);
    if ('why' in pinned) return { kind: 'impossible', why: pinned.why };
    const release = releaseRow(model, upload, pinned, now(), cause);
    const admitted = await ledger.admit(release, upload, model, {
      type: 'ReleaseAdmitted',
      actor: cause?.actor ?? upload.submitter.person ?? upload.submitter.principal,
      subject: `release/${release.release}`,
      details: {
        definition: model.definition.sha256,
        dataset: upload.dataset.key,
        versionId: upload.dataset.versionId,
        ...(cause && { reason: cause.reason, retraining: cause.trigger }),
      },
    });
    if (!admitted) return { kind: 'changed' };
    await executions.start(release.executionName, { model: model.model, release: release.release });
    return { kind: 'started', release: release.release };
  };

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
  pinned: PinnedImages,
  at: Date,
  cause?: RetrainCause,
): ReleaseRow {
  const inputs: ReleaseRow['inputs'] = {
    definition: model.definition,
    dataset: upload.dataset,
    uploadedAt: upload.uploadedAt,
    ...(upload.files && { files: upload.files }),
    ...codeInputs(model),
    ...pinned,
  };
  const kind = classifyUpload(upload.dataset.key);
  const purpose = kind.kind === 'data' ? kind.purpose : 'release';
  return {
    model: model.model,
    release: model.releases + 1,
    team: model.team,
    status: 'Admitted',
    purpose,
    executionName: executionName(model.model, inputs, purpose),
    submitter: upload.submitter,
    admittedAt: at.toISOString(),
    reason: cause ? `${cause.reason}; data: ${upload.dataset.key}` : `upload of ${upload.dataset.key}`,
    ...(cause && { retraining: cause.trigger }),
    inputs,
    steps: {},
  };
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

/** The same inputs have the same name for ever; a new version of an object is another input. */
const executionName = (
  model: string,
  { definition, dataset, files, source, artifact, image }: ReleaseRow['inputs'],
  purpose: ReleasePurpose,
): string => {
  const code = source ?? artifact;
  return `${model}-${digestOf({
    model,
    definition: definition.sha256,
    data: [dataset.bucket, dataset.key, dataset.versionId, ...(files ? [files.sha256] : [])],
    code: code ? [code.bucket, code.key, code.versionId] : image,
    purpose,
  }).slice(0, DIGEST_CHARACTERS)}`;
};
