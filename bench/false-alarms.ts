import { BASELINES, detectorTable, MODEL_YEARS, ROWS, sayBaselines } from './detectors.ts';
import { onAllThreads } from './false-alarms/all-threads.ts';
import type { TrafficSums, TrafficTask } from './false-alarms/measure-traffic.ts';
import type { Bench } from './run.ts';

/** Windows that the naive rules are tried on as well, and that the screen is held against the whole verdict on. */
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
  const tasks = Array.from({ length: BASELINES }, (_, baseline): TrafficTask => {
    const [years, compared, trials] = [MODEL_YEARS, COMPARED, TRIALS].map((all) => all / BASELINES);
    return { baseline, rows: ROWS, years: years!, compared: compared!, trials: trials! };
  });
  const worker = new URL('./false-alarms/worker.ts', import.meta.url);
  const sums = (await onAllThreads<TrafficTask, TrafficSums[]>(worker, tasks, sayBaselines)).flat();
  const table = ROWS.map((rows) => rowOf(sums.filter((one) => one.rows === rows)));
  for (const row of table) console.log(inWords(row));
  const detectors = (await detectorTable()).map((row, i) => ({
    ...row,
    withDrift: row.inSum + table[i]!.falseAlarmsPerModelYear,
  }));
  for (const { rows, withDrift } of detectors)
    console.log(
      `${String(rows).padStart(6)} rows a day: ${withDrift.toFixed(3)} false alarms per model-year of all detectors`,
    );
  const missed = table.flatMap(({ rows, foundWithin3Windows }, i) => [
    ...(detectors[i]!.withDrift > 1
      ? [`at most one false alarm of all detectors per model-year at ${rows} rows a day`]
      : []),
    ...(foundWithin3Windows < 0.95 ? [`half a deviation found within 3 windows at ${rows} rows a day`] : []),
  ]);
  return { result: { modelYears: MODEL_YEARS, features: 35, baselineRows: 10_000, table, detectors }, missed };
};

function rowOf(sums: readonly TrafficSums[]): Row {
  const total = (of: keyof TrafficSums): number => sums.reduce((sum, one) => sum + one[of], 0);
  return {
    rows: sums[0]!.rows,
    falseAlarmsPerModelYear: total('alerts') / total('years'),
    foundWithin3Windows: total('found') / total('trials'),
    alarmedWindows: {
      shipped: total('drifted') / (total('years') * 365),
      anyPBelow05: total('anyP') / total('compared'),
      anyPsiAbove01: total('anyPsi') / total('compared'),
    },
  };
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

const inWords = ({ rows, falseAlarmsPerModelYear, foundWithin3Windows, alarmedWindows }: Row): string =>
  [
    `${String(rows).padStart(6)} rows a day: ${falseAlarmsPerModelYear.toFixed(3)} false alarms per model-year`,
    `half a deviation found within 3 windows: ${percent(foundWithin3Windows)}`,
    `quiet windows alarmed: ${percent(alarmedWindows.shipped)} as shipped (before persistence), ${percent(alarmedWindows.anyPBelow05)} by any p < .05, ${percent(alarmedWindows.anyPsiAbove01)} by any PSI > .1`,
  ].join('\n               ');

export default falseAlarms;
