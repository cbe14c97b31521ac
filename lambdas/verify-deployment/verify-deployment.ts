import type { RollbackStore, RolloutTraffic, ServingEndpoints } from '../../domain/deployment/ports.ts';
import { differencesInService, sameAnswer } from '../../domain/deployment/proof.ts';
import { rolloutOf } from '../../domain/deployment/rollout.ts';
import { deployedModelName, endpointNameOf } from '../../domain/deployment/serving-container.ts';
import { DeploymentNotProvedError } from '../../domain/errors.ts';
import type { ObjectRef } from '../../domain/model.ts';
import type { LineageStore, Now, ObjectStore } from '../../domain/ports.ts';
import type { RolloutRequests } from '../../domain/step-results.ts';
import { servingEnvironment } from '../../domain/training/container-contract.ts';
import type { VersionRow } from '../../domain/version.ts';
import type { DefinitionReader } from '../shared/read-definition.ts';
import type { VerifyDeploymentInput, VerifyDeploymentOutput } from './contract.ts';

/** Rows of the hold-out that the endpoint answers; enough to tell two models apart, few enough to take a second. */
const SMOKE_ROWS = 50;

export interface VerifyDeploymentDependencies {
  readonly lineage: LineageStore;
  readonly rollbacks: Pick<RollbackStore, 'recordProof'>;
  readonly objects: ObjectStore;
  readonly endpoints: ServingEndpoints;
  readonly traffic: RolloutTraffic;
  readonly readDefinition: DefinitionReader;
  readonly prefix: string;
  readonly now: Now;
}

/**
 * Proves what serves: that SageMaker has the approved configuration, image and model data in service, and that it answers
 * hold-out rows as they were answered when the version was validated.
 *
 * @throws {DeploymentNotProvedError} with every difference found
 */
export const verifyDeployment =
  (dependencies: VerifyDeploymentDependencies) =>
  async (input: VerifyDeploymentInput): Promise<VerifyDeploymentOutput> => {
    const { lineage, now } = dependencies;
    const version = await lineage.getVersion(input.model, input.version);
    refuse(input, [...namesAgainst(dependencies, input), ...(await differences(dependencies, input, version))]);
    const traffic = await liveTraffic(dependencies, input, version);
    const smokeRows = await smokeTest(dependencies, input, version);
    const proof = { provedAt: now().toISOString(), smokeRows, ...(traffic && { traffic }) };
    await record(dependencies, input, proof);
    return proof;
  };

/** In the rollback's row, or as the release's step. */
async function record(
  { lineage, rollbacks }: VerifyDeploymentDependencies,
  input: VerifyDeploymentInput,
  proof: VerifyDeploymentOutput,
): Promise<void> {
  const { endpointName, endpointConfigName, previousConfigName, rollback } = input;
  const proved = { endpointName, endpointConfigName, ...proof };
  const event = {
    type: 'DeploymentProved',
    actor: 'launchway:verify-deployment',
    subject: `version/${input.version}`,
    details: { ...proved, ...(rollback !== undefined && { rollback }) },
  };
  if (rollback !== undefined) return rollbacks.recordProof(input.model, rollback, proved, event);
  const deployment = { ...proved, ...(previousConfigName !== undefined && { previousConfigName }) };
  await lineage.recordSteps(input.model, input.release, { deployment }, event);
}

/** Longer than any rollout; a configuration is new with its version, so all that it answered is the rollout's. */
const ROLLOUT_MS = 3 * 3_600_000;

/** What callers asked of a version that took over from another under alarms; before the smoke test asks anything. */
async function liveTraffic(
  { traffic, readDefinition, now }: VerifyDeploymentDependencies,
  { endpointName, endpointConfigName, watched }: VerifyDeploymentInput,
  version: VersionRow,
): Promise<RolloutRequests | undefined> {
  if (!watched) return undefined;
  const { serving } = await readDefinition(version.definition);
  const [start, end] = [now().getTime() - ROLLOUT_MS, now().getTime()].map((at) => new Date(at).toISOString());
  const requests = await traffic.requests(endpointName, endpointConfigName, { start: start!, end: end! });
  return { requests, needed: rolloutOf(serving).minRequests };
}

