import type { Refusal, ReleaseLedger, UploadClaim } from '../domain/admission.ts';
import { slotsOf, standing } from '../domain/admission.ts';
import type { AuditEvent } from '../domain/audit.ts';
import { NotFoundError, UnlawfulTransitionError } from '../domain/errors.ts';
import type { ModelRow, ObjectRef, QueuedUpload } from '../domain/model.ts';
import { isEnd, lawfulBefore, type ReleaseOutcome, type ReleaseRow, type ReleaseStatus } from '../domain/release.ts';
import type { SealedArtifact } from '../domain/step-results.ts';
import type { VersionRow } from '../domain/version.ts';
import { DynamoDbLineageStore, moveItem, withoutKeys } from './dynamodb-lineage-store.ts';
import { startIntentItem, waitingIntentItem } from './dynamodb-start-intents.ts';
import { ConditionFailedError, keys, type TransactItem } from './dynamodb-table.ts';

/** The lineage store with what admits, seals and closes a release. Only the functions that do so are given it. */
export class DynamoDbReleaseLedger extends DynamoDbLineageStore implements ReleaseLedger {
  async findClaim(model: string, key: string, versionId: string): Promise<UploadClaim | undefined> {
    return withoutKeys(await this.table.get<UploadClaim>(keys.claim(model, key, versionId)));
  }

  async saveDefinition(next: ModelRow, seen: ModelRow | undefined, claim: UploadClaim, audit: AuditEvent) {
    const put: TransactItem = {
      Put: { Item: { ...keys.model(next.model), ...next }, ConditionExpression: 'attribute_not_exists(pk)' },
    };
    const update = setModel(
      next.model,
      {
        team: next.team,
        tier: next.tier,
        owner: next.owner,
        definition: next.definition,
        training: next.training,
        startOn: next.startOn,
        split: next.split,
      },
      { 'definition.sha256': seen?.definition.sha256 },
    );
    return this.#unlessChanged(next.model, audit, [seen ? update : put, claimItem(claim)]);
  }

  async saveCode(
    model: string,
    code: Pick<ModelRow, 'source'> | Pick<ModelRow, 'artifact'>,
    claim: UploadClaim,
    audit: AuditEvent,
  ) {
    return this.#unlessChanged(model, audit, [setModel(model, code, {}), claimItem(claim)]);
  }

  async admit(release: ReleaseRow, upload: QueuedUpload, seen: ModelRow, audit: AuditEvent) {
    const { queued, latest } = slotsOf(upload);
    const waited = sameObject(seen[queued]?.dataset, upload.dataset);
    const change = { releases: release.release, activeRelease: release.release, [latest]: standing(upload) };
    const unchanged = {
      releases: seen.releases,
      activeRelease: seen.activeRelease,
      [`${queued}.sequencer`]: seen[queued]?.sequencer,
      'definition.sha256': seen.definition.sha256,
    };
    return this.#unlessChanged(release.model, audit, [
      setModel(release.model, change, unchanged, seen[queued] ? [queued] : []),
      {
        Put: {
          Item: { ...keys.release(release.model, release.release), ...release },
          ConditionExpression: 'attribute_not_exists(pk)',
        },
      },
      // A queued upload was claimed when it was queued; its claim now names the release.
      claimItem(claimOf(release.model, upload, { kind: 'release', release: release.release }), waited),
      startIntentItem({ model: release.model, release: release.release }),
      ...(seen.activeRelease === undefined ? [] : [stillWaits(release.model, seen.activeRelease)]),
    ]);
  }

  async queue(upload: QueuedUpload, seen: ModelRow, audit: AuditEvent) {
    const { queued } = slotsOf(upload);
    const unchanged = { activeRelease: seen.activeRelease, [`${queued}.sequencer`]: seen[queued]?.sequencer };
    return this.#unlessChanged(seen.model, audit, [
      setModel(seen.model, { [queued]: upload }, unchanged),
      claimItem(claimOf(seen.model, upload, { kind: 'queued' })),
      waitingIntentItem({ model: seen.model, queuedAt: this.table.now().toISOString() }),
    ]);
  }

  async supersede(upload: QueuedUpload, seen: ModelRow, audit: AuditEvent) {
    return this.#unlessChanged(seen.model, audit, [claimItem(claimOf(seen.model, upload, { kind: 'superseded' }))]);
  }

  async refuse(refusal: Refusal, claim: UploadClaim) {
    try {
      await this.table.transact([claimItem(claim), refusalItem(refusal)]);
      return true;
    } catch (error) {
      if (error instanceof ConditionFailedError) return false;
      throw error;
    }
  }

  async dropQueued(model: string, upload: QueuedUpload, refusal: Refusal, audit: AuditEvent) {
    const { queued } = slotsOf(upload);
    const unchanged = { [`${queued}.sequencer`]: upload.sequencer };
    return this.#unlessChanged(model, audit, [setModel(model, {}, unchanged, [queued]), refusalItem(refusal)]);
  }

  async sealVersion(
    version: Omit<VersionRow, 'version' | 'model'>,
    model: string,
    artifact: SealedArtifact,
    audit: (version: number) => AuditEvent,
  ): Promise<number> {
    const release = await this.getRelease(model, version.release);
    if (release.version !== undefined) return release.version;
    const { versions } = await this.getModel(model);
    const row: VersionRow = { ...version, model, version: versions + 1 };
    const sealed = await this.#unlessChanged(model, audit(row.version), [
      setModel(model, { versions: row.version }, { versions }),
      {
        Put: { Item: { ...keys.version(model, row.version), ...row }, ConditionExpression: 'attribute_not_exists(pk)' },
      },
      {
        Update: {
          Key: keys.release(model, version.release),
          UpdateExpression: 'SET #version = :version, #steps.#artifact = :artifact',
          ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(#version) AND #status = :sealing',
          ExpressionAttributeNames: {
            '#status': 'status',
            '#version': 'version',
            '#steps': 'steps',
            '#artifact': 'artifact',
          },
          ExpressionAttributeValues: { ':version': row.version, ':artifact': artifact, ':sealing': 'Sealing' },
        },
      },
    ]);
    if (sealed) return row.version;
    const after = await this.getRelease(model, version.release);
    if (after.version === undefined && after.status !== 'Sealing') {
      throw new UnlawfulTransitionError(`expected release ${model}/${after.release} in Sealing, got ${after.status}`);
    }
    return this.sealVersion(version, model, artifact, audit);
  }

  async endRelease(
    model: string,
    release: number,
    status: ReleaseStatus,
    outcome: ReleaseOutcome,
    at: string,
    audit: AuditEvent,
  ): Promise<ReleaseRow> {
    const row = await this.getRelease(model, release);
    if (isEnd(row.status) && row.outcome !== undefined) {
      await this.#giveBackLease(model, release);
      return row;
    }
    // A release whose deployment step ended it has its status already and gets its outcome here.
    const from = row.status === status ? [status] : lawfulBefore(status);
    const end = moveItem(keys.release(model, release), status, from, { outcome, endedAt: at });
    const ended = await this.#unlessChanged(model, audit, [end]);
    const after = await this.getRelease(model, release);
    if (!ended && !isEnd(after.status)) {
      throw new UnlawfulTransitionError(
        `expected release ${model}/${release} in a status before ${status}, got ${after.status}`,
      );
    }
    await this.#giveBackLease(model, release);
    return after;
  }

  async markTold(model: string, release: number, at: string): Promise<void> {
    await this.table.transact([
      {
        Update: {
          Key: keys.release(model, release),
          UpdateExpression: 'SET toldAt = if_not_exists(toldAt, :at)',
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeValues: { ':at': at },
        },
      },
    ]);
  }

  async #giveBackLease(model: string, release: number): Promise<void> {
    try {
      await this.table.transact([setModel(model, {}, { activeRelease: release }, ['activeRelease'])]);
    } catch (error) {
      // Given back before, by an earlier delivery; another release may hold it now.
      if (!(error instanceof ConditionFailedError)) throw error;
    }
  }

  async #unlessChanged(model: string, audit: AuditEvent, items: readonly TransactItem[]): Promise<boolean> {
    try {
      await this.table.transactAudited(model, audit, items);
      return true;
    } catch (error) {
      if (!(error instanceof ConditionFailedError) || !error.failed.slice(0, items.length).includes(true)) throw error;
      if (items.some((item, i) => 'Update' in item && error.failed[i] && !error.items[i])) {
        throw new NotFoundError(`expected the rows of model ${model} to exist, got none`);
      }
      return false;
    }
  }
}

