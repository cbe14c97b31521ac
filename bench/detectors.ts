import { onAllThreads } from './false-alarms/all-threads.ts';
import {
  DETECTORS,
  type DetectorSums,
  type DetectorTask,
  FAULTS,
  type Fault,
  type WatchingDetector,
} from './false-alarms/measure-detectors.ts';
import type { Bench } from './run.ts';

export const ROWS = [200, 1_000, 10_000];
export const MODEL_YEARS = 1_000;
/** Each is the past of as many model-years as the others. */
export const BASELINES = 20;
const TRIALS = 300;

/** What of a detector is measured, for one number of rows a day. */
export interface DetectorRow {
  readonly rows: number;
  /** By detector. */
  readonly falseAlarmsPerModelYear: Readonly<Record<WatchingDetector, number>>;
  /** Over these detectors. */
  readonly inSum: number;
  /** Shares of faults that people were told of within three windows. */
  readonly foundWithin3Windows: Readonly<Record<Fault, number>>;
}

/** Every detector of unlabelled traffic but drift and skew of features, as false-alarms measures these. */
const detectors: Bench = async () => {
  const table = await detectorTable();
  const missed = table
    .filter(({ inSum }) => inSum > 1)
    .map(({ rows }) => `at most one false alarm per model-year at ${rows} rows a day, over ${DETECTORS.join(', ')}`);
  return { result: { modelYears: MODEL_YEARS, trials: TRIALS, table }, missed };
};

/** Measures, and says what it found. */
export async function detectorTable(): Promise<DetectorRow[]> {
  const tasks = Array.from({ length: BASELINES }, (_, baseline): DetectorTask => {
    const [years, trials] = [MODEL_YEARS, TRIALS].map((all) => all / BASELINES);
    return { baseline, rows: ROWS, years: years!, trials: trials! };
  });
  const worker = new URL('./false-alarms/detectors-worker.ts', import.meta.url);
  const sums = (await onAllThreads<DetectorTask, DetectorSums[]>(worker, tasks, sayBaselines)).flat();
  const table = ROWS.map((rows) => rowOf(sums.filter((one) => one.rows === rows)));
  for (const row of table) console.log(inWords(row));
  return table;
}

/** @param done of all baselines */
export const sayBaselines = (done: number): void => console.error(`${done} of ${BASELINES} baselines`);

function rowOf(sums: readonly DetectorSums[]): DetectorRow {
  const total = (of: (one: DetectorSums) => number): number => sums.reduce((sum, one) => sum + of(one), 0);
  const years = total((one) => one.years);
  const trials = total((one) => one.trials);
  const alarms = DETECTORS.map((name) => [name, total(({ opened }) => opened[name]) / years] as const);
  const faults = (Object.keys(FAULTS) as Fault[]).map((fault) => [fault, total(({ found }) => found[fault]) / trials]);
  return {
    rows: sums[0]!.rows,
    falseAlarmsPerModelYear: Object.fromEntries(alarms) as DetectorRow['falseAlarmsPerModelYear'],
    inSum: alarms.reduce((sum, [, rate]) => sum + rate, 0),
    foundWithin3Windows: Object.fromEntries(faults) as DetectorRow['foundWithin3Windows'],
  };
}

const inWords = ({ rows, falseAlarmsPerModelYear, inSum, foundWithin3Windows }: DetectorRow): string => {
  const said = (rates: Readonly<Record<string, number>>, say: (rate: number) => string): string =>
    Object.entries(rates)
      .map(([name, rate]) => `${name} ${say(rate)}`)
      .join(', ');
  const [alarms, found] = [
    said(falseAlarmsPerModelYear, (rate) => rate.toFixed(3)),
    said(foundWithin3Windows, (share) => `${(100 * share).toFixed(0)} %`),
  ];
  return [
    `${String(rows).padStart(6)} rows a day: ${inSum.toFixed(3)} false alarms per model-year: ${alarms}`,
    `found within 3 windows: ${found}`,
  ].join('\n               ');
};

export default detectors;