/** The workflow's names must be the ones that follow from the model and version. */
function namesAgainst({ prefix }: VerifyDeploymentDependencies, input: VerifyDeploymentInput): string[] {
  const endpointName = endpointNameOf(prefix, input.model);
  const modelName = deployedModelName(prefix, input.model, input.version);
  return [
    ...(input.endpointName === endpointName ? [] : [`expected endpoint ${endpointName}, got ${input.endpointName}`]),
    ...(input.modelName === modelName ? [] : [`expected model ${modelName}, got ${input.modelName}`]),
  ];
}

async function differences(
  { endpoints, readDefinition }: VerifyDeploymentDependencies,
  { endpointName, endpointConfigName, modelName }: VerifyDeploymentInput,
  version: VersionRow,
): Promise<string[]> {
  const endpoint = await endpoints.describe(endpointName);
  // What the endpoint says it runs, not what it was asked to run.
  const { modelNames } = await endpoints.describeConfiguration(endpoint.configName);
  const model = await endpoints.describeModel(modelNames[0] ?? modelName);
  const environment = servingEnvironment(await readDefinition(version.definition));
  const expected = { version, modelName, configName: endpointConfigName, environment };
  return differencesInService(expected, { endpoint, modelNames, model });
}

async function smokeTest(
  { objects, endpoints }: VerifyDeploymentDependencies,
  input: VerifyDeploymentInput,
  version: VersionRow,
): Promise<number> {
  if (!version.evaluation) throw notProved(input, [`expected version ${input.version} to be evaluated, got none`]);
  const features = objectAt(`${version.prepared.uri.replace(/\/$/, '')}/holdout/features.csv`);
  const rows = await firstLines(await objects.read(features), SMOKE_ROWS);
  const validated = await firstLines(await objects.read(objectAt(version.evaluation.predictionsUri)), SMOKE_ROWS);
  if (rows.length === 0 || rows.length !== validated.length) {
    throw notProved(input, [
      `expected a validated answer per hold-out row, got ${validated.length} for ${rows.length}`,
    ]);
  }
  const wrong: string[] = [];
  for (const [i, row] of rows.entries()) {
    // Captures of these rows carry the marked id, and are dropped from monitoring.
    const served = await endpoints.invoke(input.endpointName, row, `launchway-smoke-${input.release}-${i}`);
    if (!sameAnswer(validated[i]!, served)) {
      wrong.push(`expected hold-out row ${i + 1} answered with ${brief(validated[i]!)}, got ${brief(served)}`);
    }
  }
  const more = wrong.length > 3 ? [`and ${wrong.length - 3} more of ${rows.length} rows`] : [];
  refuse(input, [...wrong.slice(0, 3), ...more]);
  return rows.length;
}

const brief = (text: string): string => JSON.stringify(text.trim().slice(0, 60));

function refuse(input: VerifyDeploymentInput, reasons: readonly string[]): void {
  if (reasons.length > 0) throw notProved(input, reasons);
}

const notProved = ({ model, version, endpointName }: VerifyDeploymentInput, reasons: readonly string[]) =>
  new DeploymentNotProvedError(
    `endpoint ${endpointName} does not serve version ${version} of ${model} as approved: ${reasons.join('; ')}`,
    { model, version, endpointName, reasons },
  );

/** The first lines of a text; it is read no further than that. */
async function firstLines(bytes: AsyncIterable<Uint8Array>, limit: number): Promise<string[]> {
  const decoder = new TextDecoder();
  let text = '';
  const lines: string[] = [];
  for await (const chunk of bytes) {
    text += decoder.decode(chunk, { stream: true });
    const parts = text.split('\n');
    text = parts.pop()!;
    lines.push(...parts);
    if (lines.length >= limit) break;
  }
  if (text !== '') lines.push(text);
  return lines
    .slice(0, limit)
    .map((line) => line.replace(/\r$/, ''))
    .filter((line) => line !== '');
}

function objectAt(uri: string): ObjectRef {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
  if (bucket === undefined || key === undefined) throw new RangeError(`expected an s3:// address, got ${uri}`);
  return { bucket, key };
}
