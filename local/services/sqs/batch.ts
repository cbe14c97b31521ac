import { NotImplementedError, ServiceError } from '../../service.ts';

export interface BatchEntry {
  readonly Id: string;
}

export interface BatchFailure {
  readonly Id: string;
  readonly SenderFault: boolean;
  readonly Code: string;
  readonly Message: string;
}

/**
 * Runs every entry of a batch by itself: some may succeed where others fail.
 *
 * @throws {ServiceError} EmptyBatchRequest, TooManyEntriesInBatchRequest, BatchEntryIdsNotDistinct, InvalidBatchEntryId
 */
export const runBatch = <Entry extends BatchEntry, Result>(
  entries: readonly Entry[] | undefined,
  run: (entry: Entry) => Result,
): { Successful: (Result & BatchEntry)[]; Failed: BatchFailure[] } => {
  check(entries ?? []);
  const Successful: (Result & BatchEntry)[] = [];
  const Failed: BatchFailure[] = [];
  for (const entry of entries ?? []) {
    try {
      Successful.push({ Id: entry.Id, ...run(entry) });
    } catch (error) {
      if (!(error instanceof ServiceError) || error instanceof NotImplementedError) throw error;
      Failed.push({ Id: entry.Id, SenderFault: true, Code: error.code, Message: error.message });
    }
  }
  return { Successful, Failed };
};

const check = (entries: readonly BatchEntry[]): void => {
  if (entries.length === 0) {
    throw new ServiceError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  }
  if (entries.length > 10) {
    throw new ServiceError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are 10. You have sent ${entries.length}.`,
    );
  }
  if (new Set(entries.map((entry) => entry.Id)).size < entries.length) {
    throw new ServiceError('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.');
  }
  const bad = entries.find((entry) => !/^[\w-]{1,80}$/.test(entry.Id ?? ''));
  if (bad)
    throw new ServiceError(
      'InvalidBatchEntryId',
      `A batch entry id can only contain 1-80 of [A-Za-z0-9_-], got ${bad.Id}.`,
    );
};
