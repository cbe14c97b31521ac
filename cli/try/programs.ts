import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import { SCRIPT_MODE_PROGRAMS } from '../../local/run.ts';
import { UsageError } from '../output.ts';

/** How a model's two programs are started here. */
export interface ModelPrograms {
  /** `/home/me/.venv/bin/python`, or the image's folder. */
  readonly runsOn: string;
  readonly command: (program: 'train' | 'serve') => {
    readonly file: string;
    readonly args: readonly string[];
    readonly cwd: string;
  };
}

/**
 * The programs of a definition: AWS's script mode or algorithm in the user's own Python, or the image's `train` and `serve`.
 *
 * @param image folder of the image's programs; by default `image` beside model.yaml
 * @throws {UsageError} no such programs, or no Python that has what the framework needs
 */
export async function programsOf(
  { training: { framework, image, algorithm, artifact } }: ModelDefinition,
  folder: string,
  given: { readonly python?: string; readonly image?: string },
): Promise<ModelPrograms> {
  if (artifact !== undefined)
    throw new UsageError(
      'expected a program that trains here, got a model that was trained elsewhere; launchway train validates it and asks nobody',
    );
  const aws = algorithm ?? framework;
  if (aws === undefined) return imagePrograms(resolve(given.image ?? join(folder, 'image')), image ?? '');
  const module = MODULES[aws.replace(/-.*/, '')];
  if (module === undefined) throw new UsageError(`expected a framework or algorithm that try knows, got ${aws}`);
  const python = await pythonWith(module, given.python);
  return {
    runsOn: python,
    command: (program) => ({
      file: python,
      args: ['-u', join(SCRIPT_MODE_PROGRAMS, `${program}.py`), module],
      cwd: SCRIPT_MODE_PROGRAMS,
    }),
  };
}

/** What the user's Python must import to stand for the image of a framework or an algorithm. */
const MODULES: Readonly<Record<string, string>> = { sklearn: 'sklearn', xgboost: 'xgboost', pytorch: 'torch' };

function imagePrograms(folder: string, image: string): ModelPrograms {
  for (const program of ['train', 'serve'] as const) {
    const file = join(folder, program);
    try {
      accessSync(file, constants.X_OK);
    } catch (error) {
      throw new UsageError(
        `expected the programs train and serve of image ${image} in ${folder}, got ${existsSync(file) ? `a ${program} that is not executable` : `no ${program}`}; name their folder with --image`,
        { cause: error },
      );
    }
  }
  return { runsOn: folder, command: (program) => ({ file: join(folder, program), args: [program], cwd: folder }) };
}

async function pythonWith(module: string, given: string | undefined): Promise<string> {
  const venv = process.env.VIRTUAL_ENV;
  const candidates =
    given === undefined
      ? [venv && join(venv, 'bin', 'python'), process.env.LAUNCHWAY_PYTHON, 'python3', 'python', '/usr/bin/python3']
      : [given];
  for (const candidate of candidates) {
    if (!candidate) continue;
    try {
      const program = `import ${module}, sys; print(sys.executable)`;
      const { stdout } = await promisify(execFile)(candidate, ['-c', program], { timeout: 60_000 });
      return stdout.trim();
    } catch {
      // Not this one; the message below says what was looked for where none is left.
    }
  }
  throw new UsageError(
    given === undefined
      ? `expected a Python that imports ${module}, got none among the active virtual environment, python3 and /usr/bin/python3; install it, or name one with --python`
      : `expected ${given} to import ${module}, got an error; is it the Python of the right environment?`,
  );
}
