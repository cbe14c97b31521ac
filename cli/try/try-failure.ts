import { basename } from 'node:path';
import { maskSecrets } from '../../domain/outcome/mask-secrets.ts';
import type { ReleaseOutcome } from '../../domain/release.ts';

const SHOWN_LINES = 20;

/** Why a try ended early, in the words of a failing release's mail. */
export class TryFailure extends Error {
  override readonly name = 'TryFailure';
  readonly step: 'check the data' | 'train' | 'predict' | 'evaluate';
  readonly whose: NonNullable<ReleaseOutcome['whose']>;
  /** `train.py line 41` */
  readonly where: string | undefined;
  /** Last lines that the program wrote, secrets masked. */
  readonly tail: readonly string[];
  readonly problems: readonly string[];

  constructor(
    step: TryFailure['step'],
    whose: TryFailure['whose'],
    message: string,
    more: { readonly lines?: readonly string[]; readonly problems?: readonly string[] } = {},
  ) {
    super(maskSecrets(message));
    this.step = step;
    this.whose = whose;
    const lines = ownLines(more.lines ?? []);
    this.where = whose === 'your code' ? placeIn(lines) : undefined;
    this.tail = maskSecrets(lines.slice(-SHOWN_LINES).join('\n'))
      .split('\n')
      .filter((line) => line !== '');
    this.problems = more.problems ?? [];
  }
}

/** Without what script mode says last: which command it ran, and that it failed. */
function ownLines(lines: readonly string[]): readonly string[] {
  const frame = lines.findLastIndex((line) => line.startsWith('ExecuteUserScriptError'));
  return frame === -1 ? lines : lines.slice(0, frame);
}

/** Frames of libraries: the last line of the user's own is what helps. */
const FOREIGN = /site-packages|dist-packages|node_modules|\/lib\/python|script-mode\/|<frozen|node:/;

/** Where a traceback of Python or a stack of Node points to in the user's own files. */
function placeIn(lines: readonly string[]): string | undefined {
  const python = lines.flatMap((line) => {
    const [, file, number] = /^\s*File "([^"]+)", line (\d+)/.exec(line) ?? [];
    return file !== undefined && !FOREIGN.test(file) ? [`${basename(file)} line ${number}`] : [];
  });
  if (python.length > 0) return python.at(-1);
  const node = lines.flatMap((line) => {
    const [, file, number] = /\bat .*?(?:file:\/\/)?(\/[^\s():]+\.[cm]?[jt]s):(\d+):\d+/.exec(line) ?? [];
    return file !== undefined && !FOREIGN.test(file) ? [`${basename(file)} line ${number}`] : [];
  });
  return node[0];
}

/**
 * What a program said of its failure: the file it leaves for that, or the error that its traceback ends with.
 *
 * @param failure of `/opt/ml/output/failure`; empty where it left none
 */
export function saidOf(failure: string, lines: readonly string[], code: number): string {
  const left = failure.trim();
  const isScriptMode = left.startsWith('ExecuteUserScriptError');
  const own = ownLines(lines);
  const traceback = own.findLast((line) => /^[A-Za-z_][\w.]*(Error|Exception|Interrupt|Exit)\b/.test(line));
  const last = own.findLast((line) => line.trim() !== '');
  const told = left !== '' && !isScriptMode ? left.split('\n')[0] : (traceback ?? last);
  return told ? `${told} (exit code ${code})` : `it ended with exit code ${code} and said nothing`;
}
