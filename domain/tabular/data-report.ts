import type { ColumnReport } from './column-checks.ts';
import type { DataProblem } from './problems.ts';

/** How a feature of the new training rows differs from what the champion was trained on. */
export interface TrainingDrift {
  readonly feature: string;
  readonly statistic: string;
  readonly value: number;
  readonly threshold: number;
}

/** What the champion was trained on, and what differs from it. */
export interface ChampionDrift {
  readonly againstVersion: number;
  readonly features: readonly TrainingDrift[];
  /** Of the champion's dataset; absent where its report is not known. */
  readonly rows?: number;
  readonly classes?: Readonly<Record<string, number>>;
}

/** What the checks of a dataset found, as `data-report.json` keeps it. */
export interface DataReport {
  readonly schema: 'launchway/data-report/v1';
  readonly model: string;
  readonly release: number;
  /** `sha256` of what was sealed; absent where it was refused before. */
  readonly dataset: { readonly key: string; readonly versionId?: string; readonly sha256?: string };
  readonly verdict: 'Accepted' | 'Refused';
  /** To train on, or to split. */
  readonly rows: number;
  /** Of the user's own test file. */
  readonly testRows?: number;
  /** Its earliest and its latest time, ISO 8601 UTC. */
  readonly period?: { readonly from: string; readonly to: string };
  readonly duplicates?: number;
  /** Rows per label; classification only. */
  readonly classes?: Readonly<Record<string, number>>;
  readonly columns: readonly ColumnReport[];
  /** Why it was refused: the first hundred, rows and columns named. */
  readonly problems: readonly string[];
  readonly problemCount: number;
  /** The same for programs: column, rows, and the first rows that show it. */
  readonly problemDetails?: readonly DataProblem[];
  /** What is only suspicious. */
  readonly findings: readonly string[];
  readonly drift?: ChampionDrift;
  /** s3:// of what is kept for looking at, a copy or the upload itself; refused datasets only. */
  readonly quarantine?: string;
}

const driftSentence = ({ feature, statistic, value, threshold }: TrainingDrift, version: number): string =>
  `${feature} differs from what version ${version} was trained on (${statistic} ${value.toFixed(3)}, ${threshold.toFixed(3)} is much).`;

/** A label whose share moved by more is worth a sentence. */
const NOTED_SHIFT = 0.05;

/** What a person should know of a dataset beside the champion's: features, labels, size. */
export function driftSentences(
  { againstVersion: version, features, rows: before, classes: labelsBefore = {} }: ChampionDrift,
  { rows, classes }: { readonly rows: number; readonly classes: ReadonlyMap<string, number> },
  target: string,
): string[] {
  const [all, allBefore] = [sumOf(classes.values()), sumOf(Object.values(labelsBefore))];
  const shares = [...classes].map(([label, count]) => ({
    label,
    now: count / all,
    before: allBefore === 0 ? count / all : (labelsBefore[label] ?? 0) / allBefore,
  }));
  return [
    ...features.map((feature) => driftSentence(feature, version)),
    ...shares
      .filter((share) => Math.abs(share.now - share.before) > NOTED_SHIFT)
      .map(
        (share) =>
          `${percent(share.now)} of rows have ${target} = "${share.label}"; ${percent(share.before)} had in what version ${version} was trained on.`,
      ),
    ...(before !== undefined && rows * 2 < before
      ? [`There are ${rows} rows; version ${version} was made from ${before}.`]
      : []),
  ];
}

const sumOf = (counts: Iterable<number>): number => [...counts].reduce((sum, count) => sum + count, 0);

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
