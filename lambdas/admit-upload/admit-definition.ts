import { sha256Hex } from '../../adapters/sha256.ts';
import { MAX_DEFINITION_BYTES, parseModelDefinition } from '../../adapters/yaml-model-definition.ts';
import type { ModelRow, QueuedUpload } from '../../domain/model.ts';
import { problemLine } from '../../domain/model-definition/nodes.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import { isNotUtf8 } from '../../domain/not-utf8.ts';
import { imagesOf } from '../../domain/training/images.ts';
import type { AdmitUploadDependencies } from './admit-upload.ts';
import { refuseUpload } from './refuse-upload.ts';

type Read =
  | { readonly definition: ModelDefinition; readonly text: string }
  | { readonly problems: readonly string[]; readonly owner?: string };

const ATTEMPTS = 5;

/** A new model.yaml: checked against what is deployed, copied write-once, and what the next release uses. */
export async function admitDefinition(
  dependencies: AdmitUploadDependencies,
  model: string,
  upload: QueuedUpload,
): Promise<void> {
  const { ledger } = dependencies;
  const versionId = upload.dataset.versionId ?? 'null';
  if (await ledger.findClaim(model, upload.dataset.key, versionId)) return;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const seen = await ledger.findModel(model);
    const read = await readDefinition(dependencies, model, upload, seen);
    if ('problems' in read) {
      const owner = read.owner ?? seen?.owner;
      const [first = '', ...others] = read.problems;
      const message = others.length === 0 ? first : `model.yaml has ${read.problems.length} problems, first ${first}`;
      return refuseUpload(dependencies, upload, {
        message,
        problems: read.problems,
        ...(owner !== undefined && { owner }),
      });
    }
    if (await save(dependencies, read.definition, read.text, upload, seen)) return;
    if (await ledger.findClaim(model, upload.dataset.key, versionId)) return;
  }
  throw new Error(`expected to save the definition of ${model} within ${ATTEMPTS} attempts, got a change each time`);
}

async function readDefinition(
  { objects, config, region }: AdmitUploadDependencies,
  model: string,
  upload: QueuedUpload,
  seen: ModelRow | undefined,
): Promise<Read> {
  let text: string;
  try {
    text = await objects.readText(upload.dataset, MAX_DEFINITION_BYTES);
  } catch (error) {
    if (error instanceof RangeError)
      return { problems: [`model.yaml:1:1 expected at most ${MAX_DEFINITION_BYTES} bytes, got more`] };
    if (isNotUtf8(error))
      return { problems: ['model.yaml:1:1 expected UTF-8 text, got another encoding or a binary file'] };
    throw error;
  }
  const parsed = parseModelDefinition(text, config);
  if (!parsed.definition) {
    const problems = parsed.problems.map((problem) => problemLine('model.yaml', problem));
    return { problems, ...(parsed.owner !== undefined && { owner: parsed.owner }) };
  }
  const { definition } = parsed;
  const refuse = (problem: string): Read => ({ problems: [problem], owner: definition.owner });
  if (definition.model !== model) {
    return refuse(`model.yaml:1:1 expected model: ${model}, as its key says, got ${definition.model}`);
  }
  if (seen && seen.team !== definition.team) {
    return refuse(
      `model.yaml:1:1 model ${model} belongs to team ${seen.team}; a model's team cannot change, got ${definition.team}`,
    );
  }
  try {
    imagesOf(definition, region);
  } catch (error) {
    if (error instanceof RangeError) return refuse(`model.yaml:1:1 ${error.message}`);
    throw error;
  }
  return { definition, text };
}

async function save(
  { ledger, objects, buckets, region }: AdmitUploadDependencies,
  definition: ModelDefinition,
  text: string,
  upload: QueuedUpload,
  seen: ModelRow | undefined,
): Promise<boolean> {
  const { model, team, tier, owner, training, release, data } = definition;
  const sha256 = sha256Hex(text);
  const copy = { bucket: buckets.approved, key: `${team}/${model}/definitions/${sha256}/model.yaml`, sha256 };
  await objects.putOnce(copy, text, 'application/yaml');
  const { startOn: _former, ...kept } = seen ?? { releases: 0, versions: 0 };
  const next: ModelRow = {
    ...kept,
    model,
    team,
    tier,
    owner,
    definition: copy,
    ...(release.startOn === 'schedule' && { startOn: release.startOn }),
    training: {
      ...(training.image !== undefined && { image: training.image }),
      ...(training.framework !== undefined && { framework: training.framework }),
      ...(training.artifact !== undefined && { isBrought: true as const }),
      images: imagesOf(definition, region),
    },
    split: data.test.split,
  };
  const claim = {
    model,
    key: upload.dataset.key,
    versionId: upload.dataset.versionId ?? 'null',
    became: { kind: 'definition' as const },
  };
  return ledger.saveDefinition(next, seen, claim, {
    type: seen ? 'DefinitionChanged' : 'ModelCreated',
    actor: upload.submitter.person ?? upload.submitter.principal,
    subject: `model/${model}`,
    details: { definition: sha256, before: seen?.definition.sha256, versionId: upload.dataset.versionId },
  });
}
