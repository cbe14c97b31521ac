import type { DeployedConfig } from '../../domain/deployed-config.ts';
import type { RollbackExecutions, RollbackStore } from '../../domain/deployment/ports.ts';
import { classifyUpload, nameOf } from '../../domain/intake/upload-key.ts';
import type { QueuedUpload } from '../../domain/model.ts';
import type { Mailer, ObjectStore } from '../../domain/ports.ts';
import type { QualityStore } from '../../domain/quality/ports.ts';
import type { AskStalenessDependencies } from '../shared/ask-staleness.ts';
import type { GovernRetrainingDependencies } from '../shared/govern-retraining.ts';
import { startWaiting } from '../shared/start-waiting.ts';
import { admitCode } from './admit-code.ts';
import { admitData } from './admit-data.ts';
import { admitDefinition } from './admit-definition.ts';
import { admitLabels } from './admit-labels.ts';
import { admitRequest } from './admit-request.ts';
import { awaitsDefinition } from './awaits-definition.ts';
import type { AdmitUploadInput, AdmitUploadOutput } from './contract.ts';
import { readEvent } from './read-event.ts';
import { refuseUpload } from './refuse-upload.ts';

export interface AdmitUploadDependencies extends GovernRetrainingDependencies, AskStalenessDependencies {
  readonly objects: ObjectStore;
  readonly rollbacks: RollbackStore;
  readonly rollbackExecutions: RollbackExecutions;
  readonly labels: Pick<QualityStore, 'receiveLabels'>;
  readonly mailer: Mailer;
  readonly config: DeployedConfig;
  /** Where AWS's images are looked for. */
  readonly region: string;
  readonly buckets: { readonly intake: string; readonly approved: string; readonly artifacts: string };
  readonly log: { error(message: string, error: Error): void };
}

const ACTOR = 'launchway:admit-upload';

/** Definitions before code before data, so that what arrives together is understood together. */
const ORDER = {
  definition: 0,
  source: 1,
  artifact: 1,
  test: 2,
  part: 2,
  data: 3,
  labels: 4,
  request: 5,
  unknown: 6,
} as const;

/** Turns uploads into definitions, sources, releases and requests, or into refusals that say why. One bad message never holds up another. */
export const admitUpload =
  (dependencies: AdmitUploadDependencies) =>
  async ({ Records }: AdmitUploadInput): Promise<AdmitUploadOutput> => {
    const { buckets, config, log } = dependencies;
    const failed = new Set<string>();
    const attempt = async <Result>(
      messageId: string,
      work: () => Result | Promise<Result>,
    ): Promise<Result | undefined> => {
      try {
        return await work();
      } catch (error) {
        log.error('message goes back to the queue', error as Error);
        failed.add(messageId);
        return undefined;
      }
    };
    const uploads: { messageId: string; upload: QueuedUpload }[] = [];
    for (const { messageId, body } of Records) {
      const found = await attempt(messageId, () => readEvent(body, buckets.intake, config));
      uploads.push(...(found?.uploads ?? []).map((upload) => ({ messageId, upload })));
      const waits = found?.waiting;
      if (waits !== undefined) await attempt(messageId, () => startWaiting(dependencies, waits, ACTOR));
    }
    const kindOf = (upload: QueuedUpload) => ORDER[classifyUpload(upload.dataset.key).kind];
    for (const { messageId, upload } of uploads.toSorted((a, b) => kindOf(a.upload) - kindOf(b.upload))) {
      await attempt(messageId, () => admitOne(dependencies, upload));
    }
    return { batchItemFailures: [...failed].map((itemIdentifier) => ({ itemIdentifier })) };
  };

async function admitOne(dependencies: AdmitUploadDependencies, upload: QueuedUpload): Promise<void> {
  const kind = classifyUpload(upload.dataset.key);
  if (kind.kind === 'unknown') {
    return refuseUpload(dependencies, upload, { message: kind.why, problems: [] });
  }
  // A part is pinned by the list that names it; until then it starts nothing.
  if (kind.kind === 'part') return;
  if (kind.kind === 'test') return admitTest(dependencies, kind.model, upload);
  const admit = {
    definition: admitDefinition,
    source: admitCode,
    artifact: admitCode,
    data: admitData,
    labels: admitLabels,
    request: admitRequest,
  }[kind.kind];
  await admit(dependencies, kind.model, upload);
  // What waits may have waited for this.
  if (['definition', 'source', 'artifact'].includes(kind.kind)) await startWaiting(dependencies, kind.model, ACTOR);
}

/** A test file is pinned by the training file beside it; where the model holds out rows in another way, nobody would read it. */
async function admitTest(dependencies: AdmitUploadDependencies, model: string, upload: QueuedUpload): Promise<void> {
  await awaitsDefinition(dependencies, model);
  const row = await dependencies.ledger.findModel(model);
  if (row?.split === undefined || row.split === 'file') return;
  await refuseUpload(dependencies, upload, {
    message: `a file named ${nameOf(upload.dataset.key)} is the hold-out of data.test.split: file, and this model splits by ${row.split}; name a file to train on otherwise`,
    problems: [],
    owner: row.owner,
  });
}
