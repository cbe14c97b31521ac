import type { RecordedCase } from './cases.ts';

/** What a replay came to, in the terms of the recording. */
export interface Replay {
  readonly type: string;
  readonly output: string | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  readonly types: readonly string[];
}

/** @returns what differs from the recording; empty where nothing does */
export function differences(expected: RecordedCase['expect'], replay: Replay): string[] {
  const found: string[] = [];
  const same = (what: string, equal: boolean, want: unknown, got: unknown) => {
    if (!equal) found.push(`${what}: expected ${JSON.stringify(want)}, got ${JSON.stringify(got)}`);
  };
  same('end', expected.type === replay.type, expected.type, replay.type);
  same('output', sameOutput(expected.output, replay.output), expected.output, replay.output);
  same('error', (expected.error ?? undefined) === replay.error, expected.error, replay.error);
  same('cause', alike(expected.cause ?? undefined, replay.cause, 'cause'), expected.cause, replay.cause);
  same('events', expected.types.join() === replay.types.join(), expected.types, replay.types);
  return found;
}

/** Outputs that are no objects are recorded as JSON text. */
function sameOutput(expected: unknown, got: string | undefined): boolean {
  if (expected === null || got === undefined) return (expected === null) === (got === undefined);
  return typeof expected === 'string' ? expected === got : alike(expected, JSON.parse(got), '');
}

/** Equal, but for the placeholders that stand for what differs from run to run. */
function alike(expected: unknown, got: unknown, member: string): boolean {
  if (typeof expected === 'string') {
    // A placeholder may stand for a header's list of one value.
    const text = Array.isArray(got) && got.length === 1 && expected !== got[0] ? got[0] : got;
    return typeof text === 'string' && alikeText(expected, text, member);
  }
  if (Array.isArray(expected)) {
    return (
      Array.isArray(got) && expected.length === got.length && expected.every((item, i) => alike(item, got[i], member))
    );
  }
  if (typeof expected === 'object' && expected !== null) {
    if (typeof got !== 'object' || got === null || Array.isArray(got)) return false;
    const mine = new Map(Object.entries(got));
    const theirs = Object.entries(expected);
    return (
      theirs.length === mine.size && theirs.every(([key, value]) => mine.has(key) && alike(value, mine.get(key), key))
    );
  }
  return expected === got;
}

/** A placeholder is `<…>`, the member's own name, `date`, or the name of the thing in snake case. */
function alikeText(expected: string, got: string, member: string): boolean {
  if (expected === got || expected === member) return true;
  if (expected === 'date') return !Number.isNaN(Date.parse(got));
  if (expected === 'snf_role_arn') return /^arn:[^:]+:iam::\d*:role\//.test(got);
  if (expected === 'lambda_function_name') return member === 'FunctionName';
  if (!/<[^<>]+>/.test(expected)) return false;
  const pattern = expected
    .split(/<[^<>]+>/)
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^"]+?');
  return new RegExp(`^${pattern}$`, 's').test(got);
}
