import type { BlueGreenUpdatePolicy, CapacitySize, DeploymentConfig } from '@aws-sdk/client-sagemaker';
import { onlyMembers, requireMembers, validation } from '../names.ts';
import { type Fleet, runningVariants } from './endpoint.ts';

const MOST_ALARMS = 10;

/**
 * @param fleet that is to be deployed
 * @throws {ServiceError} ValidationException for what AWS refuses
 * @throws {NotImplementedError} for rolling deployments
 */
export function checkDeploymentConfig(config: DeploymentConfig, fleet: Fleet): void {
  onlyMembers('UpdateEndpoint DeploymentConfig', config, ['BlueGreenUpdatePolicy', 'AutoRollbackConfiguration']);
  const alarms = config.AutoRollbackConfiguration?.Alarms;
  if (alarms && (alarms.length < 1 || alarms.length > MOST_ALARMS))
    throw validation(`expected from 1 to ${MOST_ALARMS} alarms in AutoRollbackConfiguration, got ${alarms.length}`);
  if (config.BlueGreenUpdatePolicy) checkPolicy(config.BlueGreenUpdatePolicy, fleet);
}

function checkPolicy(policy: BlueGreenUpdatePolicy, fleet: Fleet): void {
  requireMembers(policy, ['TrafficRoutingConfiguration']);
  const routing = policy.TrafficRoutingConfiguration!;
  requireMembers(routing, ['Type', 'WaitIntervalInSeconds']);
  checkSeconds('WaitIntervalInSeconds', routing.WaitIntervalInSeconds, 0, 3600);
  checkSeconds('TerminationWaitInSeconds', policy.TerminationWaitInSeconds, 0, 3600);
  checkSeconds('MaximumExecutionTimeoutInSeconds', policy.MaximumExecutionTimeoutInSeconds, 600, 28_800);
  if (routing.Type === 'CANARY') checkSize('CanarySize', routing.CanarySize, 0, fleet);
  else if (routing.Type === 'LINEAR') checkSize('LinearStepSize', routing.LinearStepSize, 10, fleet);
  else if (routing.Type !== 'ALL_AT_ONCE')
    throw validation(`expected Type ALL_AT_ONCE, CANARY or LINEAR, got ${routing.Type}`);
}

function checkSeconds(member: string, seconds: number | undefined, least: number, most: number): void {
  if (seconds === undefined || (Number.isInteger(seconds) && seconds >= least && seconds <= most)) return;
  throw validation(`expected ${member} from ${least} to ${most}, got ${seconds}`);
}

/** At most half of each variant's instances, and in steps at least a tenth. */
function checkSize(member: string, size: CapacitySize | undefined, least: number, fleet: Fleet): void {
  const { Type: type, Value: value } = size ?? {};
  if (type !== 'INSTANCE_COUNT' && type !== 'CAPACITY_PERCENT')
    throw validation(`expected ${member}.Type INSTANCE_COUNT or CAPACITY_PERCENT, got ${type}`);
  if (!Number.isInteger(value) || value! < 1) throw validation(`expected ${member}.Value >= 1, got ${value}`);
  for (const { name, instanceCount, serverless } of runningVariants(fleet)) {
    const percent = type === 'INSTANCE_COUNT' ? (value! / instanceCount) * 100 : value!;
    if (serverless || (percent >= least && percent <= 50)) continue;
    throw validation(
      `expected ${member} from ${least} to 50 percent of the instances of variant "${name}", got ${value} ${type}`,
    );
  }
}
