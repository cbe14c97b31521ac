import type { Detector, Finding, Severity } from './rows.ts';
import { severityOf, type Weight } from './severity.ts';

/** What a detector says of itself, and how loudly. */
export interface DetectorRules {
  /** One line, after the model's name: the mail's subject, and what the page is headed by. */
  readonly subject: (finding: Finding) => string;
  /** A heading over what it found. */
  readonly heading: (finding: Finding) => string;
  /** What to do, most useful first. */
  readonly advice: (finding: Finding) => readonly string[];
  readonly severity: (weight: Weight) => Severity;
  /** Whether an open release of the model may answer it: people are told once that has ended, and a day later in any case. */
  readonly waitsForRelease: boolean;
  /** Whether training on newer rows can answer it. */
  readonly retrains: boolean;
  /** Whether it is over once another version serves; where not, it is of the endpoint, or of monitoring itself. */
  readonly endsWithVersion: boolean;
}

/**
 * Every detector's rules. A new one needs its name in `DETECTORS`, its entry here, and a section of its name in docs/runbook.md;
 * what finds something hands it to `settleFinding`.
 */
export const DETECTOR_RULES: Readonly<Record<Detector, DetectorRules>> = {
  drift: {
    subject: ({ features, start }) => `drift: ${namesOf(features)} moved since ${start.slice(0, 10)}`,
    heading: ({ model }) => `What ${model} is asked has moved away from what it learnt`,
    advice: (finding) => [
      `Find out whether the world moved or the data did: has what feeds ${namesOf(finding.features)} changed (a source that is missing, a new code, another unit)?`,
      ...afterwards(finding),
    ],
    severity: severityOf,
    waitsForRelease: true,
    retrains: true,
    endsWithVersion: true,
  },
  skew: {
    subject: ({ features }) => `skew: ${namesOf(features)} differ from training since serving began`,
    heading: ({ model }) => `What ${model} is asked was never what it learnt from`,
    advice: (finding) => [
      `Compare how ${namesOf(finding.features)} are made for training and for serving: another source, code, unit or default. Training again on the same files changes nothing.`,
      ...afterwards(finding),
    ],
    severity: severityOf,
    waitsForRelease: true,
    retrains: false,
    endsWithVersion: true,
  },
  monitoring: {
    subject: ({ summary }) => `monitoring: ${summary}`,
    heading: ({ model }) => `Nobody watches ${model}`,
    advice: ({ features }) =>
      [
        'schedule: enable it in EventBridge Scheduler; the next deployment writes it anew.',
        'checks: look at the newest execution of monitor-model for this model, and at the schedule dead letters.',
        'captures: look at DataCaptureConfig of the endpoint configuration, and at DiskUtilization of its instances: a full disk stops capture.',
      ].filter((text) => features.includes(text.slice(0, text.indexOf(':')))),
    severity: () => 'mail',
    waitsForRelease: false,
    retrains: false,
    endsWithVersion: false,
  },
  quality: {
    subject: ({ features, start }) => `quality: ${namesOf(features)} below the bar since ${start.slice(0, 10)}`,
    heading: ({ model }) => `What ${model} predicts does not come true as it used to`,
    advice: ({ model }) => [
      'Look whether drift is open too: moved inputs, or a source that broke, explain most of it.',
      'If the labels are wrong or late, upload them anew: windows are evaluated again, and this closes by itself.',
      `If the world moved, train on newer rows: upload them to models/${model}/data/ in the intake bucket. If a release did it, roll back.`,
      `All windows and files of labels: launchway quality ${model}`,
    ],
    severity: severityOf,
    waitsForRelease: true,
    retrains: true,
    endsWithVersion: true,
  },
  estimate: {
    subject: ({ features, start }) => `estimate: ${namesOf(features)} expected to be lower since ${start.slice(0, 10)}`,
    heading: ({ model }) => `What ${model} is asked now, it is expected to answer worse`,
    advice: ({ model }) => [
      'This is an estimate, and no outcome confirms it yet. Look whether drift is open too: it names what moved.',
      `Upload outcomes as soon as some are known, to models/${model}/labels/ in the intake bucket: they decide.`,
      'Where decisions are costly, have people look at those near the threshold until then.',
    ],
    // An estimate wakes nobody.
    severity: (weight) => (severityOf(weight) === 'digest' ? 'digest' : 'mail'),
    waitsForRelease: true,
    retrains: false,
    endsWithVersion: true,
  },
  usage: {
    subject: ({ summary }) => `usage: ${summary}`,
    heading: ({ model }) => `${model} is asked far less than it used to be`,
    advice: ({ model }) => [
      'Ask whoever calls it: was a caller switched off, moved elsewhere, or released with a mistake?',
      'Look at 4XX and 5XX errors of the endpoint, and at what changed in the last 24 hours: callers may be refused.',
      `A holiday, or an end that was planned? Say that it is expected, on this page. If ${model} is no longer needed, it costs money for nothing.`,
    ],
    severity: (weight) => (severityOf(weight) === 'digest' ? 'digest' : 'mail'),
    waitsForRelease: false,
    retrains: false,
    endsWithVersion: false,
  },
  data: {
    subject: ({ features, start }) => `data: ${namesOf(features)} broken since ${start.slice(0, 10)}`,
    heading: ({ model }) => `What ${model} is asked breaks what its training data had`,
    advice: ({ model }) => [
      'Look at what feeds these features: a source that is missing, a unit or code that changed, a caller that sends another format.',
      'Mend it there: the next window without a break closes this incident. The model answers such rows too, with what it makes of them.',
      `If these values are right from now on, ${model} never learnt from them: train on rows that have them.`,
    ],
    severity: severityOf,
    waitsForRelease: false,
    retrains: false,
    endsWithVersion: true,
  },
  service: {
    subject: ({ features, start }) => `service: ${namesOf(features)} worse since ${start.slice(0, 10)}`,
    heading: ({ model }) => `${model} answers worse than it used to`,
    advice: ({ features }) => [
      ...(features.includes('errors-5xx')
        ? [
            'errors-5xx: look at the log of the endpoint, and at MemoryUtilization and DiskUtilization of its instances.',
          ]
        : []),
      ...(features.includes('errors-4xx')
        ? ['errors-4xx: callers send what the model refuses, or are throttled: ask them what changed.']
        : []),
      ...(features.some((name) => name.startsWith('latency'))
        ? [
            'latency: look at CPUUtilization and InvocationsPerInstance, and whether requests have more rows; then at a larger or another instance.',
          ]
        : []),
      'Where it began with a release, the page says whether rolling back is safe.',
    ],
    severity: severityOf,
    waitsForRelease: false,
    retrains: false,
    endsWithVersion: false,
  },
  staleness: {
    subject: ({ summary }) => `staleness: ${summary}`,
    heading: ({ model }) => `${model} is older than it is to become`,
    advice: ({ model }) => [
      `Train on newer rows: upload them to models/${model}/data/ in the intake bucket. A release starts, and somebody approves it before it serves.`,
      `Whether that pays: launchway staleness ${model} has the last versions answer the same recent predictions whose outcome is known.`,
      'If it may grow older, raise monitoring.staleAfterDays with the next release, or say on this page until when it is expected.',
    ],
    // Age alone harms nobody at night.
    severity: () => 'digest',
    waitsForRelease: true,
    retrains: true,
    endsWithVersion: true,
  },
};

const afterwards = ({ model }: Finding): string[] => [
  'If it is an error upstream, mend it there: the next quiet windows close this incident.',
  `If the world moved, train on newer rows: upload them to models/${model}/data/ in the intake bucket. A release starts, and somebody approves it before it serves.`,
  'To look at any two files yourself: launchway drift compare BASELINE CURRENT',
];

/** `origin, destination, hour and 4 more` */
export const namesOf = (features: readonly string[]): string =>
  `${features.slice(0, 3).join(', ')}${features.length > 3 ? ` and ${features.length - 3} more` : ''}`;
