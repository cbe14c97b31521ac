import { createHash } from 'node:crypto';
import { approvalSubject } from '../../domain/approval/approval-subject.ts';
import type { ApprovalStore } from '../../domain/approval/ports.ts';
import { seatsFor } from '../../domain/approval/seats.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import type { DeployedConfig } from '../../domain/deployed-config.ts';
import { reasonsAgainstDeployment } from '../../domain/deployment/authorization.ts';
import type { AuditTrail, DeploymentLease, RollbackStore } from '../../domain/deployment/ports.ts';
import { planRollout } from '../../domain/deployment/rollout.ts';
import { deployedModelName, endpointNameOf, servingRoleArn } from '../../domain/deployment/serving-container.ts';
import { ApprovalRevokedError, DeploymentNotApprovedError } from '../../domain/errors.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { LineageStore, ObjectStore } from '../../domain/ports.ts';
import { servingEnvironment } from '../../domain/training/container-contract.ts';
import type { VersionRow } from '../../domain/version.ts';
import { jobName } from '../shared/job-name.ts';
import type { DefinitionReader } from '../shared/read-definition.ts';
import type { AuthorizeDeploymentInput, AuthorizeDeploymentOutput } from './contract.ts';

export interface AuthorizeDeploymentDependencies {
  readonly lineage: LineageStore;
  readonly approvals: ApprovalStore;
  readonly objects: ObjectStore;
  readonly audit: AuditTrail;
  readonly lease: DeploymentLease;
  readonly rollbacks: Pick<RollbackStore, 'get'>;
  readonly readDefinition: DefinitionReader;
  readonly config: DeployedConfig;
  readonly prefix: string;
  readonly accountId: string;
  readonly approvedBucket: string;
  readonly capturesBucket: string;
}

/**
 * Lets exactly what was approved be deployed, and nothing else. Everything is read again: the rows, the definition, the
 * artifact's bytes; of the input only the names of the rows count.
 *
 * @throws {ReleaseSupersededError} a newer release of the model runs, or has been asked about
 * @throws {ApprovalRevokedError} somebody who was asked took the approval back
 * @throws {RollbackRunsError} a former version is being put back: to be tried again
 * @throws {DeploymentNotApprovedError} anything differs from what was approved, with every difference
 */
export const authorizeDeployment =
  (dependencies: AuthorizeDeploymentDependencies) =>
  async (input: AuthorizeDeploymentInput): Promise<AuthorizeDeploymentOutput> => {
    const { lease, audit } = dependencies;
    const version = await versionToServe(dependencies, input);
    const definition = await dependencies.readDefinition(version.definition);
    const digest = await authorize(dependencies, input, version, definition);
    const event = {
      type: input.restoreVersion === undefined ? 'DeploymentAuthorized' : 'RestoreAuthorized',
      actor: 'launchway:authorize-deployment',
      subject: `version/${version.version}`,
      details: { digest, release: input.release, ...(input.rollback !== undefined && { rollback: input.rollback }) },
    };
    if (input.restoreVersion === undefined) {
      await lease.beginDeployment(input.model, input.release, event);
    } else await audit.append(input.model, event);
    // What is put back is waited for: no canary of a version that served before.
    const isRestored = input.restoreVersion !== undefined;
    return plan(dependencies, version, definition, digest, isRestored);
  };

async function versionToServe(
  { lineage }: AuthorizeDeploymentDependencies,
  { model, release, restoreVersion }: AuthorizeDeploymentInput,
): Promise<VersionRow> {
  if (restoreVersion !== undefined) return lineage.getVersion(model, restoreVersion);
  const row = await lineage.getRelease(model, release);
  if (row.version === undefined || row.steps.approval === undefined) {
    throw new DeploymentNotApprovedError(`expected release ${model}/${release} to have been asked about, got none`);
  }
  const version = await lineage.getVersion(model, row.version);
  if (version.approval !== undefined && version.approval.requestId !== row.steps.approval.requestId) {
    throw new DeploymentNotApprovedError(
      `expected version ${version.version} approved by request ${row.steps.approval.requestId}, got ${version.approval.requestId}`,
    );
  }
  return version;
}

