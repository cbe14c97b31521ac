import { CaptureCounter } from '../../domain/capture/capture-counter.ts';
import { addTallies, type CaptureTally, emptyTally } from '../../domain/capture/capture-layout.ts';
import type { Baseline } from '../../domain/drift/baseline.ts';
import type { Profile } from '../../domain/drift/profile.ts';
import { ProfileSum } from '../../domain/drift/profile-sum.ts';
import { NotFoundError } from '../../domain/errors.ts';
import type { ObjectStore } from '../../domain/ports.ts';
import type { Readable } from '../../domain/stream.ts';

/** Files asked for before they are read: one answers while others are on their way. */
const FILES_IN_FLIGHT = 8;

/** What a part of an hour held. */
export interface Counted {
  readonly profile: Profile;
  readonly tally: CaptureTally;
  /** Files that were listed and gone when they were to be read. */
  readonly vanishedFiles: number;
}

/** Counts the files of a batch over the baseline's bins, in their order, as sums depend on it in their last bits. */
export async function countBatch(
  objects: ObjectStore,
  bucket: string,
  keys: readonly string[],
  baseline: Baseline,
  scoreColumn: number,
): Promise<Counted> {
  const counter = new CaptureCounter(baseline, scoreColumn);
  let tally = emptyTally();
  let vanishedFiles = 0;
  const asked: Promise<Readable | Error>[] = [];
  const ask = (key: string): void => {
    asked.push(objects.read({ bucket, key }).catch((error: Error) => error));
  };
  keys.slice(0, FILES_IN_FLIGHT).forEach(ask);
  for (let i = 0; i < keys.length; i++) {
    const file = await asked[i]!;
    if (file instanceof NotFoundError) vanishedFiles += 1;
    else if (file instanceof Error) throw file;
    else tally = addTallies(tally, await counter.count(file));
    const next = keys[i + FILES_IN_FLIGHT];
    if (next !== undefined) ask(next);
  }
  return { profile: counter.profile(), tally, vanishedFiles };
}

/** The parts of an hour, summed in the order they are added in. */
export class CountedSum {
  readonly #profile: ProfileSum;
  #tally = emptyTally();
  #vanishedFiles = 0;

  /** @param over the profile of no rows that the parts were counted over */
  constructor(over: Profile) {
    this.#profile = new ProfileSum(over);
  }

  add({ profile, tally, vanishedFiles }: Counted): void {
    this.#profile.add(profile);
    this.#tally = addTallies(this.#tally, tally);
    this.#vanishedFiles += vanishedFiles;
  }

  counted(): Counted {
    return { profile: this.#profile.profile(), tally: this.#tally, vanishedFiles: this.#vanishedFiles };
  }
}
