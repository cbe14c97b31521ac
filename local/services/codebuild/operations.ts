import { randomUUID } from 'node:crypto';
import { type Call, type Cloud, NotImplementedError, type Operation, ServiceError } from '../../service.ts';
import { type Build, type Builds, describeBuild } from './build.ts';
import { describeEnvironment, type Project, type Projects, plainVariable } from './project.ts';

const MOST_IDS = 100;

/** What the operations need beside the records. */
interface Control {
  readonly start: (build: Build) => void;
  readonly stop: (id: string) => void;
}

export function codeBuildOperations(
  cloud: Cloud,
  projects: Projects,
  builds: Builds,
  control: Control,
): Record<string, Operation> {
  const onProject =
    (action: string, name: (input: Call['input']) => string) =>
    ({ input }: Call) => [{ action: `codebuild:${action}`, resource: projects.arnOf(name(input)) }];
  const onBuilds = (action: string, ids: readonly string[] = []) =>
    [...new Set(ids.map(projectIn))].map((name) => ({ action: `codebuild:${action}`, resource: projects.arnOf(name) }));
  return {
    StartBuild: {
      members: [
        'projectName',
        'sourceVersion',
        'sourceTypeOverride',
        'sourceLocationOverride',
        'buildspecOverride',
        'environmentVariablesOverride',
        'timeoutInMinutesOverride',
        'idempotencyToken',
      ],
      needs: onProject('StartBuild', (input) => input.projectName),
      run: async (call) => ({ build: describeBuild(startBuild(cloud, projects, builds, control, call)) }),
    },
    StopBuild: {
      members: ['id'],
      needs: ({ input }) => onBuilds('StopBuild', [input.id]),
      run: async ({ input }) => {
        const build = builds.get(idOf(input.id));
        if (build.status === 'IN_PROGRESS') control.stop(build.id);
        return { build: describeBuild(builds.get(build.id)) };
      },
    },
    BatchGetBuilds: {
      members: ['ids'],
      needs: ({ input }) => onBuilds('BatchGetBuilds', input.ids),
      run: async ({ input: { ids } }) => {
        checkIds(ids);
        const found = (ids as string[]).map((id) => builds.find(idOf(id)));
        return {
          builds: found.flatMap((build) => (build ? [describeBuild(build)] : [])),
          buildsNotFound: (ids as string[]).filter((_, i) => !found[i]),
        };
      },
    },
    ListBuildsForProject: {
      members: ['projectName', 'sortOrder', 'nextToken'],
      needs: onProject('ListBuildsForProject', (input) => input.projectName),
      run: async ({ input: { projectName, sortOrder, nextToken } }) => {
        if (nextToken !== undefined) throw new NotImplementedError('codebuild:ListBuildsForProject nextToken');
        projects.get(projectName);
        const mine = builds.all().filter(({ project }) => project.name === projectName);
        mine.sort((a, b) => (sortOrder === 'ASCENDING' ? a.number - b.number : b.number - a.number));
        return { ids: mine.map(({ id }) => id) };
      },
    },
    BatchGetProjects: {
      members: ['names'],
      needs: ({ input }) =>
        ((input.names ?? []) as string[]).map((name) => ({
          action: 'codebuild:BatchGetProjects',
          resource: projects.arnOf(name),
        })),
      run: async ({ input: { names } }) => {
        checkIds(names);
        const found = (names as string[]).map((name) => projects.find(name));
        return {
          projects: found.flatMap((project) => (project ? [describeProject(projects, project)] : [])),
          projectsNotFound: (names as string[]).filter((_, i) => !found[i]),
        };
      },
    },
    ListProjects: {
      members: [],
      needs: () => [{ action: 'codebuild:ListProjects', resource: '*' }],
      run: async () => ({ projects: projects.list().map(({ name }) => name) }),
    },
  };
}

function startBuild(cloud: Cloud, projects: Projects, builds: Builds, control: Control, call: Call): Build {
  const { input } = call;
  const project = projects.get(input.projectName);
  const known = input.idempotencyToken && earlier(cloud, builds, project.name, input.idempotencyToken);
  if (known) return known;
  const build = newBuild(cloud, projects, builds, project, call);
  cloud.store.transaction(() => {
    builds.save(build);
    if (input.idempotencyToken) cloud.store.put(TOKENS, `${project.name}/${input.idempotencyToken}`, build.id);
  });
  builds.become(build.id, 'IN_PROGRESS');
  control.start(build);
  return builds.get(build.id);
}

const TOKENS = 'codebuild.tokens';
/** How long a token keeps a repeated call from starting a second build. */
const TOKEN_HELD = 300_000;

function earlier(cloud: Cloud, builds: Builds, project: string, token: string): Build | undefined {
  const id = cloud.store.get<string>(TOKENS, `${project}/${token}`);
  const build = id === undefined ? undefined : builds.find(id);
  return build && build.startedAt > cloud.clock.now() - TOKEN_HELD ? build : undefined;
}

function newBuild(
  cloud: Cloud,
  projects: Projects,
  builds: Builds,
  project: Project,
  { input, principal }: Call,
): Build {
  const id = `${project.name}:${randomUUID()}`;
  const type = input.sourceTypeOverride ?? project.source.type;
  if (type !== 'S3' && type !== 'NO_SOURCE') throw new NotImplementedError(`codebuild:StartBuild source ${type}`);
  const location = input.sourceLocationOverride ?? project.source.location;
  if (type === 'S3' && !/^[^/]+\/.+/.test(location ?? '')) {
    throw new ServiceError('InvalidInputException', `expected a source location of BUCKET/KEY, got ${location}`);
  }
  const buildspec = input.buildspecOverride ?? project.source.buildspec;
  const overrides = (
    (input.environmentVariablesOverride ?? []) as { name: string; value: string; type?: string }[]
  ).map(({ name, value, type: kind }) => plainVariable(name, value, kind));
  const variables = [
    ...project.environment.variables.filter(({ name }) => !overrides.some((override) => override.name === name)),
    ...overrides,
  ];
  return {
    id,
    arn: projects.arnOf(id).replace(':project/', ':build/'),
    number: builds.nextNumber(project.name),
    project,
    source: { type, ...(type === 'S3' && { location }), ...(buildspec && { buildspec }) },
    ...(input.sourceVersion && { sourceVersion: input.sourceVersion }),
    variables,
    timeoutInMinutes: input.timeoutInMinutesOverride ?? project.timeoutInMinutes,
    initiator: principal.arn.replace(/^.*:(assumed-role|user)\//, ''),
    startedAt: cloud.clock.now(),
    status: 'IN_PROGRESS',
    phases: [],
    exported: [],
  };
}

const describeProject = (projects: Projects, project: Project) => ({
  name: project.name,
  arn: projects.arnOf(project.name),
  description: project.description,
  source: project.source,
  artifacts: { type: 'NO_ARTIFACTS' },
  environment: describeEnvironment(project.environment, project.environment.variables),
  serviceRole: project.serviceRole,
  timeoutInMinutes: project.timeoutInMinutes,
  created: new Date(project.createdAt),
  lastModified: new Date(project.modifiedAt),
});

/** A build may be named by its ARN. */
const idOf = (id: string): string => id.replace(/^arn:[^:]+:codebuild:[^:]+:\d+:build\//, '');

const projectIn = (id: string): string => idOf(String(id)).split(':')[0] ?? '';

function checkIds(ids: unknown): void {
  if (Array.isArray(ids) && ids.length >= 1 && ids.length <= MOST_IDS) return;
  throw new ServiceError('InvalidInputException', `expected 1 to ${MOST_IDS} names`);
}
