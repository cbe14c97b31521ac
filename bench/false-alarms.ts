import { measureFeature } from '../domain/drift/measures.ts';
import { randomFrom } from './captures/random.ts';
import { checkWindow, drawWindow, mayDrift, quietWindow, Watch, type WindowProfiles } from './false-alarms/simulate.ts';
import { type Traffic, trafficFrom } from './false-alarms/traffic.ts';
import type { Bench } from './run.ts';

const ROWS = [200, 1_000, 10_000];
const MODEL_YEARS = 1_000;
const DAYS = 365;
/** Each is the past of as many model-years as the others. */
const BASELINES = 20;
const BASELINE_ROWS = 10_000;
/** Windows that the naive rules are tried on as well, and that the shortcut is held against the whole verdict on. */
const COMPARED = 400;
const TRIALS = 1_000;

interface Row {
  readonly rows: number;
  readonly falseAlarmsPerModelYear: number;
  /** Share of half-deviation shifts of one number that people were told of within three windows. */
  readonly foundWithin3Windows: number;
  /** Shares of quiet windows that each rule alarms on. */
  readonly alarmedWindows: { readonly shipped: number; readonly anyPBelow05: number; readonly anyPsiAbove01: number };
}

/** The shipped defaults over simulated years of daily windows in which nothing moves but the hours and the weekdays. */
const falseAlarms: Bench = async () => {
  const random = randomFrom(11);
  const traffics = Array.from({ length: BASELINES }, () => trafficFrom(random, BASELINE_ROWS));
  const table = ROWS.map((rows): Row => {
    const years = simulateYears(traffics, rows, random);
    const row = { rows, ...years, foundWithin3Windows: shareFound(traffics, rows, random) };
    console.log(inWords(row));
    return row;
  });
  const missed = table.flatMap(({ rows, falseAlarmsPerModelYear, foundWithin3Windows }) => [
    ...(falseAlarmsPerModelYear > 1 ? [`at most one false alarm per model-year at ${rows} rows a day`] : []),
    ...(foundWithin3Windows < 0.95 ? [`half a deviation found within 3 windows at ${rows} rows a day`] : []),
  ]);
  return { result: { modelYears: MODEL_YEARS, features: 35, baselineRows: BASELINE_ROWS, table }, missed };
};

function simulateYears(traffics: readonly Traffic[], rows: number, random: () => number) {
  let alerts = 0;
  let drifted = 0;
  const naive = { p: 0, psi: 0 };
  let compared = 0;
  for (let year = 0; year < MODEL_YEARS; year++) {
    const traffic = traffics[year % traffics.length]!;
    const watch = new Watch();
    for (let day = 0; day < DAYS; day++) {
      const profiles = drawWindow(traffic, day, rows, random);
      const compare = day === 100 && compared < COMPARED;
      const checked = compare || mayDrift(traffic, profiles) ? checkWindow(traffic, day, profiles) : quietWindow(day);
      if (checked.verdict === 'Drifted') {
        drifted += 1;
        if (!mayDrift(traffic, profiles))
          throw new Error('expected the shortcut to see what the verdict sees, it did not');
      }
      watch.take(checked);
      if (compare) {
        compared += 1;
        const { p, psi } = naiveRules(traffic, profiles);
        naive.p += Number(p);
        naive.psi += Number(psi);
      }
    }
    alerts += watch.alerts;
  }
  return {
    falseAlarmsPerModelYear: alerts / MODEL_YEARS,
    alarmedWindows: {
      shipped: drifted / (MODEL_YEARS * DAYS),
      anyPBelow05: naive.p / compared,
      anyPsiAbove01: naive.psi / compared,
    },
  };
}

/** What a first monitor would do: a test per feature at 5 %, or PSI above 0.1. */
function naiveRules({ baseline }: Traffic, profiles: WindowProfiles): { readonly p: boolean; readonly psi: boolean } {
  const measured = baseline.features.map((feature, i) => measureFeature(feature, profiles[i]!).distribution!);
  return {
    p: measured.some(({ ks, chiSquarePooled }) => (ks?.pValue ?? chiSquarePooled.pValue) < 0.05),
    psi: measured.some(({ psi }) => psi > 0.1),
  };
}

/** After a quiet fortnight, one number moves up by half a standard deviation. */
function shareFound(traffics: readonly Traffic[], rows: number, random: () => number): number {
  let found = 0;
  for (let trial = 0; trial < TRIALS; trial++) {
    const traffic = traffics[trial % traffics.length]!;
    const moved = trial % 28;
    const watch = new Watch();
    const start = 14 + (trial % 7);
    for (let day = start - 5; day < start; day++)
      watch.take(checkWindow(traffic, day, drawWindow(traffic, day, rows, random)));
    for (let day = start; day < start + 3; day++) {
      const checked = checkWindow(traffic, day, drawWindow(traffic, day, rows, random, moved));
      if (watch.take(checked)) {
        found += 1;
        break;
      }
    }
  }
  return found / TRIALS;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

const inWords = ({ rows, falseAlarmsPerModelYear, foundWithin3Windows, alarmedWindows }: Row): string =>
  [
    `${String(rows).padStart(6)} rows a day: ${falseAlarmsPerModelYear.toFixed(3)} false alarms per model-year`,
    `half a deviation found within 3 windows: ${percent(foundWithin3Windows)}`,
    `quiet windows alarmed: ${percent(alarmedWindows.shipped)} as shipped (before persistence), ${percent(alarmedWindows.anyPBelow05)} by any p < .05, ${percent(alarmedWindows.anyPsiAbove01)} by any PSI > .1`,
  ].join('\n               ');

export default falseAlarms;
