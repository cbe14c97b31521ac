import { existsSync, readFileSync } from 'node:fs';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import { trainingHyperparameters } from '../../domain/training/container-contract.ts';
import type { ModelPrograms } from './programs.ts';
import { RunningProgram } from './running-program.ts';
import { saidOf, TryFailure } from './try-failure.ts';
import type { Workspace } from './workspace.ts';

/** What a training took and made. */
export interface TrainedHere {
  readonly seconds: number;
  readonly modelBytes: number;
  readonly lines: readonly string[];
}

/**
 * Runs the user's training under the container contract.
 *
 * @param source archive of the code; script mode only
 * @throws {TryFailure} it failed, wrote no model, or took longer than training.maxRuntimeMinutes
 */
export async function trainHere(
  programs: ModelPrograms,
  definition: ModelDefinition,
  source: Uint8Array | undefined,
  workspace: Workspace,
  onLine: (line: string) => void,
): Promise<TrainedHere> {
  const { training } = definition;
  const hyperparameters = trainingHyperparameters(definition);
  const channels = training.algorithm !== undefined ? ['train'] : ['train', 'schema', ...(source ? ['code'] : [])];
  if (source) await writeFile(join(workspace.channel('code'), 'sourcedir.tar.gz'), source);
  await workspace.configure(hyperparameters, channels, training.instance.types[0]!);
  const environment = workspace.trainingEnvironment(hyperparameters, channels, training.instance.types[0]!);
  const began = performance.now();
  const program = new RunningProgram(programs.command('train'), environment, onLine);
  let isOverdue = false;
  const timer = setTimeout(() => {
    isOverdue = true;
    void program.stop();
  }, training.maxRuntimeMinutes * 60_000);
  const code = await program.exited;
  clearTimeout(timer);
  const seconds = (performance.now() - began) / 1000;
  if (isOverdue)
    throw new TryFailure(
      'train',
      'your code',
      `it ran for more than ${training.maxRuntimeMinutes} minutes (training.maxRuntimeMinutes)`,
      program,
    );
  if (code !== 0)
    throw new TryFailure('train', 'your code', saidOf(failureOf(workspace), program.lines, code), program);
  const modelBytes = await bytesIn(workspace.model);
  if (modelBytes === 0)
    throw new TryFailure(
      'train',
      'your code',
      'it ended well and wrote no model to SM_MODEL_DIR (/opt/ml/model)',
      program,
    );
  return { seconds, modelBytes, lines: program.lines };
}

function failureOf({ root }: Workspace): string {
  const path = join(root, 'output', 'failure');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    entries.filter((entry) => entry.isFile()).map((entry) => stat(join(entry.parentPath, entry.name))),
  );
  return sizes.reduce((sum, { size }) => sum + size, 0);
}
