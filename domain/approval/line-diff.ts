/** Lines in a row that are the same, gone or new; `skipped` stands for lines that are the same and far from any change. */
export interface DiffLine {
  readonly kind: 'same' | 'gone' | 'new' | 'skipped';
  readonly text: string;
}

const CONTEXT = 2;
/** Above this the table of common lines would not be small any more. */
const MAX_LINES = 2_000;

/** What changed between two texts, line by line, with two lines around each change; empty where nothing did. */
export function lineDiff(before: string, after: string): DiffLine[] {
  const [a, b] = [before, after].map((text) => text.trimEnd().split(/\r?\n/).slice(0, MAX_LINES)) as [
    string[],
    string[],
  ];
  const lines = aligned(a, b);
  const isNear = lines.map((_, i) =>
    lines.slice(Math.max(0, i - CONTEXT), i + CONTEXT + 1).some(({ kind }) => kind !== 'same'),
  );
  return lines.flatMap((line, i): DiffLine[] => {
    if (isNear[i]) return [line];
    return isNear[i - 1] ? [{ kind: 'skipped', text: '…' }] : [];
  });
}

/** By the longest common subsequence: `common[i][j]` is its length from line i of a and line j of b on. */
function aligned(a: readonly string[], b: readonly string[]): DiffLine[] {
  const common = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i]![j] = a[i] === b[j] ? common[i + 1]![j + 1]! + 1 : Math.max(common[i + 1]![j]!, common[i]![j + 1]!);
    }
  }
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ kind: 'same', text: a[i++]! });
      j++;
    } else if (j === b.length || (i < a.length && common[i + 1]![j]! >= common[i]![j + 1]!)) {
      lines.push({ kind: 'gone', text: a[i++]! });
    } else lines.push({ kind: 'new', text: b[j++]! });
  }
  return lines;
}
