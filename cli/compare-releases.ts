import type { Evaluation } from '../domain/evaluation/evaluate.ts';
import { METRICS } from '../domain/evaluation/metric-names.ts';
import type { ModelDefinition } from '../domain/model-definition.ts';
import type { ReleaseRow } from '../domain/release.ts';
import { showUsd } from '../domain/training/prices.ts';

/** What is compared, in the order in which it is shown. */
const SECTIONS = ['release', 'data', 'training', 'parameter', 'metric', 'gate', 'importance', 'cost'] as const;
type Section = (typeof SECTIONS)[number];

/** One fact of one release: `metric` `auc` is `0.6123 (0.5901 – 0.6345)`. */
export interface Fact {
  readonly section: Section;
  readonly name: string;
  readonly text: string;
  /** The number alone, where it is one. */
  readonly value?: number;
}

/** One fact of all releases; `undefined` where one does not have it. */
export interface ComparedRow {
  readonly section: Section;
  readonly name: string;
  readonly facts: readonly (Fact | undefined)[];
  readonly differs: boolean;
}

const MOST_FEATURES = 10;

/** @param evaluation the document, where the release has one */
export function describeRelease(
  row: ReleaseRow,
  { training, problem }: ModelDefinition,
  evaluation: Evaluation | undefined,
): Fact[] {
  const facts: Fact[] = [];
  const add = (section: Section, name: string, value: string | number | undefined, text = String(value)) => {
    if (value !== undefined) facts.push({ section, name, text, ...(typeof value === 'number' && { value }) });
  };
  const { dataset, prepared, training: trained, artifact } = row.steps;
  add('release', 'status', row.status);
  add('release', 'purpose', row.purpose ?? 'release');
  add('release', 'version', row.version);
  add('data', 'sha256', dataset && short(dataset.object.sha256));
  add('data', 'trainRows', prepared?.trainRows, prepared?.trainRows.toLocaleString('en'));
  add('data', 'holdoutRows', prepared?.holdoutRows, prepared?.holdoutRows.toLocaleString('en'));
  add('data', 'holdout', prepared && short(prepared.holdoutSha256));
  add('training', 'definition', short(row.inputs.definition.sha256));
  add('training', 'source', dataset?.source && short(dataset.source.sha256));
  add('training', 'commit', dataset?.source?.commit && short(dataset.source.commit));
  add('training', 'image', trained && imageInShort(trained.image));
  add('training', 'artifact', artifact && short(artifact.object.sha256));
  for (const [name, version] of Object.entries(artifact?.libraries ?? {})) add('training', name, version);
  add('training', 'reusedFrom', trained?.reusedFrom);
  for (const [name, value] of Object.entries(training.hyperparameters)) add('parameter', name, String(value));
  addMeasures(add, row, evaluation, problem.type);
  addCost(add, row, evaluation);
  return facts;
}

type Add = (section: Section, name: string, value: string | number | undefined, text?: string) => void;

function addMeasures(
  add: Add,
  { steps }: ReleaseRow,
  evaluation: Evaluation | undefined,
  type: keyof typeof METRICS,
): void {
  const { metrics = {}, gates = [] } = steps.evaluation ?? {};
  for (const name of METRICS[type]) {
    const value = metrics[name];
    const interval = evaluation?.candidate.intervals?.[name];
    const because = evaluation?.candidate.undefined?.[name];
    const range = interval && ` (${number(interval.low)} – ${number(interval.high)})`;
    if (value !== undefined) add('metric', name, value, `${number(value)}${range ?? ''}`);
    else if (because !== undefined) add('metric', name, because);
  }
  for (const [name, value] of Object.entries(evaluation?.custom ?? {}))
    add('metric', `custom:${name}`, value, number(value));
  for (const { metric, verdict, needed } of gates) add('gate', `${metric} ${needed}`, verdict);
  const { importance } = evaluation ?? {};
  if (!importance || 'why' in importance) return;
  for (const { feature, loss, share } of importance.features.slice(0, MOST_FEATURES))
    add('importance', feature, share, `${Math.round(100 * share)} % (${number(loss)})`);
}

function addCost(add: Add, { steps }: ReleaseRow, evaluation: Evaluation | undefined): void {
  const { training } = steps;
  const { operation } = evaluation ?? {};
  add('cost', 'training', training?.costUsd, training?.costUsd === undefined ? undefined : showUsd(training.costUsd));
  add('cost', 'trainingSeconds', training && Math.round(training.seconds));
  const { costUsd } = operation ?? {};
  add('cost', 'validation', costUsd, costUsd === undefined ? undefined : showUsd(costUsd));
  add(
    'cost',
    'artifactMb',
    operation && operation.artifactBytes / 1e6,
    operation && number(operation.artifactBytes / 1e6),
  );
  const transform = operation?.transform;
  const ms = transform && (1000 * transform.seconds) / transform.rows;
  add('cost', 'latencyMsPerRow', ms, ms === undefined ? undefined : number(ms));
}

const short = (digest: string): string => digest.slice(0, 12);

/** The repository's name and the start of the digest: what tells two images apart. */
function imageInShort(image: string): string {
  const [repository = '', digest] = image.split('@sha256:');
  return `${repository.split('/').at(-1)}${digest === undefined ? '' : `@${digest.slice(0, 12)}`}`;
}

/** Four places below 1, so that columns line up; four significant ones above. */
const number = (value: number): string =>
  Math.abs(value) <= 1 && Math.abs(value) >= 0.00005 ? value.toFixed(4) : String(Number(value.toPrecision(4)));

/** One row per fact that any release has, by section, in the order in which they come up. */
export function sideBySide(releases: readonly (readonly Fact[])[]): ComparedRow[] {
  const keyOf = ({ section, name }: Fact) => `${section} ${name}`;
  const byKey = releases.map((facts) => new Map(facts.map((fact) => [keyOf(fact), fact])));
  const all = new Map(releases.flat().map((fact) => [keyOf(fact), fact]));
  return [...all.values()]
    .toSorted((a, b) => SECTIONS.indexOf(a.section) - SECTIONS.indexOf(b.section))
    .map((fact) => {
      const facts = byKey.map((of) => of.get(keyOf(fact)));
      return { section: fact.section, name: fact.name, facts, differs: new Set(facts.map((of) => of?.text)).size > 1 };
    });
}

/** The terminal that output is made for where nobody says how wide theirs is. */
export const USUAL_WIDTH = 100;
const LEAST_COLUMN = 12;
const NAME_SHARE = 0.32;

/** Sections under headings; a row that differs is marked, and no line is wider than asked for while columns stay readable. */
export function renderComparison(
  subjects: readonly string[],
  rows: readonly ComparedRow[],
  width = USUAL_WIDTH,
): string {
  const longest = Math.max(...rows.map(({ name }) => name.length), 8);
  const name = Math.min(longest, Math.floor(width * NAME_SHARE));
  const column = Math.max(LEAST_COLUMN, Math.floor((width - 2 - name) / subjects.length) - 2);
  const line = (mark: string, first: string, cells: readonly string[]) =>
    `${mark} ${padded(first, name)}${cells.map((cell) => `  ${padded(cell, column)}`).join('')}`.trimEnd();
  const lines = [line(' ', '', subjects)];
  let section: Section | undefined;
  for (const row of rows) {
    if (row.section !== section) lines.push('', row.section);
    section = row.section;
    lines.push(
      line(
        row.differs ? '≠' : ' ',
        row.name,
        row.facts.map((fact) => fact?.text ?? '–'),
      ),
    );
  }
  return lines.join('\n');
}

const padded = (text: string, width: number): string =>
  text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);
