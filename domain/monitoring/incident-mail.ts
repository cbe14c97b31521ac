import type { Measure } from '../drift/verdict.ts';
import { composeMail, type MailBlock } from '../mail/mail-document.ts';
import type { Mail } from '../ports.ts';
import type { DriftReport, ReportedFeature } from './drift-report.ts';
import type { CauseRule } from './likely-causes.ts';
import { minute, type Surroundings } from './recent-changes.ts';
import { type IncidentRow, incidentId, type WindowRow } from './rows.ts';

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

/** What an incident's mail is made of, besides what its detector found. */
export interface IncidentMailParts {
  readonly to: readonly string[];
  readonly incident: IncidentRow;
  readonly around: Surroundings;
  /** How often its rules were right so far, in words. */
  readonly precision: readonly string[];
  /** The signed page where it is answered. */
  readonly link: string;
}

/** Frames what a detector found: what serves, what changed, whether going back is safe; then the finding; then what to do. */
export function incidentMail(
  { to, incident, around, precision, link }: IncidentMailParts,
  found: readonly MailBlock[],
  advice: readonly string[],
): Mail {
  return composeMail({
    to,
    subject: incidentSubject(incident),
    thread: `incident/${incidentId(incident)}`,
    blocks: [
      {
        kind: 'facts',
        rows: [
          ['Serving now', around.servingNow],
          ['Last 24 hours', around.changes.length > 0 ? around.changes.join('\n') : 'nothing changed on this model'],
          ['Rollback', around.rollback],
        ],
      },
      ...found,
      { kind: 'heading', text: 'What to do' },
      { kind: 'list', items: advice },
      { kind: 'action', label: 'Acknowledge, or say that it is expected', url: link },
      ...(precision.length > 0 ? [{ kind: 'paragraph' as const, text: `So far: ${precision.join('; ')}.` }] : []),
    ],
    footer: `You get this because you own ${incident.model} or operate this deployment. It is sent once, however long it lasts. Runbook: docs/runbook.md, "${incident.detector}".`,
  });
}

/** What drift and skew say of themselves. */
export function driftBlocks(incident: IncidentRow, window: WindowRow, report: DriftReport): MailBlock[] {
  const { policy } = report;
  const moved = report.features.filter(({ name }) => incident.features.includes(name));
  const isSkew = incident.detector === 'skew';
  return [
    {
      kind: 'heading',
      text: isSkew
        ? `What ${incident.model} is asked was never what it learnt from`
        : `What ${incident.model} is asked has moved away from what it learnt`,
    },
    { kind: 'paragraph', text: sentenceOf(incident, report) },
    {
      kind: 'facts',
      rows: [
        [isSkew ? 'What differs' : 'What moved', moved.map(({ name }) => name).join(', ')],
        [
          'Since',
          isSkew
            ? `the first window that could be judged after version ${incident.version} began to serve`
            : `${minute(incident.start)}, in ${policy.persistence.windows} or more of the last ${policy.persistence.of} windows`,
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

/** What to do about drift and skew. */
export function driftAdvice({ model, detector, features }: IncidentRow): string[] {
  const names = features.slice(0, FEATURES_SHOWN).join(', ');
  const first =
    detector === 'skew'
      ? `Compare how ${names} are made for training and for serving: another source, code, unit or default. Training again on the same files changes nothing.`
      : `Find out whether the world moved or the data did: has what feeds ${names} changed (a source that is missing, a new code, another unit)?`;
  return [
    first,
    'If it is an error upstream, mend it there: the next quiet windows close this incident.',
    `If the world moved, train on newer rows: upload them to models/${model}/data/ in the intake bucket. A release starts, and somebody approves it before it serves.`,
    'To look at any two files yourself: launchway drift compare BASELINE CURRENT',
  ];
}

/** One line, for the mail and for whoever is paged. */
export function incidentSubject({ model, detector, features, start, summary }: IncidentRow): string {
  const names = `${features.slice(0, 3).join(', ')}${features.length > 3 ? ` and ${features.length - 3} more` : ''}`;
  if (detector === 'drift') return `[${model}] drift: ${names} moved since ${start.slice(0, 10)}`;
  if (detector === 'skew') return `[${model}] skew: ${names} differ from training since serving began`;
  return `[${model}] ${detector}: ${summary}`;
}

const sentenceOf = ({ features, version }: IncidentRow, report: DriftReport): string =>
  `${features.length} of ${report.features.filter(({ excluded }) => !excluded).length} watched features of version ${version} differ from its training data by more than chance and by enough to matter. Predictions go on; nothing was changed. Whether the predictions are worse is not known from this: it needs outcomes.`;

const coverageInWords = ({ coverage, captures }: DriftReport): string => {
  const unread = Object.values(captures.unread).reduce((sum, one) => sum + one, 0);
  const share =
    coverage === null ? 'invocations were not counted' : `${Math.round(coverage * 100)} % of what was to be captured`;
  return `${share}; ${count(unread)} lines or rows could not be read`;
};

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

/** The feature's bars and why it may have moved; reports of before have shifts only. */
function pictureOf({ name, shifts, bars = [], causes = [] }: ReportedFeature): MailBlock[] {
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
  'unit-change': 'Probably another unit',
  'range-clip': 'Probably cut off upstream',
  'population-shift': 'Probably other cases than before',
};

const count = (value: number): string => value.toLocaleString('en-US');

const shortP = (p: number): string => (p >= 0.001 ? p.toFixed(3) : p.toExponential(0));
