import { randomUUID } from 'node:crypto';
import type {
  CreateEndpointInput,
  DeploymentConfig,
  UpdateEndpointInput,
  UpdateEndpointWeightsAndCapacitiesInput,
} from '@aws-sdk/client-sagemaker';
import type { Need, Operation } from '../../../service.ts';
import type { EndpointConfigs } from '../endpoint-configs.ts';
import { listOperation } from '../listing.ts';
import type { Models } from '../models.ts';
import { arnOf, requireName, validation } from '../names.ts';
import type { Platform } from '../platform.ts';
import { tagContext, tagNeeds } from '../tags.ts';
import { DataCapture } from './data-capture.ts';
import { checkDeploymentConfig } from './deployment-rules.ts';
import { alarmNames, Deployments } from './deployments.ts';
import {
  describe,
  type Endpoint,
  EndpointRecords,
  type Fleet,
  type Retained,
  runningVariants,
  servingFleet,
} from './endpoint.ts';
import { Fleets } from './fleets.ts';
import { Invocations } from './invoke.ts';
import { EndpointMetrics } from './metrics.ts';
import { newFleet, retain } from './new-fleet.ts';
import { SystemUpdates } from './system-update.ts';
import { changeWeights } from './weights.ts';

/** Endpoints: serving processes behind a name, replaced without interruption. */
export class Endpoints {
  readonly operations: Readonly<Record<string, Operation>>;
  readonly #platform: Platform;
  readonly #models: Models;
  readonly #configs: EndpointConfigs;
  readonly #records: EndpointRecords;
  readonly #capture: DataCapture;
  readonly #metrics: EndpointMetrics;
  readonly #deployments: Deployments;
  readonly #systemUpdates: SystemUpdates;

  constructor(platform: Platform, models: Models, configs: EndpointConfigs) {
    this.#platform = platform;
    this.#models = models;
    this.#configs = configs;
    this.#records = new EndpointRecords(platform.cloud);
    const fleets = new Fleets(platform);
    this.#capture = new DataCapture(platform);
    this.#metrics = new EndpointMetrics(platform);
    this.#deployments = new Deployments(platform, this.#records, fleets, this.#capture);
    this.#systemUpdates = new SystemUpdates(platform.cloud, this.#records);
    platform.quotas.count((use, type) => (use === 'endpoint' ? this.#inUse(type) : 0));
    this.operations = {
      CreateEndpoint: this.#create(),
      UpdateEndpoint: this.#update(),
      UpdateEndpointWeightsAndCapacities: this.#updateWeights(),
      DeleteEndpoint: this.#delete(),
      DescribeEndpoint: this.#describe(),
      ListEndpoints: this.#list(),
      InvokeEndpoint: new Invocations(platform, this.#records, fleets, this.#capture, this.#metrics).operation,
    };
  }

  /** Continues deployments; the processes of fleets that serve start with their first request. */
  resume(): void {
    this.#capture.resume();
    this.#systemUpdates.resume();
    for (const { name } of this.#records.all()) this.#deployments.proceed(name);
  }

  async stop(): Promise<void> {
    this.#systemUpdates.stop();
    await this.#deployments.stop();
    await this.#capture.stop();
  }

  /** Sends the metrics counted so far, which are in memory only. */
  flushMetrics(): Promise<void> {
    return this.#metrics.flush(arnOf(this.#platform.cloud, 'endpoint', '*'));
  }

  #create(): Operation {
    return {
      members: ['EndpointName', 'EndpointConfigName', 'Tags', 'DeploymentConfig'],
      needs: ({ input }) => [
        ...this.#changeNeeds('CreateEndpoint', input),
        ...tagNeeds(this.#arn(input.EndpointName), input.Tags),
      ],
      run: async ({ input }) => {
        const request = input as CreateEndpointInput;
        const { cloud, tags } = this.#platform;
        const name = requireName('EndpointName', request.EndpointName);
        const arn = this.#arn(name);
        if (this.#records.find(name)) throw validation(`Cannot create already existing endpoint "${arn}".`);
        const fleet = this.#newFleet(request.EndpointConfigName!);
        this.#admit(fleet);
        const now = cloud.clock.now();
        tags.add(arn, request.Tags);
        this.#records.save({
          name,
          arn,
          createdAt: now,
          modifiedAt: now,
          status: 'Creating',
          configName: request.EndpointConfigName!,
          fleets: [fleet],
          // A first deployment has no old fleet to move traffic from: it is simply brought up.
          deployment: { fleetId: fleet.id, config: {}, startedAt: now },
          ...(request.DeploymentConfig && { lastDeploymentConfig: request.DeploymentConfig }),
        });
        this.#deployments.proceed(name);
        return { EndpointArn: arn };
      },
    };
  }

  #update(): Operation {
    return {
      members: [
        'EndpointName',
        'EndpointConfigName',
        'RetainAllVariantProperties',
        'ExcludeRetainedVariantProperties',
        'DeploymentConfig',
        'RetainDeploymentConfig',
      ],
      needs: ({ input }) => this.#changeNeeds('UpdateEndpoint', input),
      run: async ({ input }) => {
        const request = input as UpdateEndpointInput;
        const endpoint = this.#requireQuiet(request.EndpointName!);
        const current = servingFleet(endpoint)!;
        const fresh = this.#newFleet(request.EndpointConfigName!);
        refuseServerlessSwitch(current, fresh);
        const retained: Retained = {
          all: request.RetainAllVariantProperties ?? false,
          except: request.ExcludeRetainedVariantProperties ?? [],
        };
        const fleet = retain(fresh, current, retained);
        const config =
          request.DeploymentConfig ??
          (request.RetainDeploymentConfig ? endpoint.lastDeploymentConfig : undefined) ??
          {};
        await this.#checkDeployment(endpoint, fleet, config);
        this.#admit(fleet);
        const startedAt = this.#platform.cloud.clock.now();
        this.#records.change(endpoint.name, (updated) => {
          updated.status = 'Updating';
          updated.failureReason = undefined;
          updated.fleets.push(fleet);
          updated.deployment = { fleetId: fleet.id, config, startedAt };
        });
        this.#deployments.proceed(endpoint.name);
        return { EndpointArn: endpoint.arn };
      },
    };
  }

