import type { Interval } from '../evaluation/intervals.ts';
import { lowerIsBetter } from '../evaluation/metric-names.ts';
import { type Ageing, isMeasured, type MeasuredVersion, type StalenessReport } from './rows.ts';

const show = (value: number): string => value.toFixed(4);
const count = (value: number): string => value.toLocaleString('en-US');
/** `12 days`, `0.4 days` */
export const daysInWords = (days: number): string => {
  const shown = days < 10 ? Number(days.toFixed(1)) : Math.round(days);
  return `${shown} ${shown === 1 ? 'day' : 'days'}`;
};
/** `0.7120 (0.6900 to 0.7330)` */
export const intervalInWords = ({ value, low, high }: Interval): string =>
  `${show(value)} (${show(low)} to ${show(high)})`;

/** `worse`, `better`, or that chance could explain it. @param difference version − the one that serves */
export function standingInWords({ low, high }: Interval, metric: string): string {
  if (low <= 0 && high >= 0) return 'not told apart';
  return low > 0 === lowerIsBetter(metric) ? 'worse' : 'better';
}

/** What the measurement shows of age, and no more than its interval does. */
export function stalenessInWords(report: Omit<StalenessReport, 'inWords'>): string {
  const { versions, champion, metric, measuredOn, ageing } = report;
  const serving = versions.find(({ serves }) => serves);
  if (!serving || !isMeasured(serving)) {
    const why = serving && 'why' in serving ? serving.why : 'it has no scores';
    return `Version ${champion}, which serves, could not be measured: ${why}. Nothing is said of age.`;
  }
  const others = versions.filter((one): one is MeasuredVersion => isMeasured(one) && !one.serves);
  const known = `Version ${champion} serves; its data was uploaded ${daysInWords(serving.ageDays)} ago`;
  if (others.length === 0) return `${known}. No other version could be measured, so nothing is said of age.`;
  if (!ageing) {
    const missing = others.some(({ differences }) => differences?.[metric] !== undefined)
      ? 'The others learnt from data that was uploaded within a day of it'
      : `${metric} is not defined on these rows`;
    return `${known}. ${missing}, so nothing is said of age.`;
  }
  const rows = `On the same ${count(measuredOn.rows)} labelled predictions`;
  return `${known}. ${rows}, ${ageingInWords(ageing, metric, others)}`;
}

function ageingInWords(ageing: Ageing, metric: string, others: readonly MeasuredVersion[]): string {
  const { older, newer, daysApart, worse, verdict } = ageing;
  const pair = `version ${older}, whose data is ${daysInWords(daysApart)} older than version ${newer}'s,`;
  const range = (interval: Interval, sign = 1) =>
    sign > 0
      ? `95 %: ${show(interval.low)} to ${show(interval.high)}`
      : `95 %: ${show(-interval.high)} to ${show(-interval.low)}`;
  if (verdict === 'NotTold') {
    return (
      `${pair} cannot be told apart from it: its ${metric} is worse by ${show(worse.value)} (${range(worse)}; below 0 is better). ` +
      `No ageing shows here; these rows leave room for a loss of up to ${show(worse.high)}.`
    );
  }
  if (verdict === 'Better') {
    return `${pair} is better by ${show(-worse.value)} ${metric} (${range(worse, -1)}): here the newer data has not paid.`;
  }
  const other = others.find(({ version }) => version === older || version === newer);
  const week = ageing.perWeek;
  const cost = week
    ? `, or ${show(week.value)} a week if it is lost evenly (${show(week.low)} to ${show(week.high)})`
    : '';
  const cause = other?.sameProgram
    ? 'Their program is the same, so what differs is the data they learnt from.'
    : 'Their programs differ too, so it is not age alone.';
  return `${pair} is worse by ${show(worse.value)} ${metric} (${range(worse)})${cost}. ${cause}`;
}
