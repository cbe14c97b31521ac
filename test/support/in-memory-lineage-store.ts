import { createHash } from 'node:crypto';
import { type Refusal, type ReleaseLedger, slotsOf, standing, type UploadClaim } from '../../domain/admission.ts';
import type { AuditEntry, AuditEvent } from '../../domain/audit.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { checkMayDeploy } from '../../domain/deployment/lease.ts';
import type { DeploymentLease } from '../../domain/deployment/ports.ts';
import { ApprovalRevokedError, NotFoundError, UnlawfulTransitionError } from '../../domain/errors.ts';
import type { ModelRow, QueuedUpload } from '../../domain/model.ts';
import type { Now } from '../../domain/ports.ts';
import {
  isEnd,
  RELEASE_TRANSITIONS,
  type ReleaseOutcome,
  type ReleaseRow,
  type ReleaseStatus,
} from '../../domain/release.ts';
import type { SealedArtifact } from '../../domain/step-results.ts';
import { VERSION_TRANSITIONS, type VersionRow } from '../../domain/version.ts';
import { FixedClock } from './in-memory.ts';

type Steps = Partial<ReleaseRow['steps']>;

/** The lineage store's rules over maps. Rows can be planted through `models`, `releases`, `versions`. */
export class InMemoryLineageStore implements ReleaseLedger, DeploymentLease {
  readonly models = new Map<string, ModelRow>();
  /** By `model/release`. */
  readonly releases = new Map<string, ReleaseRow>();
  /** By `model/version`. */
  readonly versions = new Map<string, VersionRow>();
  readonly claims = new Map<string, UploadClaim>();
  readonly refusals = new Map<string, Refusal>();
  readonly audit: AuditEntry[] = [];
  readonly #now: Now;

  constructor(now: Now = new FixedClock().now) {
    this.#now = now;
  }

  async getModel(model: string): Promise<ModelRow> {
    return found(this.models.get(model), `model ${model}`);
  }

  async findModel(model: string): Promise<ModelRow | undefined> {
    return this.models.get(model);
  }

  async getRelease(model: string, release: number): Promise<ReleaseRow> {
    return found(this.releases.get(`${model}/${release}`), `release ${model}/${release}`);
  }

  async getVersion(model: string, version: number): Promise<VersionRow> {
    return found(this.versions.get(`${model}/${version}`), `version ${model}/${version}`);
  }

  async listReleases(model: string): Promise<ReleaseRow[]> {
    return [...this.releases.values()].filter((row) => row.model === model).sort((a, b) => a.release - b.release);
  }

  async listVersions(model: string): Promise<VersionRow[]> {
    return [...this.versions.values()].filter((row) => row.model === model).sort((a, b) => a.version - b.version);
  }

  async moveRelease(
    model: string,
    release: number,
    next: ReleaseStatus,
    change: { readonly steps?: Steps; readonly outcome?: ReleaseOutcome },
    audit: AuditEvent,
  ): Promise<void> {
    const row = await this.getRelease(model, release);
    if (row.status === next) return;
    lawful(RELEASE_TRANSITIONS[row.status], row.status, next);
    const steps = { ...change.steps, ...row.steps };
    this.#write({ ...row, status: next, steps, ...(change.outcome && { outcome: change.outcome }) });
    this.#append(model, audit);
  }

  async moveVersion(
    model: string,
    version: number,
    next: VersionRow['status'],
    change: { readonly evaluation?: VersionRow['evaluation']; readonly approval?: VersionRow['approval'] },
    audit: AuditEvent,
  ): Promise<void> {
    const row = await this.getVersion(model, version);
    if (row.status === next) return;
    lawful(VERSION_TRANSITIONS[row.status], row.status, next);
    this.versions.set(`${model}/${version}`, { ...row, ...change, status: next });
    this.#append(model, audit);
  }

