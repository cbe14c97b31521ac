import type { DeploymentConfig } from '@aws-sdk/client-sagemaker';
import { ModelServerError } from '../container/model-server.ts';
import { hasCapacity, NO_ENDPOINT_CAPACITY } from '../limits.ts';
import { assumeForSageMaker, failureReason, type Platform } from '../platform.ts';
import type { DataCapture } from './data-capture.ts';
import { type Endpoint, type EndpointRecords, type Fleet, runningVariants, servingFleet } from './endpoint.ts';
import type { Fleets } from './fleets.ts';
import { trafficPlan } from './traffic.ts';

/** Alarms are looked at this often while a deployment is watched. */
const WATCH_MS = 15_000;

/** Brings new fleets up, moves traffic to them step by step, watches alarms, and rolls back. */
export class Deployments {
  readonly #platform: Platform;
  readonly #records: EndpointRecords;
  readonly #fleets: Fleets;
  readonly #capture: DataCapture;
  readonly #running = new Set<Promise<void>>();

  constructor(platform: Platform, records: EndpointRecords, fleets: Fleets, capture: DataCapture) {
    this.#platform = platform;
    this.#records = records;
    this.#fleets = fleets;
    this.#capture = capture;
  }

  /** Continues the deployment of an endpoint from what is stored, now or after a restart. */
  proceed(name: string): void {
    const endpoint = this.#records.find(name);
    if (!endpoint) return;
    if (endpoint.status === 'Deleting') this.#inBackground(this.#delete(endpoint));
    else if (endpoint.status === 'RollingBack') this.#inBackground(this.#finishRollback(endpoint));
    else if (endpoint.deployment?.step === undefined && endpoint.deployment) this.#inBackground(this.#start(endpoint));
    else if (endpoint.deployment) this.#inBackground(this.#watch(name));
  }

  /** Resolves when no deployment touches files or state any more. */
  async stop(): Promise<void> {
    await Promise.allSettled(this.#running);
  }

  /** @throws {ServiceError} where an alarm is missing or cannot be read */
  async alarmStates(endpoint: Endpoint, names: readonly string[], roleArn: string): Promise<Map<string, string>> {
    const { cloud } = this.#platform;
    const principal = await assumeForSageMaker(cloud, roleArn, endpoint.arn);
    const answer = (await cloud.call({
      service: 'monitoring',
      operation: 'DescribeAlarms',
      principal,
      input: { AlarmNames: names },
    })) as Record<'MetricAlarms' | 'CompositeAlarms', { AlarmName: string; StateValue: string }[] | undefined>;
    const alarms = [...(answer.MetricAlarms ?? []), ...(answer.CompositeAlarms ?? [])];
    return new Map(alarms.map((alarm) => [alarm.AlarmName, alarm.StateValue]));
  }

  #inBackground(work: Promise<void>): void {
    const tracked = this.#platform.cloud.track(work).finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
    tracked.catch(() => {}); // reported by track
  }

