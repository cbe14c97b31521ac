import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Executions recorded on the real Step Functions service; kept beside the repository, not in it. */
const CASES = fileURLToPath(new URL('../../../shared/data/step-functions-recorded/cases.json', import.meta.url));

/** One execution as the real service ended it. */
export interface RecordedCase {
  readonly id: string;
  /** JSON text. */
  readonly definition: string;
  /** JSON text. */
  readonly input: string;
  /** Function name → the handler it had. */
  readonly lambdas: Readonly<Record<string, string>>;
  readonly expect: {
    readonly type: string;
    /** Parsed where it is an object, else JSON text; null where there is none. */
    readonly output: unknown;
    readonly error: string | null;
    readonly cause: string | null;
    /** History event types in order. */
    readonly types: readonly string[];
  };
}

/** @returns undefined where the recordings are not there */
export function recordedCases(file = CASES): readonly RecordedCase[] | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as RecordedCase[]) : undefined;
}
