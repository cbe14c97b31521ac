import { Processes } from '../../container/processes.ts';
import type { Cloud, Service } from '../../service.ts';
import { type Build, Builds } from './build.ts';
import { codeBuildOperations } from './operations.ts';
import { Projects, projectResource } from './project.ts';
import { BuildRun } from './run.ts';

/**
 * CodeBuild with real commands: a build's phases run in this machine's shell, with the project's role, and find a `docker` whose
 * images are directories.
 */
export function createCodeBuildService(cloud: Cloud): Service {
  const projects = new Projects(cloud);
  const builds = new Builds(cloud);
  const processes = new Processes(cloud, 'codebuild.processes');
  const running = new Map<string, { readonly run: BuildRun; readonly done: Promise<void> }>();
  let stopping = false;

  const start = (build: Build): void => {
    const run = new BuildRun(cloud, builds, processes, build);
    const done = cloud.track(run.run(() => stopping)).finally(() => running.delete(build.id));
    running.set(build.id, { run, done });
  };
  const stop = (id: string): void => {
    builds.change(id, (build) => {
      build.stopping = true;
    });
    running.get(id)?.run.cut('STOPPED');
  };
  return {
    name: 'codebuild',
    operations: codeBuildOperations(cloud, projects, builds, { start, stop }),
    resources: { 'AWS::CodeBuild::Project': projectResource(cloud, projects) },
    async resume() {
      processes.endOrphans();
      for (const build of builds.all()) {
        if (build.status !== 'IN_PROGRESS' || running.has(build.id)) continue;
        // It starts from the beginning, under its own id.
        builds.change(build.id, (one) => {
          one.phases = [];
        });
        start(build);
      }
    },
    async stop() {
      stopping = true;
      await processes.stop();
      await Promise.allSettled([...running.values()].map(({ done }) => done));
    },
  };
}