  async #start(endpoint: Endpoint): Promise<void> {
    const { cloud } = this.#platform;
    const fleet = comingFleet(endpoint)!;
    let digests: Map<string, string>;
    try {
      this.#provision(fleet);
      digests = await this.#fleets.start(endpoint, fleet);
    } catch (error) {
      if (this.#platform.stopped) return;
      const reason = failureReason((error as Error).message);
      if (endpoint.status === 'Creating') await this.#fail(endpoint, fleet, reason);
      else this.#rollBack(endpoint.name, reason);
      return;
    }
    this.#records.change(endpoint.name, (current) => {
      const coming = comingFleet(current);
      for (const variant of coming ? runningVariants(coming) : []) {
        variant.digest = digests.get(variant.name)!;
        variant.startedAt = cloud.clock.now();
      }
    });
    this.#enterStep(endpoint.name, 0);
    await this.#watch(endpoint.name);
  }

  /** @throws {ModelServerError} where AWS has no such instances left */
  #provision(fleet: Fleet): void {
    for (const { instanceType, instanceCount } of runningVariants(fleet)) {
      if (instanceType && !hasCapacity(this.#platform.cloud, instanceType, instanceCount))
        throw new ModelServerError(NO_ENDPOINT_CAPACITY);
    }
  }

  #enterStep(name: string, step: number): void {
    this.#records.change(name, (endpoint) => {
      const fleet = comingFleet(endpoint)!;
      const { percent, seconds } = planOf(endpoint.deployment!.config, fleet)[step]!;
      for (const candidate of endpoint.fleets) candidate.share = candidate.id === fleet.id ? percent : 100 - percent;
      endpoint.deployment = {
        ...endpoint.deployment!,
        step,
        stepEndsAt: this.#platform.cloud.clock.now() + seconds * 1000,
      };
    });
  }

  /** Looks at the alarms, then waits, goes a step further, or finishes. */
  async #watch(name: string): Promise<void> {
    const { cloud } = this.#platform;
    for (;;) {
      const endpoint = this.#records.find(name);
      const deployment = endpoint?.deployment;
      if (!endpoint || deployment?.step === undefined || endpoint.status === 'Deleting') return;
      const trouble = endpoint.status === 'Updating' ? await this.#trouble(endpoint) : undefined;
      if (trouble) return this.#rollBack(name, trouble);
      const now = cloud.clock.now();
      if (now < deployment.stepEndsAt!) {
        cloud.clock.at(Math.min(now + WATCH_MS, deployment.stepEndsAt!), () => this.#inBackground(this.#watch(name)));
        return;
      }
      if (deployment.step + 1 >= planOf(deployment.config, comingFleet(endpoint)!).length)
        return this.#finish(endpoint);
      this.#enterStep(name, deployment.step + 1);
    }
  }

  /** Why a deployment may not go on, if so. */
  async #trouble(endpoint: Endpoint): Promise<string | undefined> {
    const { config, startedAt } = endpoint.deployment!;
    const limit = config.BlueGreenUpdatePolicy?.MaximumExecutionTimeoutInSeconds;
    if (limit !== undefined && this.#platform.cloud.clock.now() > startedAt + limit * 1000) {
      return `The deployment did not finish within MaximumExecutionTimeoutInSeconds (${limit})`;
    }
    const names = alarmNames(config);
    if (names.length === 0) return undefined;
    try {
      const states = await this.alarmStates(endpoint, names, comingFleet(endpoint)!.variants[0]!.roleArn);
      const inAlarm = names.filter((name) => states.get(name) === 'ALARM');
      if (inAlarm.length > 0)
        return `One or more alarms in AutoRollbackConfiguration are in ALARM state: ${inAlarm.join(', ')}`;
      const missing = names.filter((name) => !states.has(name));
      return missing.length > 0 ? `Alarms in AutoRollbackConfiguration do not exist: ${missing.join(', ')}` : undefined;
    } catch (error) {
      return `Could not read the alarms in AutoRollbackConfiguration: ${(error as Error).message}`;
    }
  }

  async #finish(endpoint: Endpoint): Promise<void> {
    const coming = comingFleet(endpoint)!;
    const retired = endpoint.fleets.filter((fleet) => fleet.id !== coming.id);
    this.#records.change(endpoint.name, (current) => {
      if (current.status === 'Updating') current.lastDeploymentConfig = current.deployment!.config;
      current.status = 'InService';
      current.configName = coming.configName;
      current.fleets = current.fleets.filter((fleet) => fleet.id === coming.id);
      current.deployment = undefined;
      current.failureReason = undefined;
    });
    await this.#retire(endpoint, retired);
  }

  #rollBack(name: string, reason: string): void {
    const rolling = this.#records.change(name, (endpoint) => {
      endpoint.status = 'RollingBack';
      endpoint.failureReason = failureReason(reason);
      for (const fleet of endpoint.fleets) fleet.share = fleet.id === endpoint.deployment!.fleetId ? 0 : 100;
    });
    if (rolling) this.#inBackground(this.#finishRollback(rolling));
  }

  /** Back to the old configuration, which must still answer. */
  async #finishRollback(endpoint: Endpoint): Promise<void> {
    const coming = comingFleet(endpoint);
    let answers = true;
    try {
      await this.#fleets.start(endpoint, servingFleet(endpoint)!);
    } catch (error) {
      if (this.#platform.stopped) return;
      answers = false;
      endpoint.failureReason = failureReason(
        `${endpoint.failureReason} The old fleet does not answer: ${(error as Error).message}`,
      );
    }
    this.#records.change(endpoint.name, (current) => {
      current.status = answers ? 'InService' : 'UpdateRollbackFailed';
      current.failureReason = endpoint.failureReason;
      current.fleets = current.fleets.filter((fleet) => fleet.id !== coming?.id);
      current.deployment = undefined;
    });
    await this.#retire(endpoint, coming ? [coming] : []);
  }

  async #fail(endpoint: Endpoint, fleet: Fleet, reason: string): Promise<void> {
    this.#records.change(endpoint.name, (current) => {
      current.status = 'Failed';
      current.failureReason = reason;
      current.deployment = undefined;
    });
    await this.#fleets.retire(endpoint, fleet);
  }

  async #delete(endpoint: Endpoint): Promise<void> {
    await this.#retire(endpoint, endpoint.fleets);
    this.#records.delete(endpoint);
    this.#platform.tags.forget(endpoint.arn);
  }

  async #retire(endpoint: Endpoint, fleets: readonly Fleet[]): Promise<void> {
    for (const fleet of fleets) {
      await this.#fleets.retire(endpoint, fleet);
      await this.#capture.flushFleet(endpoint.name, fleet.id);
    }
  }
}

export const alarmNames = (config: DeploymentConfig | undefined): string[] =>
  (config?.AutoRollbackConfiguration?.Alarms ?? []).map((alarm) => alarm.AlarmName!);

const comingFleet = (endpoint: Endpoint): Fleet | undefined =>
  endpoint.fleets.find((fleet) => fleet.id === endpoint.deployment?.fleetId);

const planOf = (config: DeploymentConfig, fleet: Fleet) =>
  trafficPlan(
    config.BlueGreenUpdatePolicy,
    fleet.variants.reduce((total, variant) => total + variant.instanceCount, 0),
  );