  #updateWeights(): Operation {
    return {
      members: ['EndpointName', 'DesiredWeightsAndCapacities'],
      needs: ({ input }) => [
        { action: 'sagemaker:UpdateEndpointWeightsAndCapacities', resource: this.#arn(input.EndpointName) },
      ],
      run: async ({ input }) => {
        const request = input as UpdateEndpointWeightsAndCapacitiesInput;
        const endpoint = this.#requireQuiet(request.EndpointName!);
        const changed = changeWeights(this.#platform, endpoint, request.DesiredWeightsAndCapacities);
        // Instances are one process here, so the change is there at once; both statuses are told.
        this.#records.save({ ...endpoint, status: 'Updating' });
        this.#records.save({ ...changed, status: 'InService' });
        return { EndpointArn: endpoint.arn };
      },
    };
  }

  #delete(): Operation {
    return {
      members: ['EndpointName'],
      needs: ({ input }) => [{ action: 'sagemaker:DeleteEndpoint', resource: this.#arn(input.EndpointName) }],
      run: async ({ input }) => {
        const endpoint = this.#require(input.EndpointName);
        if (['Creating', 'Updating', 'RollingBack', 'SystemUpdating'].includes(endpoint.status)) {
          throw validation(`Cannot update in-progress endpoint "${endpoint.arn}".`);
        }
        this.#records.change(endpoint.name, (deleted) => {
          deleted.status = 'Deleting';
        });
        this.#deployments.proceed(endpoint.name);
        return {};
      },
    };
  }

  #describe(): Operation {
    return {
      members: ['EndpointName'],
      needs: ({ input }) => [{ action: 'sagemaker:DescribeEndpoint', resource: this.#arn(input.EndpointName) }],
      run: async ({ input }) => describe(this.#require(input.EndpointName)),
    };
  }

  #list(): Operation {
    return listOperation({
      action: 'ListEndpoints',
      as: 'Endpoints',
      byStatus: true,
      all: () => this.#records.all(),
      summary: (endpoint) => ({
        EndpointName: endpoint.name,
        EndpointArn: endpoint.arn,
        CreationTime: new Date(endpoint.createdAt),
        LastModifiedTime: new Date(endpoint.modifiedAt),
        EndpointStatus: endpoint.status,
      }),
    });
  }

  async #checkDeployment(endpoint: Endpoint, fleet: Fleet, config: DeploymentConfig): Promise<void> {
    checkDeploymentConfig(config, fleet);
    const names = alarmNames(config);
    if (names.length === 0) return;
    const states = await this.#deployments.alarmStates(endpoint, names, fleet.variants[0]!.roleArn);
    const missing = names.filter((name) => !states.has(name));
    if (missing.length > 0)
      throw validation(`Could not find alarms in AutoRollbackConfiguration: ${missing.join(', ')}`);
  }

  #newFleet(configName: string): Fleet {
    return newFleet(randomUUID().slice(0, 8), this.#configs.require(configName), this.#models);
  }

  #admit(fleet: Fleet): void {
    const wanted = new Map<string, number>();
    for (const { instanceType, instanceCount } of runningVariants(fleet)) {
      if (instanceType) wanted.set(instanceType, (wanted.get(instanceType) ?? 0) + instanceCount);
    }
    for (const [type, count] of wanted) this.#platform.quotas.admit('endpoint', type, count);
  }

  #require(name: string): Endpoint {
    return this.#records.require(requireName('EndpointName', name), this.#arn(name));
  }

  #requireQuiet(name: string): Endpoint {
    const endpoint = this.#require(name);
    if (endpoint.status === 'InService' || endpoint.status === 'UpdateRollbackFailed') return endpoint;
    if (endpoint.status === 'Failed') throw validation(`Cannot update endpoint "${endpoint.arn}" in status Failed.`);
    throw validation(`Cannot update in-progress endpoint "${endpoint.arn}".`);
  }

  #changeNeeds(operation: string, input: { EndpointName?: string; EndpointConfigName?: string; Tags?: [] }): Need[] {
    const config = arnOf(this.#platform.cloud, 'endpoint-config', input.EndpointConfigName ?? '');
    return [this.#arn(input.EndpointName ?? ''), config].map((resource) => ({
      action: `sagemaker:${operation}`,
      resource,
      context: tagContext(input.Tags),
    }));
  }

  #arn(name: string): string {
    return arnOf(this.#platform.cloud, 'endpoint', name);
  }

  #inUse(type: string): number {
    return this.#records
      .all()
      .filter(({ status }) => status !== 'Failed')
      .flatMap((endpoint) => endpoint.fleets.flatMap(runningVariants))
      .reduce((total, variant) => total + (variant.instanceType === type ? variant.instanceCount : 0), 0);
  }
}

function refuseServerlessSwitch(current: Fleet, next: Fleet): void {
  const serverless = (fleet: Fleet) => fleet.variants.some((variant) => variant.serverless);
  if (serverless(current) !== serverless(next)) {
    throw validation('Cannot update an endpoint between instance-based and serverless variants');
  }
}
