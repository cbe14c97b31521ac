import { measureFeature } from '../../domain/drift/measures.ts';
import { type CheckedWindow, persistenceOf } from '../../domain/drift/persistence.ts';
import type { FeatureProfile } from '../../domain/drift/profile.ts';
import { type DriftPolicy, judge } from '../../domain/drift/verdict.ts';
import type { RandomState } from '../captures/random.ts';
import { PERSISTENCE } from './incidents.ts';
import { screenOf } from './screen.ts';
import { profileOf, type Traffic } from './traffic.ts';

/** What a model definition has where it says nothing. */
export const POLICY: DriftPolicy = { effect: 0.1, falseDiscoveryRate: 0.01, exclude: [] };

const DAY_MS = 86_400_000;
/** More windows than any rule looks back on. */
const HISTORY = 10;

/** Draws a day's window after the other from one traffic, and judges them by the shipped rule. */
export class Monitor {
  readonly #traffic: Traffic;
  readonly #state: RandomState;
  readonly #mayDrift: (window: readonly Int32Array[]) => boolean;
  /** Counts by feature; the next window is written over them. */
  readonly #window: readonly Int32Array[];

  constructor(traffic: Traffic, state: RandomState) {
    this.#traffic = traffic;
    this.#state = state;
    this.#mayDrift = screenOf(traffic.baseline.features, POLICY);
    this.#window = traffic.drawers[0]!.map(({ bins }) => new Int32Array(bins));
  }

  /** @param moved a number that is half a standard deviation higher from now on */
  draw(day: number, rows: number, moved?: number): void {
    const drawers = this.#traffic.drawers[day % 7]!;
    for (let feature = 0; feature < drawers.length; feature++) {
      const drawer = feature === moved ? this.#traffic.shifted(feature)[day % 7]! : drawers[feature]!;
      drawer.draw(rows, this.#state, this.#window[feature]!);
    }
  }

  /** @param whole judged by the whole rule even where the screen sees that nothing can have drifted */
  check(day: number, whole = false): CheckedWindow {
    const suspect = this.#mayDrift(this.#window);
    if (!suspect && !whole) return { ...datesOf(day), verdict: 'Stable', drifted: [], warning: false };
    const { features } = this.#traffic.baseline;
    const profiles = this.profiles();
    const verdict = judge(
      features.map((feature, i) => measureFeature(feature, profiles[i]!)),
      POLICY,
    );
    if (verdict.verdict === 'Drifted' && !suspect) throw new Error('expected the screen to see what the verdict sees');
    return {
      ...datesOf(day),
      verdict: verdict.verdict,
      drifted: verdict.features.filter((feature) => feature.verdict === 'Drifted').map(({ name }) => name),
      warning: verdict.features.some(({ warning }) => warning),
    };
  }

  /** The window as it would be profiled. */
  profiles(): FeatureProfile[] {
    return this.#traffic.baseline.features.map(({ profile }, i) => profileOf(profile, this.#window[i]!));
  }
}

export const datesOf = (day: number) => ({
  start: new Date(day * DAY_MS).toISOString(),
  end: new Date((day + 1) * DAY_MS).toISOString(),
});

/** One model's checks, one after the other. */
export class Watch {
  readonly #history: CheckedWindow[] = [];
  /** Incidents so far, of drift or of skew; one is one until it has cleared. */
  alerts = 0;
  #drift = false;
  #skew = false;

  /** @returns whether people are told now */
  take(checked: CheckedWindow): boolean {
    const before = this.#history.at(-1);
    this.#history.push(checked);
    if (this.#history.length > HISTORY) this.#history.shift();
    if (checked.verdict === 'Stable' && before?.verdict !== 'Drifted' && !this.#drift && !this.#skew) return false;
    const { persistent, skewed, cleared } = persistenceOf(this.#history, PERSISTENCE);
    this.#history[this.#history.length - 1] = { ...checked, skewed };
    const told = Number(persistent.length > 0 && !this.#drift) + Number(skewed.length > 0 && !this.#skew);
    this.#drift = persistent.length > 0 || (this.#drift && !cleared);
    this.#skew = skewed.length > 0;
    this.alerts += told;
    return told > 0;
  }
}