const claimOf = (model: string, upload: QueuedUpload, became: UploadClaim['became']): UploadClaim => ({
  model,
  key: upload.dataset.key,
  versionId: upload.dataset.versionId ?? 'null',
  became,
});

/** A release that holds the lease gives way only while people are asked about it. */
const stillWaits = (model: string, release: number): TransactItem => ({
  ConditionCheck: {
    Key: keys.release(model, release),
    ConditionExpression: '#status = :waits',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: { ':waits': 'AwaitingApproval' satisfies ReleaseStatus },
  },
});

/** Claims an upload, once. @param replace only one that was queued */
export const claimItem = (claim: UploadClaim, replace = false): TransactItem => ({
  Put: {
    Item: { ...keys.claim(claim.model, claim.key, claim.versionId), ...claim },
    ...(replace
      ? {
          ConditionExpression: 'became.kind = :queued',
          ExpressionAttributeValues: { ':queued': 'queued' },
        }
      : { ConditionExpression: 'attribute_not_exists(pk)' }),
  },
});

const refusalItem = (refusal: Refusal): TransactItem => ({
  Put: { Item: { ...keys.refusal(refusal.id), ...refusal }, ConditionExpression: 'attribute_not_exists(pk)' },
});

/** Changes the model's row where the named values (`path`: value, undefined for absent) are still what was read. */
function setModel(
  model: string,
  change: Readonly<Record<string, unknown>>,
  unchanged: Readonly<Record<string, unknown>>,
  remove: readonly string[] = [],
): TransactItem {
  const names: Record<string, string> = {};
  const values: Record<string, unknown> = {};
  const path = (text: string) =>
    text
      .split('.')
      .map((part) => {
        names[`#${part}`] = part;
        return `#${part}`;
      })
      .join('.');
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  const removed = [...remove, ...Object.keys(change).filter((name) => change[name] === undefined)];
  const set = given.map(([name, value], i) => {
    values[`:set${i}`] = value;
    return `${path(name)} = :set${i}`;
  });
  const conditions = Object.entries(unchanged).map(([name, value], i) => {
    if (value === undefined) return `attribute_not_exists(${path(name)})`;
    values[`:was${i}`] = value;
    return `${path(name)} = :was${i}`;
  });
  const clauses = [
    ...(set.length > 0 ? [`SET ${set.join(', ')}`] : []),
    ...(removed.length > 0 ? [`REMOVE ${removed.map(path).join(', ')}`] : []),
  ];
  return {
    Update: {
      Key: keys.model(model),
      UpdateExpression: clauses.join(' '),
      ConditionExpression: ['attribute_exists(pk)', ...conditions].join(' AND '),
      ExpressionAttributeNames: names,
      ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
    },
  };
}

const sameObject = (a: ObjectRef | undefined, b: ObjectRef): boolean =>
  a !== undefined && a.bucket === b.bucket && a.key === b.key && a.versionId === b.versionId;
