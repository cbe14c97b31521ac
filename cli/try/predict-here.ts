import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import { servingEnvironment } from '../../domain/training/container-contract.ts';
import type { ModelPrograms } from './programs.ts';
import { RunningProgram } from './running-program.ts';
import { saidOf, TryFailure } from './try-failure.ts';
import type { Workspace } from './workspace.ts';

/** A container has this long to answer `/ping`. */
const PING_LIMIT_MS = 60_000;
const PING_EVERY_MS = 50;
/** Batch transform's requests in the pipeline: at most 1 MB, whole lines. */
const BATCH_BYTES = 1024 * 1024;

/** Predictions, one line per row of the hold-out. */
export interface PredictedHere {
  readonly lines: readonly string[];
  readonly seconds: number;
}

/**
 * Serves the model that was trained and asks it about every row of the hold-out.
 *
 * @throws {TryFailure} it does not come up, or does not answer with 200
 */
export async function predictHere(
  programs: ModelPrograms,
  definition: ModelDefinition,
  rows: readonly string[],
  workspace: Workspace,
): Promise<PredictedHere> {
  const port = await freePort();
  const environment = {
    ...workspace.servingEnvironment(),
    ...servingEnvironment(definition),
    SAGEMAKER_BIND_TO_HOST: '127.0.0.1',
    SAGEMAKER_BIND_TO_PORT: String(port),
  };
  const program = new RunningProgram(programs.command('serve'), environment, () => {});
  try {
    const url = `http://127.0.0.1:${port}`;
    await answersPing(url, program);
    const began = performance.now();
    const lines: string[] = [];
    for (const batch of batchesOf(rows)) lines.push(...(await ask(url, batch, program)));
    return { lines, seconds: (performance.now() - began) / 1000 };
  } finally {
    await program.stop();
  }
}

async function answersPing(url: string, program: RunningProgram): Promise<void> {
  for (const until = Date.now() + PING_LIMIT_MS; Date.now() < until; await sleep(PING_EVERY_MS)) {
    if (program.hasExited) {
      const code = await program.exited;
      throw new TryFailure(
        'predict',
        'your code',
        `serving ended before it answered /ping: ${saidOf('', program.lines, code)}`,
        program,
      );
    }
    try {
      if ((await fetch(`${url}/ping`)).status === 200) return;
    } catch {
      // It does not listen yet.
    }
  }
  throw new TryFailure(
    'predict',
    'your code',
    `serving did not answer /ping with 200 within ${PING_LIMIT_MS / 1000} s`,
    program,
  );
}

async function ask(url: string, rows: readonly string[], program: RunningProgram): Promise<string[]> {
  const headers = { 'content-type': 'text/csv', accept: 'text/csv' };
  let response: Response;
  try {
    response = await fetch(`${url}/invocations`, { method: 'POST', headers, body: `${rows.join('\n')}\n` });
  } catch (error) {
    throw new TryFailure(
      'predict',
      'your code',
      `serving ended while it was asked: ${(error as Error).message}`,
      program,
    );
  }
  const text = await response.text();
  // What it wrote of an error comes a moment after the answer.
  if (response.status !== 200) {
    await sleep(200);
    throw new TryFailure('predict', 'your code', `serving answered ${response.status}: ${text.slice(0, 500)}`, program);
  }
  const lines = text.split(/\r?\n/);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

function* batchesOf(rows: readonly string[]): Generator<readonly string[]> {
  let from = 0;
  let bytes = 0;
  for (const [i, row] of rows.entries()) {
    const size = Buffer.byteLength(row) + 1;
    if (i > from && bytes + size > BATCH_BYTES) {
      yield rows.slice(from, i);
      from = i;
      bytes = 0;
    }
    bytes += size;
  }
  if (from < rows.length) yield rows.slice(from);
}

const freePort = (): Promise<number> =>
  new Promise((settle, fail) => {
    const server = createServer().once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => settle(port));
    });
  });
