import { canonicalJson } from '../canonical-json.ts';
import { sameFeatures } from '../evaluation/compare.ts';
import { oneLine } from '../mail/visible-text.ts';
import type { ModelDefinition, Problem } from '../model-definition.ts';
import type { ReleaseRow } from '../release.ts';
import type { VersionRow } from '../version.ts';
import type { NotComparedBecause, VersionAge } from './rows.ts';

/** A version with what its release and its definition say of it. */
export interface KnownVersion {
  readonly row: VersionRow;
  readonly definition: ModelDefinition;
  readonly release: Pick<ReleaseRow, 'inputs' | 'admittedAt'>;
}

export interface Candidate extends KnownVersion {
  readonly age: VersionAge;
  /** Absent where it can be held against the one that serves. */
  readonly notCompared?: { readonly because: NotComparedBecause; readonly why: string };
}

/**
 * The versions that people may want to hold against each other: the one that serves, and the newest others that serve or served.
 * What nobody approved is not among them.
 *
 * @param most how many, the one that serves included
 */
export function lastServed(versions: readonly VersionRow[], champion: number, most: number): VersionRow[] {
  const served = versions
    .filter(({ version, status }) => version === champion || status === 'Deployed' || status === 'Retired')
    .sort((a, b) => b.version - a.version);
  const others = served.filter(({ version }) => version !== champion);
  return [...served.filter(({ version }) => version === champion), ...others.slice(0, most - 1)];
}

/** How a version stands to the one that serves. */
export function candidateOf(version: KnownVersion, champion: KnownVersion): Candidate {
  const { row } = version;
  const notCompared = reasonAgainst(version, champion);
  const { approval } = row;
  return {
    ...version,
    age: {
      version: row.version,
      serves: row.version === champion.row.version,
      learntUntil: learntUntil(version),
      ...(approval && { approvedAt: approval.at }),
      sameProgram: programOf(version) === programOf(champion) && version.definition.training.artifact === undefined,
    },
    ...(notCompared && { notCompared }),
  };
}

/**
 * From then on nothing can have been among its training data: when its dataset was uploaded. Of a model that was trained elsewhere
 * it is when its release was admitted, after both model and rows were uploaded. Later than the data's own newest row, and so the
 * safe side.
 */
export const learntUntil = ({
  definition,
  release: { inputs, admittedAt },
}: Pick<KnownVersion, 'definition' | 'release'>): string =>
  definition.training.artifact === undefined ? (inputs.uploadedAt ?? admittedAt) : admittedAt;

/** Equal where only data can have made two versions differ. */
const programOf = ({ row, definition: { training, features } }: KnownVersion): string =>
  canonicalJson({ training, features, image: row.image, source: row.dataset.source?.sha256 ?? null });

function reasonAgainst({ row, definition }: KnownVersion, champion: KnownVersion): Candidate['notCompared'] {
  const serving = champion.row.version;
  if (row.version === serving) return undefined;
  const takenBack = row.withdrawn ?? row.approval?.revoked;
  if (takenBack)
    return { because: 'Withdrawn', why: `it was withdrawn by ${takenBack.by}: ${oneLine(takenBack.reason, 200)}` };
  if (!sameFeatures(definition, champion.definition))
    return { because: 'OtherFeatures', why: `it reads other features than version ${serving}` };
  if (canonicalJson(questionOf(definition.problem)) !== canonicalJson(questionOf(champion.definition.problem)))
    return { because: 'OtherProblem', why: `it answers another question than version ${serving}` };
  return undefined;
}

/** What an answer means; where it is cut into a decision is the serving version's for all. */
const questionOf = ({ decisionThreshold: _, ...question }: Problem): Omit<Problem, 'decisionThreshold'> => question;
