import { DETECTOR_RULES, namesOf } from '../monitoring/detectors.ts';
import { minute } from '../monitoring/recent-changes.ts';
import type { Evidence, Finding } from '../monitoring/rows.ts';
import { gateInWords } from './evaluate-window.ts';
import type { QualityReport } from './quality-report.ts';
import { coverageInWords } from './quality-report-html.ts';
import type { QualityEvaluation, QualityRow } from './rows.ts';

const DAY_MS = 86_400_000;
const SLICES_SHOWN = 10;
/** A miss that lasts, and one that nobody can doubt, in units of what is worth a mail. */
const WEIGHTS = { lasting: 1, beyondDoubt: 2 };

/** What an evaluated window is to tell; undefined where nothing of it lasts. */
export function qualityFinding(
  { model, version, start, end }: QualityRow,
  { persistent, predictions }: QualityEvaluation,
  report: QualityReport,
): Finding | undefined {
  if (persistent.length === 0) return undefined;
  const isSure = report.gates.some(({ metric, beyondDoubt }) => beyondDoubt && persistent.includes(metric));
  const rowsPerDay = (predictions * DAY_MS) / (Date.parse(end) - Date.parse(report.window.countsFrom));
  const weight = { strength: isSure ? WEIGHTS.beyondDoubt : WEIGHTS.lasting, rowsPerDay };
  return {
    model,
    version,
    detector: 'quality',
    start,
    windowStart: start,
    severity: DETECTOR_RULES.quality.severity(weight),
    summary: `${namesOf(persistent)} of version ${version} ${persistent.length === 1 ? 'misses its bar' : 'miss their bars'} by more than chance`,
    features: persistent,
    causes: [],
    evidence: evidenceOf(report),
  };
}

function evidenceOf(report: QualityReport): Evidence[] {
  const { window, gates, atValidation, slices, intervals } = report;
  const metric = Object.keys(intervals)[0] ?? '';
  const weakest = slices
    .filter((slice) => slice.intervals[metric])
    .sort((a, b) => b.rows - a.rows)
    .slice(0, SLICES_SHOWN);
  return [
    {
      kind: 'paragraph',
      text: `Measured on predictions whose outcome is known by now. ${coverageInWords(report)}`,
    },
    {
      kind: 'facts',
      rows: [
        ['Predictions of', `${minute(window.countsFrom)} to ${minute(window.end)}`],
        ...gates.map((gate) => [gate.verdict, gateInWords(gate)] as const),
        ...Object.keys(intervals)
          .filter((name) => atValidation[name] !== undefined)
          .map((name) => ['At validation', `${name} ${atValidation[name]!.toFixed(4)}`] as const),
      ],
    },
    ...(weakest.length > 0
      ? [
          {
            kind: 'table' as const,
            head: ['Slice', 'Rows', metric, 'from', 'to'],
            rows: weakest.map(({ attribute, value, rows, intervals: of }) => {
              const interval = of[metric]!;
              return [
                `${attribute} = ${value}`,
                String(rows),
                ...[interval.value, interval.low, interval.high].map((one) => one.toFixed(4)),
              ];
            }),
          },
        ]
      : []),
  ];
}
