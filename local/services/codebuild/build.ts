import type { Cloud } from '../../service.ts';
import { ServiceError } from '../../service.ts';
import { type BuildSource, describeEnvironment, type EnvironmentVariable, type Project } from './project.ts';

const SPACE = 'codebuild.builds';
const NUMBERS = 'codebuild.numbers';

export type BuildStatus = 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED' | 'STOPPED' | 'TIMED_OUT' | 'FAULT';
type PhaseStatus = Exclude<BuildStatus, 'IN_PROGRESS'>;

export type PhaseType =
  | 'SUBMITTED'
  | 'QUEUED'
  | 'PROVISIONING'
  | 'DOWNLOAD_SOURCE'
  | 'INSTALL'
  | 'PRE_BUILD'
  | 'BUILD'
  | 'POST_BUILD'
  | 'UPLOAD_ARTIFACTS'
  | 'FINALIZING'
  | 'COMPLETED';

interface Phase {
  readonly type: PhaseType;
  readonly startedAt: number;
  endedAt?: number;
  status?: PhaseStatus;
  /** Why it did not succeed. */
  context?: { readonly statusCode: string; readonly message: string };
}

/** One build. Times in milliseconds since the epoch. */
export interface Build {
  /** `PROJECT:UUID` */
  readonly id: string;
  readonly arn: string;
  readonly number: number;
  readonly project: Project;
  readonly source: BuildSource;
  /** An S3 version id. */
  readonly sourceVersion?: string;
  readonly variables: readonly EnvironmentVariable[];
  readonly timeoutInMinutes: number;
  readonly initiator: string;
  readonly startedAt: number;
  endedAt?: number;
  status: BuildStatus;
  stopping?: boolean;
  phases: Phase[];
  exported: readonly EnvironmentVariable[];
}

/** Builds in the store, and what the world hears of them. */
export class Builds {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  find(id: string): Build | undefined {
    return this.#cloud.store.get(SPACE, id);
  }

  /** @throws {ServiceError} ResourceNotFoundException */
  get(id: string): Build {
    const build = this.find(id);
    if (build) return build;
    throw new ServiceError('ResourceNotFoundException', `Build cannot be found: ${id}`);
  }

  all(): Build[] {
    return this.#cloud.store.list<Build>(SPACE).map(({ value }) => value);
  }

  nextNumber(project: string): number {
    const next = (this.#cloud.store.get<number>(NUMBERS, project) ?? 0) + 1;
    this.#cloud.store.put(NUMBERS, project, next);
    return next;
  }

  save(build: Build): void {
    this.#cloud.store.put(SPACE, build.id, build);
  }

  change(id: string, change: (build: Build) => void): Build {
    const build = this.get(id);
    change(build);
    this.save(build);
    return build;
  }

  /** Begins the next phase. */
  enter(id: string, type: PhaseType): void {
    this.change(id, ({ phases }) => phases.push({ type, startedAt: this.#cloud.clock.now() }));
  }

  /** Ends the phase under way, and says so. */
  leave(id: string, status: PhaseStatus, context?: Phase['context']): void {
    const build = this.change(id, ({ phases }) => {
      const phase = phases.at(-1)!;
      phase.endedAt = this.#cloud.clock.now();
      phase.status = status;
      if (context) phase.context = context;
    });
    this.#publish(build, 'CodeBuild Build Phase Change', phaseDetail(build.phases.at(-1)!));
  }

  /** Sets a status and says so. */
  become(id: string, status: BuildStatus): Build {
    const build = this.change(id, (one) => {
      one.status = status;
      if (status === 'IN_PROGRESS') return;
      one.endedAt = this.#cloud.clock.now();
      one.phases.push({ type: 'COMPLETED', startedAt: one.endedAt });
    });
    const { type, context } = build.phases.at(-1) ?? { type: 'SUBMITTED' as const, context: undefined };
    this.#publish(build, 'CodeBuild Build State Change', {
      'build-status': status,
      'current-phase': type,
      'current-phase-context': contextText(context),
    });
    return build;
  }

  #publish(build: Build, detailType: string, detail: Record<string, unknown>): void {
    const { project, source, startedAt, initiator, timeoutInMinutes, status } = build;
    const { image, privilegedMode, computeType, type } = project.environment;
    this.#cloud.publish({
      source: 'aws.codebuild',
      'detail-type': detailType,
      resources: [build.arn],
      detail: {
        ...detail,
        'project-name': project.name,
        'build-id': build.arn,
        'additional-information': {
          'build-complete': status !== 'IN_PROGRESS',
          'build-number': build.number,
          'build-start-time': timeText(startedAt),
          initiator,
          'timeout-in-minutes': timeoutInMinutes,
          environment: {
            image,
            'privileged-mode': privilegedMode,
            'compute-type': computeType,
            type,
            'environment-variables': build.variables.map((variable) => ({ ...variable, type: 'PLAINTEXT' })),
          },
          source: { type: source.type, ...(source.location && { location: source.location }) },
          logs: { 'group-name': project.logs.groupName, 'stream-name': logStreamOf(build) },
          phases: build.phases.map((phase) => ({
            'phase-type': phase.type,
            'start-time': timeText(phase.startedAt),
            ...(phase.endedAt !== undefined && {
              'end-time': timeText(phase.endedAt),
              'duration-in-seconds': seconds(phase),
              'phase-status': phase.status,
              'phase-context': [contextText(phase.context)],
            }),
          })),
        },
        version: '1',
      },
    });
  }
}

