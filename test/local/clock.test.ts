import { afterEach, describe, expect, it } from '@jest/globals';
import { Clock } from '../../local/clock.ts';

const DAY = 86_400_000;
const clocks: Clock[] = [];
const clockAt = (setting?: ConstructorParameters<typeof Clock>[0], idle?: () => Promise<void>): Clock => {
  const clock = new Clock(setting, idle);
  clocks.push(clock);
  return clock;
};
afterEach(() => {
  for (const clock of clocks.splice(0)) clock.stop();
});

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

describe('the clock, advanced by months', () => {
  it('fires everything that is due in between, in order and at its own moment, what timers set in the meantime included', async () => {
    const clock = clockAt({ offset: 0, pausedAt: 0 });
    const fired: [string, number][] = [];
    const hourly = (at: number): void => {
      clock.at(at, () => {
        fired.push(['hour', clock.now()]);
        hourly(at + DAY / 24);
      });
    };
    const monthly = (at: number): void => {
      clock.at(at, () => {
        fired.push(['month', clock.now()]);
        monthly(at + 30 * DAY);
      });
    };
    hourly(DAY / 24);
    monthly(30 * DAY);
    await clock.advance(90 * DAY);
    expect(clock.now()).toBe(90 * DAY);
    expect(fired.filter(([what]) => what === 'hour')).toHaveLength(90 * 24);
    expect(fired.filter(([what]) => what === 'month').map(([, at]) => at / DAY)).toEqual([30, 60, 90]);
    expect(fired.map(([, at]) => at)).toEqual(fired.map(([, at]) => at).toSorted((a, b) => a - b));
  });

  it('waits for the work that a timer starts before it moves on', async () => {
    let underWay: Promise<void> = Promise.resolve();
    const clock = clockAt({ offset: 0, pausedAt: 0 }, () => underWay);
    const seen: string[] = [];
    clock.at(1000, () => {
      underWay = turns(5).then(() => void seen.push(`work of the first ended at ${clock.now()}`));
    });
    clock.at(2000, () => void seen.push(`second at ${clock.now()}`));
    await clock.advance(3000);
    expect(seen).toEqual(['work of the first ended at 1000', 'second at 2000']);
  });

  it('fires timers of the same moment in the order in which they were set', async () => {
    const clock = clockAt({ offset: 0, pausedAt: 0 });
    const fired: number[] = [];
    for (const n of [1, 2, 3]) clock.at(50, () => void fired.push(n));
    clock.at(10, () => void fired.push(0));
    await clock.advance(50);
    expect(fired).toEqual([0, 1, 2, 3]);
  });
});

describe('a paused clock', () => {
  it('stands still and fires nothing, what is overdue included', async () => {
    const clock = clockAt();
    clock.pause();
    const at = clock.now();
    let fired = false;
    clock.at(at - 1, () => {
      fired = true;
    });
    await turns(20);
    expect(clock.now()).toBe(at);
    expect(fired).toBe(false);
  });

  it('is moved by advance, and stands still again', async () => {
    const clock = clockAt();
    clock.pause();
    const at = clock.now();
    const fired: number[] = [];
    clock.at(at + DAY, () => void fired.push(clock.now()));
    expect(await clock.advance(2 * DAY)).toEqual({ fired: 1 });
    expect(fired).toEqual([at + DAY]);
    await turns(20);
    expect(clock.now()).toBe(at + 2 * DAY);
  });

  it('goes on from where it stood, and fires what became due', async () => {
    const clock = clockAt({ offset: 0, pausedAt: 5 * DAY });
    const fired = new Promise<number>((resolve) => clock.at(5 * DAY - 1, () => resolve(clock.now())));
    clock.resume();
    expect(clock.paused).toBe(false);
    expect(await fired).toBeGreaterThanOrEqual(5 * DAY);
    expect(clock.now()).toBeLessThan(6 * DAY);
  });

  it('tells every follower where it stands, so that other processes stand still with it', () => {
    const clock = clockAt({ offset: 5 });
    const told: unknown[] = [];
    clock.onMove((setting) => void told.push(setting.pausedAt));
    clock.pause();
    clock.pause();
    clock.resume();
    expect(told).toEqual([expect.any(Number), undefined]);
  });
});

it('a stopped clock fires nothing any more, whatever is set', async () => {
  const clock = clockAt();
  clock.stop();
  let fired = false;
  clock.at(0, () => {
    fired = true;
  });
  await turns(20);
  expect(fired).toBe(false);
});
