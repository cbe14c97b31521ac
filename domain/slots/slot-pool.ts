/** What instances are used for; AWS has a quota of its own for each use of each type. */
export type SlotUse = 'training' | 'spotTraining' | 'transform';

export interface SlotKey {
  readonly use: SlotUse;
  readonly instanceType: string;
}

/** Instances that a job holds or waits for. */
export interface SlotClaim {
  readonly job: string;
  readonly team: string;
  /** Instances. */
  readonly count: number;
}

/** The instances of one type and use: who holds them, and who waits, in the order of asking. */
export interface SlotPool {
  readonly held: readonly SlotClaim[];
  readonly waiting: readonly SlotClaim[];
  /** Teams that were granted something, the one whose last turn is longest ago first. */
  readonly turns: readonly string[];
}

export interface SlotChange {
  readonly pool: SlotPool;
  /** Jobs that may begin now, in order. */
  readonly granted: readonly string[];
}

export const EMPTY_POOL: SlotPool = { held: [], waiting: [], turns: [] };

/** A pool is one row; more would not fit. */
const MOST_WAITING = 2_000;
/** Rows that change together are at most a hundred. */
const MOST_GRANTED = 90;

/**
 * Asks for instances. A job that asks again stays where it is; one that holds its instances is told so again.
 *
 * @throws {RangeError} more than the quota, which could never be granted, or too many wait
 */
export function askForSlot(pool: SlotPool, claim: SlotClaim, quota: number): SlotChange {
  if (claim.count > quota) throw new RangeError(`expected at most ${quota} instances, the quota, got ${claim.count}`);
  if (holds(pool, claim.job)) return { pool, granted: [claim.job] };
  if (pool.waiting.some(({ job }) => job === claim.job)) return assignFree(pool, quota);
  if (pool.waiting.length >= MOST_WAITING)
    throw new RangeError(`expected at most ${MOST_WAITING} jobs to wait for instances, got one more`);
  return assignFree({ ...pool, waiting: [...pool.waiting, claim] }, quota);
}

/** Gives a job's instances back, or its place; whoever is next gets what is free. Repeating it changes nothing. */
export function giveBackSlot(pool: SlotPool, job: string, quota: number): SlotChange {
  const others = (claims: readonly SlotClaim[]) => claims.filter((claim) => claim.job !== job);
  return assignFree({ ...pool, held: others(pool.held), waiting: others(pool.waiting) }, quota);
}

/**
 * Gives free instances out. Next is the team that holds the fewest, of those the one whose last turn is longest ago; within a team
 * first come, first served. Who is next and needs more than is free is waited for: nobody overtakes, so nobody starves.
 */
function assignFree(pool: SlotPool, quota: number): SlotChange {
  const granted: string[] = [];
  let { held, waiting, turns } = pool;
  for (;;) {
    const next = nextOf({ held, waiting, turns });
    if (!next || instancesOf(held) + next.count > quota || granted.length === MOST_GRANTED)
      return { pool: { held, waiting, turns }, granted };
    held = [...held, next];
    waiting = waiting.filter(({ job }) => job !== next.job);
    turns = [...turns.filter((team) => team !== next.team), next.team];
    granted.push(next.job);
  }
}

function nextOf({ held, waiting, turns }: SlotPool): SlotClaim | undefined {
  const firsts = waiting.filter(({ team }, i) => waiting.findIndex((claim) => claim.team === team) === i);
  const holding = (team: string) => instancesOf(held.filter((claim) => claim.team === team));
  const turn = (team: string) => turns.indexOf(team);
  // Stable: of teams that never had a turn, whoever came first stays first.
  return firsts.toSorted((a, b) => holding(a.team) - holding(b.team) || turn(a.team) - turn(b.team))[0];
}

export const instancesOf = (claims: readonly SlotClaim[]): number =>
  claims.reduce((total, { count }) => total + count, 0);

export const holds = ({ held }: SlotPool, name: string): boolean => held.some(({ job }) => job === name);
