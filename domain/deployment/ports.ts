import type { AuditEntry, AuditEvent } from '../audit.ts';
import type { TimeWindow } from '../drift/persistence.ts';
import type { Champion, ModelRow } from '../model.ts';
import type { HostedResource } from './orphans.ts';
import type { RollbackProof, RollbackRow } from './rollback.ts';

/** SageMaker hosting, as it is looked at and asked. Changes are made by the workflow. */
export interface ServingEndpoints {
  describe(endpointName: string): Promise<ServedEndpoint>;
  describeConfiguration(configName: string): Promise<{ readonly modelNames: readonly string[] }>;
  describeModel(modelName: string): Promise<{
    readonly image: string;
    readonly artifactUri: string;
    readonly environment: Readonly<Record<string, string>>;
    readonly networkIsolated: boolean;
  }>;
  /** One row of headerless CSV in, the answer's text out. */
  invoke(endpointName: string, row: string, inferenceId: string): Promise<string>;
}

/** Everything that SageMaker hosts for this deployment. */
export interface HostingInventory {
  list(): Promise<HostedResource[]>;
}

/** What callers sent while a version took over. */
export interface RolloutTraffic {
  /** @param during at most a few hours @returns requests that this configuration of the endpoint answered; the newest may not be counted yet */
  requests(endpointName: string, endpointConfigName: string, during: TimeWindow): Promise<number>;
}

export interface ServedEndpoint {
  /** `InService`, `Updating`, `Failed`, … */
  readonly status: string;
  readonly configName: string;
  readonly failureReason?: string;
  /** Images as asked for and as resolved to a digest. */
  readonly images: readonly { readonly specified: string; readonly resolved: string }[];
}

/** What serves, as the table says it. */
export interface ChampionStore {
  /**
   * Makes a version the champion and retires the former one, in one transaction. Repeating it changes nothing.
   *
   * @returns the version that served before
   * @throws {UnlawfulTransitionError} the version may not serve, or another champion was made meanwhile
   */
  switchTo(model: string, champion: Champion, audit: AuditEvent): Promise<{ readonly previous?: number }>;
}

/** Rollbacks, each with the lease that keeps deployments off meanwhile. */
export interface RollbackStore {
  /**
   * Writes the row, takes the lease and writes the intent to start it, in one transaction.
   *
   * @param seen the model's row as it was judged
   * @returns false where it changed meanwhile, or a release began to be deployed: look again
   */
  request(row: RollbackRow, seen: ModelRow, audit: AuditEvent): Promise<boolean>;
  /** @throws {NotFoundError} */
  get(model: string, rollback: number): Promise<RollbackRow>;
  list(model: string): Promise<RollbackRow[]>;
  /** Repeating it changes nothing. */
  recordProof(model: string, rollback: number, proof: RollbackProof, audit: AuditEvent): Promise<void>;
  /** Records the end, withdraws a version where that was asked for, and gives the lease back. @returns the row as it ended first */
  end(row: RollbackRow, end: RollbackEnd, audit: AuditEvent): Promise<RollbackRow>;
  markTold(model: string, rollback: number, at: string): Promise<void>;
  /** Rollbacks whose execution may not have been started. */
  listIntents(): Promise<readonly { readonly model: string; readonly rollback: number }[]>;
  clearIntent(intent: { readonly model: string; readonly rollback: number }): Promise<void>;
}

export interface RollbackEnd {
  readonly status: 'RolledBack' | 'Failed';
  readonly endedAt: string;
  readonly error?: string;
}

/** Starts executions of `roll-back-model`. */
export interface RollbackExecutions {
  /** Starting what has been started is success: the name is the rollback's own. */
  start(name: string, input: { readonly model: string; readonly rollback: number }): Promise<void>;
}

/** A model's chain, for entries that go with no other change, and to be read. */
export interface AuditTrail {
  append(model: string, event: AuditEvent): Promise<AuditEntry>;
  /** In order. */
  list(model: string): Promise<AuditEntry[]>;
}

/** Who may deploy: one release of a model at a time, and never an older one than people were asked about since. */
export interface DeploymentLease {
  /**
   * Moves the release to Deploying and gives it the model's lease, in one transaction. Repeating it changes nothing.
   *
   * @throws {ReleaseSupersededError} a newer release runs, or has been asked about
   * @throws {ApprovalRevokedError} its version's approval was taken back
   * @throws {UnlawfulTransitionError} the release does not wait for approval
   */
  beginDeployment(model: string, release: number, audit: AuditEvent): Promise<void>;
}
