import { physicalName } from '../../physical-name.ts';
import {
  type Cloud,
  NotImplementedError,
  type ProvisionedResource,
  type ResourceHandler,
  type ResourceRequest,
  ServiceError,
} from '../../service.ts';

const SPACE = 'codebuild.projects';

export interface EnvironmentVariable {
  readonly name: string;
  readonly value: string;
}

/** Where a build's files come from. */
export interface BuildSource {
  readonly type: 'S3' | 'NO_SOURCE';
  /** `BUCKET/KEY.zip`, or `BUCKET/FOLDER/`. */
  readonly location?: string;
  /** YAML text, or the path of a file in the source. */
  readonly buildspec?: string;
}

/** A build project. Times in milliseconds since the epoch. */
export interface Project {
  readonly name: string;
  readonly description?: string;
  readonly serviceRole: string;
  readonly source: BuildSource;
  readonly environment: {
    readonly type: string;
    readonly computeType: string;
    readonly image: string;
    readonly privilegedMode: boolean;
    readonly variables: readonly EnvironmentVariable[];
  };
  readonly timeoutInMinutes: number;
  readonly logs: { readonly enabled: boolean; readonly groupName: string; readonly streamPrefix?: string };
  readonly createdAt: number;
  readonly modifiedAt: number;
  /** Recorded: no network, key or cache changes anything here. */
  readonly recorded: Readonly<Record<string, unknown>>;
}

export class Projects {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  arnOf(name: string): string {
    return `arn:aws:codebuild:${this.#cloud.region}:${this.#cloud.account}:project/${name}`;
  }

  find(name: string): Project | undefined {
    return this.#cloud.store.get(SPACE, name);
  }

  /** @throws {ServiceError} ResourceNotFoundException */
  get(name: string): Project {
    const project = this.find(name);
    if (project) return project;
    throw new ServiceError('ResourceNotFoundException', `Project cannot be found: ${this.arnOf(name)}`);
  }

  list(): Project[] {
    return this.#cloud.store.list<Project>(SPACE).map(({ value }) => value);
  }

  put(project: Project): void {
    this.#cloud.store.put(SPACE, project.name, project);
  }

  delete(name: string): void {
    this.#cloud.store.delete(SPACE, name);
  }
}

/** A template's values: intrinsics resolved, shape not yet checked. */
// biome-ignore lint/suspicious/noExplicitAny: read with care below
type Json = any;

const RECORDED = ['Cache', 'EncryptionKey', 'QueuedTimeoutInMinutes', 'Tags', 'Visibility', 'VpcConfig'] as const;

const DEFAULT_MINUTES = 60;

/** `AWS::CodeBuild::Project`: Ref is the name. */
export function projectResource(cloud: Cloud, projects: Projects): ResourceHandler {
  const put = async (request: ResourceRequest): Promise<ProvisionedResource> => {
    const name = physicalName(request, { given: request.properties.Name, longest: 255 });
    projects.put(projectOf(name, request.properties, cloud.clock.now(), projects.find(name)));
    return { ref: name, attributes: { Arn: projects.arnOf(name) } };
  };
  return {
    properties: [
      'Name',
      'Description',
      'ServiceRole',
      'Artifacts',
      'Environment',
      'Source',
      'TimeoutInMinutes',
      'LogsConfig',
      ...RECORDED,
    ],
    create: put,
    update: put,
    delete: async (_, { ref }) => projects.delete(ref),
  };
}

function projectOf(name: string, properties: Json, now: number, before: Project | undefined): Project {
  const { Artifacts, Environment, Source, LogsConfig, ServiceRole, TimeoutInMinutes, Description } = properties;
  if (Artifacts?.Type !== 'NO_ARTIFACTS') throw missing(`Artifacts Type ${Artifacts?.Type}`);
  const { Status, GroupName, StreamName } = LogsConfig?.CloudWatchLogs ?? {};
  if (LogsConfig?.S3Logs && LogsConfig.S3Logs.Status !== 'DISABLED') throw missing('LogsConfig S3Logs');
  return {
    name,
    ...(Description && { description: Description }),
    // A role may be given by its name.
    serviceRole: String(ServiceRole),
    source: sourceOf(Source),
    environment: environmentOf(Environment),
    timeoutInMinutes: Number(TimeoutInMinutes ?? DEFAULT_MINUTES),
    logs: {
      enabled: Status !== 'DISABLED',
      groupName: GroupName ?? `/aws/codebuild/${name}`,
      ...(StreamName && { streamPrefix: StreamName }),
    },
    createdAt: before?.createdAt ?? now,
    modifiedAt: now,
    recorded: Object.fromEntries(
      RECORDED.flatMap((key) => (properties[key] === undefined ? [] : [[key, properties[key]]])),
    ),
  };
}

function sourceOf(source: Json): BuildSource {
  const { Type, Location, BuildSpec, ...other } = source ?? {};
  const unknown = Object.keys(other).find((key) => !['InsecureSsl', 'ReportBuildStatus'].includes(key));
  if (unknown) throw missing(`Source ${unknown}`);
  if (Type !== 'S3' && Type !== 'NO_SOURCE') throw missing(`Source Type ${Type}`);
  if (Type === 'NO_SOURCE' && BuildSpec === undefined) {
    throw new ServiceError('InvalidInputException', 'buildspec is required for NO_SOURCE');
  }
  return { type: Type, ...(Location && { location: Location }), ...(BuildSpec && { buildspec: BuildSpec }) };
}

function environmentOf(environment: Json): Project['environment'] {
  const { Type, ComputeType, Image, PrivilegedMode, EnvironmentVariables, ...other } = environment ?? {};
  const unknown = Object.keys(other).find((key) => key !== 'ImagePullCredentialsType');
  if (unknown) throw missing(`Environment ${unknown}`);
  return {
    type: Type,
    computeType: ComputeType,
    image: Image,
    privilegedMode: PrivilegedMode === true || PrivilegedMode === 'true',
    variables: (EnvironmentVariables ?? []).map((variable: Json) =>
      plainVariable(variable.Name, variable.Value, variable.Type),
    ),
  };
}

/** An environment as the API shows it. */
export const describeEnvironment = (
  { variables: _, ...environment }: Project['environment'],
  variables: readonly EnvironmentVariable[],
) => ({ ...environment, environmentVariables: variables.map((variable) => ({ ...variable, type: 'PLAINTEXT' })) });

/** @throws {NotImplementedError} values from Parameter Store or Secrets Manager */
export function plainVariable(name: string, value: string, type = 'PLAINTEXT'): EnvironmentVariable {
  if (type !== 'PLAINTEXT') throw new NotImplementedError(`codebuild:EnvironmentVariable Type ${type}`);
  return { name, value };
}

const missing = (what: string): NotImplementedError => new NotImplementedError(`AWS::CodeBuild::Project ${what}`);
