/** An error as Step Functions hands it to a Catch. */
export interface StatesError {
  readonly Error: string;
  readonly Cause?: string | undefined;
}

/** What went wrong first, under whatever workflows wrapped around it. */
export interface RootError {
  readonly name: string;
  readonly message: string;
}

const DEEPEST = 12;

/**
 * Digs out the first error. A nested execution's failure is `States.TaskFailed` with the child's description as JSON in `Cause`,
 * which holds the child's own Error and Cause, and so on; a function's is its error's name with `{errorType, errorMessage}`; a
 * job's is its description with a FailureReason.
 */
export function unwrapError({ Error: name, Cause: cause }: StatesError, depth = 0): RootError {
  const inner = parseObject(cause);
  if (!inner || depth === DEEPEST) return { name, message: cause ?? '' };
  const childName = text(inner, 'Error') ?? text(inner, 'error');
  if (childName !== undefined)
    return unwrapError({ Error: childName, Cause: text(inner, 'Cause') ?? text(inner, 'cause') }, depth + 1);
  const message = text(inner, 'errorMessage') ?? text(inner, 'FailureReason') ?? text(inner, 'failureReason');
  return { name: text(inner, 'errorType') ?? name, message: message ?? cause ?? '' };
}

function parseObject(json: string | undefined): ReadonlyMap<string, unknown> | undefined {
  if (!json?.startsWith('{')) return undefined;
  try {
    return new Map(Object.entries(JSON.parse(json)));
  } catch {
    // A cause that only looks like JSON (cut off at 32,768 characters) is shown as it is.
    return undefined;
  }
}

function text(object: ReadonlyMap<string, unknown>, key: string): string | undefined {
  const value = object.get(key);
  return typeof value === 'string' ? value : undefined;
}
