import type { Measure } from '../drift/verdict.ts';
import type { DriftReport, ReportedFeature } from './drift-report.ts';
import type { CauseRule } from './likely-causes.ts';
import { minute } from './recent-changes.ts';
import type { Evidence, Finding, WindowRow } from './rows.ts';

/** Features whose shifts are spelled out; the report has all. */
const FEATURES_SHOWN = 3;
/** Of each, in a report without bars. */
const SHIFTS_SHOWN = 8;

const MEASURE_NAMES: Readonly<Record<Measure['statistic'], string>> = {
  psi: 'PSI',
  'ks-lower': 'KS D',
  'cramers-v-corrected': "Cramér's V",
  'missing-rate-difference': 'missing',
};

/** What drift and skew say of themselves. */
export function driftEvidence(finding: Finding, window: WindowRow, report: DriftReport): Evidence[] {
  const { policy } = report;
  const moved = report.features.filter(({ name }) => finding.features.includes(name));
  const isSkew = finding.detector === 'skew';
  return [
    { kind: 'paragraph', text: sentenceOf(finding, report) },
    {
      kind: 'facts',
      rows: [
        [isSkew ? 'What differs' : 'What moved', moved.map(({ name }) => name).join(', ')],
        [
          'Since',
          isSkew
            ? `the first window that could be judged after version ${finding.version} began to serve`
            : `${minute(finding.start)}, in ${policy.persistence.windows} or more of the last ${policy.persistence.of} windows`,
        ],
        [
          'This window',
          `${minute(window.countsFrom)} to ${minute(window.end)}, ${count(report.rows.current)} rows against ${count(report.rows.baseline)} training rows`,
        ],
        ['Captured', coverageInWords(report)],
      ],
    },
    ...moved.slice(0, FEATURES_SHOWN).flatMap(pictureOf),
    { kind: 'heading', text: 'The numbers' },
    measuresTable(moved),
  ];
}

const sentenceOf = ({ features, version }: Finding, report: DriftReport): string =>
  `${features.length} of ${report.features.filter(({ excluded }) => !excluded).length} watched features of version ${version} differ from its training data by more than chance and by enough to matter. Predictions go on; nothing was changed. Whether the predictions are worse is not known from this: it needs outcomes.`;

const coverageInWords = ({ coverage, captures }: DriftReport): string => {
  const unread = Object.values(captures.unread).reduce((sum, one) => sum + one, 0);
  const share =
    coverage === null ? 'invocations were not counted' : `${Math.round(coverage * 100)} % of what was to be captured`;
  return `${share}; ${count(unread)} lines or rows could not be read`;
};

const measuresTable = (moved: readonly ReportedFeature[]): Evidence => ({
  kind: 'table',
  head: ['Feature', 'Measure', 'Value', 'Threshold', 'q'],
  rows: moved.flatMap(({ name, measures, qValue }) =>
    measures.map(({ statistic, value, threshold }) => [
      name,
      MEASURE_NAMES[statistic],
      value.toFixed(3),
      threshold.toFixed(3),
      qValue === null ? '' : shortP(qValue),
    ]),
  ),
});

/** The feature's bars and why it may have moved; reports of before have shifts only. */
function pictureOf({ name, shifts, bars = [], causes = [] }: ReportedFeature): Evidence[] {
  const shown = bars.length > 0 ? bars : shifts.slice(0, SHIFTS_SHOWN);
  return [
    { kind: 'heading', text: `${name}: what gained and what lost` },
    ...(causes.length > 0
      ? [{ kind: 'list' as const, items: causes.map(({ rule, evidence }) => `${CAUSES[rule]}: ${evidence}`) }]
      : []),
    ...(shown.length > 0 ? [{ kind: 'bars' as const, head: `${name}, share of rows`, bars: shown }] : []),
  ];
}

const CAUSES: Readonly<Record<CauseRule, string>> = {
  'upstream-null': 'Probably a source that is missing',
  'new-category': 'Probably new codes',
  'vanished-category': 'Probably cases that are no longer sent',
  'unit-change': 'Probably another unit',
  'range-clip': 'Probably cut off upstream',
  'population-shift': 'Probably other cases than before',
};

const count = (value: number): string => value.toLocaleString('en-US');

const shortP = (p: number): string => (p >= 0.001 ? p.toFixed(3) : p.toExponential(0));