const phaseDetail = (phase: Phase) => ({
  'completed-phase': phase.type,
  'completed-phase-status': phase.status,
  'completed-phase-duration-seconds': seconds(phase),
  'completed-phase-start': timeText(phase.startedAt),
  'completed-phase-end': timeText(phase.endedAt ?? phase.startedAt),
  'completed-phase-context': contextText(phase.context),
});

const contextText = (context: Phase['context']): string =>
  context ? `[${context.statusCode}: ${context.message}]` : '[]';

const seconds = ({ startedAt, endedAt }: Phase): number => Math.round(((endedAt ?? startedAt) - startedAt) / 1000);

/** `Sep 1, 2017 4:12:29 PM`, as these events write times. */
const timeText = (at: number): string =>
  new Date(at)
    .toLocaleString('en-US', { timeZone: 'UTC', dateStyle: 'medium', timeStyle: 'medium' })
    .replace(/(\d{4}), /, '$1 ')
    .replaceAll('\u202f', ' ');

/** The last part of a build's id, after the project's prefix if it has one. */
export const logStreamOf = ({ id, project: { logs } }: Pick<Build, 'id' | 'project'>): string => {
  const uuid = id.slice(id.lastIndexOf(':') + 1);
  return logs.streamPrefix ? `${logs.streamPrefix}/${uuid}` : uuid;
};

/** A build as the API shows it. */
export function describeBuild(build: Build) {
  const { id, arn, number, project, source, status, startedAt, endedAt, phases } = build;
  return {
    id,
    arn,
    buildNumber: number,
    startTime: new Date(startedAt),
    ...(endedAt !== undefined && { endTime: new Date(endedAt) }),
    currentPhase: phases.at(-1)?.type ?? 'SUBMITTED',
    buildStatus: status,
    ...(build.sourceVersion && { sourceVersion: build.sourceVersion, resolvedSourceVersion: build.sourceVersion }),
    projectName: project.name,
    phases: phases.map((phase) => ({
      phaseType: phase.type,
      ...(phase.status && { phaseStatus: phase.status }),
      startTime: new Date(phase.startedAt),
      ...(phase.endedAt !== undefined && { endTime: new Date(phase.endedAt), durationInSeconds: seconds(phase) }),
      ...(phase.context && { contexts: [phase.context] }),
    })),
    source: { ...source, insecureSsl: false },
    artifacts: { location: '' },
    cache: { type: 'NO_CACHE' },
    environment: describeEnvironment(project.environment, build.variables),
    serviceRole: project.serviceRole,
    logs: {
      groupName: project.logs.groupName,
      streamName: logStreamOf(build),
      cloudWatchLogs: { status: project.logs.enabled ? 'ENABLED' : 'DISABLED' },
    },
    timeoutInMinutes: build.timeoutInMinutes,
    buildComplete: status !== 'IN_PROGRESS',
    initiator: build.initiator,
    exportedEnvironmentVariables: build.exported,
  };
}