  async recordSteps(model: string, release: number, steps: Steps, audit: AuditEvent): Promise<void> {
    const row = await this.getRelease(model, release);
    if (Object.keys(steps).every((name) => name in row.steps)) return;
    this.#write({ ...row, steps: { ...steps, ...row.steps } });
    this.#append(model, audit);
  }

  async findClaim(model: string, key: string, versionId: string): Promise<UploadClaim | undefined> {
    return this.claims.get(`${model}#${key}#${versionId}`);
  }

  async saveDefinition(next: ModelRow, seen: ModelRow | undefined, claim: UploadClaim, audit: AuditEvent) {
    const current = this.models.get(next.model);
    if (current?.definition.sha256 !== seen?.definition.sha256 || !this.#claim(claim)) return false;
    const { team, tier, owner, definition, training, split } = next;
    const changed = { team, tier, owner, definition, training, split };
    this.models.set(next.model, current ? { ...current, ...changed } : next);
    this.#append(next.model, audit);
    return true;
  }

  async saveCode(
    model: string,
    code: Pick<ModelRow, 'source'> | Pick<ModelRow, 'artifact'>,
    claim: UploadClaim,
    audit: AuditEvent,
  ) {
    const current = found(this.models.get(model), 'the model');
    if (!this.#claim(claim)) return false;
    this.models.set(model, { ...current, ...code });
    this.#append(model, audit);
    return true;
  }

  async admit(release: ReleaseRow, upload: QueuedUpload, seen: ModelRow, audit: AuditEvent) {
    const current = found(this.models.get(release.model), 'the model');
    const slots = slotsOf(upload);
    const waits = seen[slots.queued];
    const waited = waits?.dataset.versionId === upload.dataset.versionId && waits !== undefined;
    const changed =
      current.releases !== seen.releases ||
      current.activeRelease !== seen.activeRelease ||
      (seen.activeRelease !== undefined &&
        this.releases.get(`${release.model}/${seen.activeRelease}`)?.status !== 'AwaitingApproval') ||
      current[slots.queued]?.sequencer !== waits?.sequencer;
    const claim = claimOf(release.model, upload, { kind: 'release', release: release.release });
    if (changed || (!waited && !this.#claim(claim))) return false;
    this.claims.set(claimKey(claim), claim);
    const { [slots.queued]: _queued, ...rest } = current;
    const lease = { releases: release.release, activeRelease: release.release, [slots.latest]: standing(upload) };
    this.models.set(release.model, { ...rest, ...lease });
    this.#write(release);
    this.#append(release.model, audit);
    return true;
  }

  async queue(upload: QueuedUpload, seen: ModelRow, audit: AuditEvent) {
    const current = found(this.models.get(seen.model), 'the model');
    const { queued } = slotsOf(upload);
    const changed =
      current.activeRelease !== seen.activeRelease || current[queued]?.sequencer !== seen[queued]?.sequencer;
    if (changed || !this.#claim(claimOf(seen.model, upload, { kind: 'queued' }))) return false;
    this.models.set(seen.model, { ...current, [queued]: upload });
    this.#append(seen.model, audit);
    return true;
  }

  async supersede(upload: QueuedUpload, seen: ModelRow, audit: AuditEvent) {
    if (!this.#claim(claimOf(seen.model, upload, { kind: 'superseded' }))) return false;
    this.#append(seen.model, audit);
    return true;
  }

  async refuse(refusal: Refusal, claim: UploadClaim) {
    if (this.refusals.has(refusal.id) || !this.#claim(claim)) return false;
    this.refusals.set(refusal.id, refusal);
    return true;
  }

  async dropQueued(model: string, upload: QueuedUpload, refusal: Refusal, audit: AuditEvent) {
    const { [slotsOf(upload).queued]: queued, ...rest } = found(this.models.get(model), 'the model');
    if (queued?.sequencer !== upload.sequencer) return false;
    this.models.set(model, rest);
    this.refusals.set(refusal.id, refusal);
    this.#append(model, audit);
    return true;
  }

  async sealVersion(
    version: Omit<VersionRow, 'version' | 'model'>,
    model: string,
    artifact: SealedArtifact,
    audit: (version: number) => AuditEvent,
  ): Promise<number> {
    const release = await this.getRelease(model, version.release);
    if (release.version !== undefined) return release.version;
    if (release.status !== 'Sealing') throw new UnlawfulTransitionError(`expected Sealing, got ${release.status}`);
    const current = found(this.models.get(model), 'the model');
    const number = current.versions + 1;
    this.models.set(model, { ...current, versions: number });
    this.versions.set(`${model}/${number}`, { ...version, model, version: number });
    this.#write({ ...release, version: number, steps: { ...release.steps, artifact } });
    this.#append(model, audit(number));
    return number;
  }

  async endRelease(
    model: string,
    release: number,
    status: ReleaseStatus,
    outcome: ReleaseOutcome,
    at: string,
    audit: AuditEvent,
  ): Promise<ReleaseRow> {
    let row = await this.getRelease(model, release);
    if (!isEnd(row.status) || row.outcome === undefined) {
      if (row.status !== status) lawful(RELEASE_TRANSITIONS[row.status], row.status, status);
      row = { ...row, status, outcome, endedAt: at };
      this.#write(row);
      this.#append(model, audit);
    }
    const { activeRelease, ...rest } = found(this.models.get(model), 'the model');
    if (activeRelease === release) this.models.set(model, rest);
    return row;
  }

  async beginDeployment(model: string, release: number, audit: AuditEvent): Promise<void> {
    const row = await this.getRelease(model, release);
    if (row.status === 'Deploying') return;
    const current = found(this.models.get(model), 'the model');
    checkMayDeploy(current, release, this.releases.get(`${model}/${current.activeRelease}`));
    lawful(RELEASE_TRANSITIONS[row.status], row.status, 'Deploying');
    if (this.versions.get(`${model}/${row.version}`)?.approval?.revoked) throw new ApprovalRevokedError('taken back');
    this.models.set(model, { ...current, activeRelease: release });
    this.#write({ ...row, status: 'Deploying' });
    this.#append(model, audit);
  }

  async markTold(model: string, release: number, at: string): Promise<void> {
    const row = await this.getRelease(model, release);
    this.#write({ ...row, toldAt: row.toldAt ?? at });
  }

  #write(row: ReleaseRow): void {
    this.releases.set(`${row.model}/${row.release}`, row);
  }

  #claim(claim: UploadClaim): boolean {
    if (this.claims.has(claimKey(claim))) return false;
    this.claims.set(claimKey(claim), claim);
    return true;
  }

  #append(model: string, event: AuditEvent): void {
    const chain = this.audit.filter((entry) => entry.model === model);
    const unhashed = {
      ...event,
      model,
      sequence: chain.length + 1,
      at: this.#now().toISOString(),
      previous: chain.at(-1)?.hash ?? '0'.repeat(64),
    };
    this.audit.push({ ...unhashed, hash: createHash('sha256').update(canonicalJson(unhashed)).digest('hex') });
  }
}

const claimKey = ({ model, key, versionId }: UploadClaim): string => `${model}#${key}#${versionId}`;

const claimOf = (model: string, upload: QueuedUpload, became: UploadClaim['became']): UploadClaim => ({
  model,
  key: upload.dataset.key,
  versionId: upload.dataset.versionId ?? 'null',
  became,
});

function lawful(allowed: readonly string[], from: string, next: string): void {
  if (!allowed.includes(next)) throw new UnlawfulTransitionError(`expected a lawful move, got ${from} to ${next}`);
}

function found<Row>(row: Row | undefined, what: string): Row {
  if (row === undefined) throw new NotFoundError(`expected ${what} to exist, got none`);
  return row;
}
