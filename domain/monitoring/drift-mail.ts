import type { Shift } from '../drift/measures.ts';
import type { Measure } from '../drift/verdict.ts';
import { composeMail, type MailBlock } from '../mail/mail-document.ts';
import type { ModelRow } from '../model.ts';
import type { Mail } from '../ports.ts';
import type { DriftReport, ReportedFeature } from './drift-report.ts';
import type { IncidentRow, WindowRow } from './rows.ts';

/** Features whose shifts are spelled out; the report has all. */
const FEATURES_SHOWN = 3;
/** Losses, and gains, of each. */
const SHIFTS_SHOWN = 4;

const MEASURE_NAMES: Readonly<Record<Measure['statistic'], string>> = {
  psi: 'PSI',
  'ks-lower': 'KS D',
  'cramers-v-corrected': "Cramér's V",
  'missing-rate-difference': 'missing',
};

/** What people are told when drift has persisted: what moved, since when, what serves, what to do. */
export function driftMail(
  to: readonly string[],
  model: ModelRow,
  incident: IncidentRow,
  window: WindowRow,
  report: DriftReport,
): Mail {
  const { policy } = report;
  const moved = report.features.filter(({ name }) => incident.features.includes(name));
  return composeMail({
    to,
    subject: driftSubject(incident),
    thread: `incident/${incident.model}/${incident.detector}/${incident.start}`,
    blocks: [
      { kind: 'heading', text: `What ${incident.model} is asked has moved away from what it learnt` },
      { kind: 'paragraph', text: sentenceOf(incident, report) },
      {
        kind: 'facts',
        rows: [
          ['What moved', moved.map(({ name }) => name).join(', ')],
          [
            'Since',
            `${minute(incident.start)}, in ${policy.persistence.windows} or more of the last ${policy.persistence.of} windows`,
          ],
          [
            'This window',
            `${minute(window.countsFrom)} to ${minute(window.end)}, ${count(report.rows.current)} rows against ${count(report.rows.baseline)} training rows`,
          ],
          ['Captured', coverageInWords(report)],
          ['Serving now', servingNow(model)],
        ],
      },
      { kind: 'heading', text: 'The numbers' },
      measuresTable(moved),
      ...moved.slice(0, FEATURES_SHOWN).flatMap(shiftsOf),
      { kind: 'heading', text: 'What to do' },
      { kind: 'list', items: whatToDo(incident, moved) },
    ],
    footer: `You get this because you own ${incident.model} or operate this deployment. It is sent once; the incident closes by itself after ${policy.persistence.windows} quiet windows. Report: ${window.report?.key ?? 'none'}`,
  });
}

/** One line, for the mail and for whoever is paged. */
export const driftSubject = ({ model, features, start }: IncidentRow): string =>
  `[${model}] drift: ${features.slice(0, 3).join(', ')}${features.length > 3 ? ` and ${features.length - 3} more` : ''} moved since ${start.slice(0, 10)}`;

const sentenceOf = ({ features, version }: IncidentRow, report: DriftReport): string =>
  `${features.length} of ${report.features.filter(({ excluded }) => !excluded).length} watched features of version ${version} differ from its training data by more than chance and by enough to matter. Predictions go on; nothing was changed. Whether the predictions are worse is not known from this: it needs outcomes.`;

const coverageInWords = ({ coverage, captures }: DriftReport): string => {
  const unread = Object.values(captures.unread).reduce((sum, one) => sum + one, 0);
  const share =
    coverage === null ? 'invocations were not counted' : `${Math.round(coverage * 100)} % of what was to be captured`;
  return `${share}; ${count(unread)} lines or rows could not be read`;
};

const servingNow = ({ champion }: ModelRow): string =>
  champion ? `version ${champion.version} on ${champion.endpointName} since ${minute(champion.since)}` : 'nothing';

const measuresTable = (moved: readonly ReportedFeature[]): MailBlock => ({
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

const shiftsOf = ({ name, shifts }: ReportedFeature): MailBlock[] =>
  shifts.length === 0
    ? []
    : [
        { kind: 'heading', text: `${name}: what gained and what lost` },
        {
          kind: 'table',
          head: [name, 'Training', 'Now', 'Change'],
          rows: [
            ...shifts.filter(lost).slice(0, SHIFTS_SHOWN),
            ...shifts.filter((shift) => !lost(shift)).slice(0, SHIFTS_SHOWN),
          ].map(shiftRow),
        },
      ];

const lost = ({ baseline, current }: Shift): boolean => current < baseline;

const shiftRow = ({ of, baseline, current }: Shift): string[] => [
  of === '' ? '(empty text)' : of,
  `${percent(baseline)} %`,
  `${percent(current)} %`,
  `${current > baseline ? '+' : ''}${percent(current - baseline)} points`,
];

function whatToDo({ model }: IncidentRow, moved: readonly ReportedFeature[]): string[] {
  const names = moved
    .slice(0, FEATURES_SHOWN)
    .map(({ name }) => name)
    .join(', ');
  return [
    `Find out whether the world moved or the data did: has what feeds ${names} changed (a source that is missing, a new code, another unit)?`,
    'If it is an error upstream, mend it there: the next quiet windows close this incident.',
    `If the world moved, train on newer rows: upload them to models/${model}/data/ in the intake bucket. A release starts, and somebody approves it before it serves.`,
    'To look at any two files yourself: launchway drift compare BASELINE CURRENT',
  ];
}

const minute = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`;
const count = (value: number): string => value.toLocaleString('en-US');
const percent = (share: number): string => (share * 100).toFixed(1);
const shortP = (p: number): string => (p >= 0.001 ? p.toFixed(3) : p.toExponential(0));
