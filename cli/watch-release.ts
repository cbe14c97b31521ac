import { setTimeout as sleep } from 'node:timers/promises';
import { isEnd, type ReleaseRow } from '../domain/release.ts';
import type { Connection } from './connection.ts';
import { ExecutionProgress, executionExists } from './execution-progress.ts';

/** What to do when the release waits for people. */
export interface WatchOptions {
  /** Called once, when the release awaits approval. */
  readonly onAwaitingApproval?: () => void | Promise<void>;
  /** Milliseconds between looks. @default 400 */
  readonly every?: number;
  /** On the local cloud: moves its clock, so that nobody sits through a wait. Not called while people are asked. */
  readonly fastForward?: () => Promise<void>;
}

/**
 * Follows a release, state by state, until it has ended.
 *
 * @param report one line per state entered
 * @returns the release's row at its end
 */
export async function watchRelease(
  connection: Connection,
  model: string,
  release: number,
  report: (line: string) => void,
  { onAwaitingApproval = () => {}, every = 400, fastForward }: WatchOptions = {},
): Promise<ReleaseRow> {
  let progress: ExecutionProgress | undefined;
  let asked = false;
  for (;;) {
    const row = await connection.lineage.getRelease(model, release);
    progress ??= await progressOf(connection, row);
    for (const step of (await progress?.next()) ?? [])
      report(`  ${step.at.toISOString().slice(11, 19)}  ${step.path.join(' › ')}`);
    if (isEnd(row.status)) return row;
    if (row.status === 'AwaitingApproval' && row.steps.approval && !asked) {
      asked = true;
      await onAwaitingApproval();
    }
    if (row.status !== 'AwaitingApproval') await fastForward?.();
    await sleep(every);
  }
}

async function progressOf(
  { sfn, client, account, prefix }: Connection,
  row: ReleaseRow,
): Promise<ExecutionProgress | undefined> {
  const arn = `arn:aws:states:${client.region}:${account}:execution:${prefix}-release-model:${row.executionName}`;
  return (await executionExists(sfn, arn)) ? new ExecutionProgress(sfn, arn) : undefined;
}
