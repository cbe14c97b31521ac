import { readNumber } from '../drift/profile-builder.ts';
import type { Problem } from '../model-definition.ts';

/** Reads an outcome; undefined where it is none that this model could have. */
export type TruthReader = (text: string) => number | undefined;

/**
 * How outcomes are written for a problem, and as which number they count.
 *
 * @param targets values that the hold-out's target has: what is among them is an outcome, what is not is a mistake
 */
export function truthReader(
  { type, positiveClass, classes }: Pick<Problem, 'type' | 'positiveClass' | 'classes'>,
  targets: Iterable<string>,
): TruthReader {
  if (type === 'regression') return finiteNumber;
  const known = classes ?? [...new Set([...targets, positiveClass!])];
  const numberOf = (label: string, i: number): number => (classes ? i : label === positiveClass ? 1 : 0);
  const exact = new Map(known.map((label, i) => [label, numberOf(label, i)]));
  // `1.0` and `1` are one class, as a column of doubles writes it.
  const numeric = new Map(
    known.flatMap((label, i) => {
      const number = finiteNumber(label);
      return number === undefined ? [] : [[number, numberOf(label, i)] as const];
    }),
  );
  return (text) => {
    const truth = exact.get(text);
    if (truth !== undefined) return truth;
    const number = finiteNumber(text);
    return number === undefined ? undefined : numeric.get(number);
  };
}

/** What an outcome is called that counts as a number, as truthReader reads it: a class, or the number itself. */
export function truthText(
  { type, positiveClass, classes }: Pick<Problem, 'type' | 'positiveClass' | 'classes'>,
  targets: Iterable<string>,
): (truth: number) => string {
  if (type === 'regression') return String;
  const negatives = [...targets].filter((label) => label !== positiveClass);
  const names = classes ?? [negatives.length === 1 ? negatives[0]! : `not ${positiveClass}`, positiveClass!];
  return (truth) => names[truth]!;
}

function finiteNumber(text: string): number | undefined {
  const number = readNumber(text);
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}
