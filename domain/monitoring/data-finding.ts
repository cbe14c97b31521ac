import { ALL_ROWS, type DataBreak, type DataRule } from './data-quality.ts';
import { DETECTOR_RULES, namesOf } from './detectors.ts';
import { importanceOfFeatures } from './findings.ts';
import { minute } from './recent-changes.ts';
import type { Finding, WindowRow } from './rows.ts';

const DAY_MS = 86_400_000;
/** Points of broken values that weigh as much as drift on its threshold. */
const POINTS = 0.1;
const MOST_BREAKS = 20;

const IN_WORDS: Readonly<Record<DataRule, string>> = {
  missing: 'missing',
  type: 'wrong type',
  range: 'out of range',
  'new-category': 'new category',
  'unreadable-rows': 'not readable',
};

/** Broken features that no drift or skew tells of: one cause, one incident. @param told names that an open incident of theirs has */
export function untold(window: WindowRow, names: readonly string[], told: readonly string[]): string[] {
  const known = [...told, ...window.persistent, ...(window.skewed ?? [])];
  return names.filter((name) => !known.includes(name));
}

/**
 * What a window is to tell of its data; undefined where nothing lasts, or drift is about to tell of all of it: a feature that drifted
 * in this window has the next one to be drift's.
 *
 * @param breaks of the window, as its report keeps them
 * @param importance by feature, the share of decisions that rests on it; undefined where nobody measured it
 */
export function dataFinding(
  window: WindowRow,
  breaks: readonly DataBreak[],
  told: readonly string[],
  importance?: ReadonlyMap<string, number>,
): Finding | undefined {
  const { model, version, start, end, countsFrom, rows, drifted } = window;
  const features = untold(window, window.data?.persistent ?? [], [...told, ...drifted]);
  if (features.length === 0) return undefined;
  const found = breaks.filter(({ feature }) => features.includes(feature));
  const strength = Math.max(1, ...found.map(({ window: now, training }) => (now - training) / POINTS));
  const rowsPerDay = (rows * DAY_MS) / (Date.parse(end) - Date.parse(countsFrom));
  const weight = features.includes(ALL_ROWS) ? {} : importanceOfFeatures(features, importance);
  return {
    ...{ model, version, detector: 'data', start, windowStart: start, features },
    causes: found.map(({ rule, feature }) => `${rule}:${feature}`),
    severity: DETECTOR_RULES.data.severity({ strength, rowsPerDay, ...weight }),
    summary: `${namesOf(features)} of what version ${version} is asked ${features.length === 1 ? 'breaks' : 'break'} what training had`,
    evidence: [
      {
        kind: 'facts',
        rows: [['Window', `${minute(countsFrom)} to ${minute(end)}, ${rows.toLocaleString('en-US')} rows`]],
      },
      {
        kind: 'table',
        head: ['Feature', 'Broken', 'In training', 'Now', 'Seen'],
        rows: found.slice(0, MOST_BREAKS).map(breakRow),
      },
    ],
  };
}

/** Feature, rule in words, shares in training and now, what was seen. */
export const breakRow = ({ feature, rule, training, window, evidence }: DataBreak): string[] => [
  feature,
  IN_WORDS[rule],
  percent(training),
  percent(window),
  evidence,
];

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