/** A former version is served again only where a deployment of another failed, or where somebody asked for it with a reason. */
async function mayRestore(
  { lineage, rollbacks }: AuthorizeDeploymentDependencies,
  { model, restoreVersion, rollback }: AuthorizeDeploymentInput,
): Promise<boolean> {
  const { champion, rollingBack } = await lineage.getModel(model);
  if (rollback === undefined) return champion?.version === restoreVersion;
  const { status, to } = await rollbacks.get(model, rollback);
  return status === 'Requested' && rollingBack === rollback && to === restoreVersion;
}

async function authorize(
  dependencies: AuthorizeDeploymentDependencies,
  input: AuthorizeDeploymentInput,
  version: VersionRow,
  definition: ModelDefinition,
): Promise<string> {
  const { approvals, objects, config, approvedBucket } = dependencies;
  const restoring = input.restoreVersion !== undefined;
  const { object } = version.artifact;
  const request = version.approval && (await approvals.findRequest(version.approval.requestId));
  const reasons = reasonsAgainstDeployment({
    version,
    ...(request && { request }),
    votes: request ? await approvals.listVotes(request.requestId) : [],
    subject: approvalSubject(
      version,
      definition,
      seatsFor(config, definition.tier, definition.approval.require),
      request?.subject.schema,
    ),
    artifactSha256: await sha256Of(await objects.read({ bucket: object.bucket, key: object.key })),
    restoring,
    restoreAllowed: restoring && (await mayRestore(dependencies, input)),
  });
  // Only the write-once bucket keeps what was approved.
  if (object.bucket !== approvedBucket)
    reasons.push(`expected the artifact in ${approvedBucket}, got ${object.bucket}`);
  if (reasons.length === 0 && request) return request.digest;
  const revoked = version.approval?.revoked;
  if (revoked && !restoring) {
    throw new ApprovalRevokedError(`${revoked.by} took the approval back before it was deployed: ${revoked.reason}`);
  }
  throw new DeploymentNotApprovedError(
    `version ${version.version} of ${version.model} may not be deployed: ${reasons.join('; ')}`,
    { model: version.model, version: version.version, reasons },
  );
}

async function sha256Of(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of bytes) hash.update(chunk);
  return hash.digest('hex');
}

function plan(
  { prefix, accountId, capturesBucket }: AuthorizeDeploymentDependencies,
  { model, version, release, team, image, artifact }: VersionRow,
  definition: ModelDefinition,
  digest: string,
  isRestored: boolean,
): AuthorizeDeploymentOutput {
  const modelName = deployedModelName(prefix, model, version);
  const served = {
    modelName,
    image,
    artifactUri: `s3://${artifact.object.bucket}/${artifact.object.key}`,
    environment: servingEnvironment(definition),
    roleArn: servingRoleArn(accountId, prefix, team),
    instanceType: definition.serving.realtime.instance,
    instanceCount: definition.serving.realtime.minInstances,
    captureUri: `s3://${capturesBucket}/${team}/${model}/v${version}`,
    capturePercent: Math.round(definition.monitoring.capture.fraction * 100),
  };
  const servedDigest = createHash('sha256').update(canonicalJson(served)).digest('hex');
  const endpointConfigName = jobName(`${modelName}-${servedDigest.slice(0, 8)}`);
  const endpointName = endpointNameOf(prefix, model);
  const rollout = isRestored ? undefined : planRollout(definition.serving, endpointName, endpointConfigName);
  return {
    version,
    digest,
    ...served,
    endpointConfigName,
    endpointName,
    ...(rollout && { rollout }),
    tags: Object.entries({
      'launchway:model': model,
      'launchway:team': team,
      'launchway:version': String(version),
      'launchway:release': String(release),
      'launchway:digest': digest,
    }).map(([Key, Value]) => ({ Key, Value })),
  };
}
