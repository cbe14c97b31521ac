/** What a state reports when it fails; Retry and Catch match on `error`. */
export class Failure extends Error {
  readonly error: string | undefined;
  /** For a person; undefined where the state gives none. */
  readonly reason: string | undefined;
  /** Further names that Retry and Catch accept for this failure (a missed heartbeat is also a timeout). */
  readonly aliases: readonly string[];

  constructor(error: string | undefined, reason?: string, extra: { aliases?: readonly string[] } = {}) {
    super(`${error}: ${reason}`);
    this.name = 'Failure';
    this.error = error;
    this.reason = reason;
    this.aliases = extra.aliases ?? [];
  }

  /** `$states.errorOutput` in a Catch. */
  get output(): { Error: string; Cause: string } {
    return { Error: this.error ?? '', Cause: this.reason ?? '' };
  }
}

/** An expression or a field's value is wrong; becomes a Failure once the state it happened in is known. */
export class EvaluationError extends Error {
  /** `Output`, `Assign/result` */
  readonly location: string;

  constructor(location: string, message: string) {
    super(message);
    this.name = 'EvaluationError';
    this.location = location;
  }
}

/** The execution was stopped, timed out, or a sibling branch failed: whoever sees it ends without a word. */
export class Cancelled extends Error {
  constructor() {
    super('cancelled');
    this.name = 'Cancelled';
  }
}

/** Whether a retrier's or catcher's ErrorEquals names this failure: States.Runtime is never taken, a data limit only by name. */
export function matches(failure: Failure, errorEquals: readonly string[]): boolean {
  const error = failure.error ?? '';
  return errorEquals.some((name) => {
    if (error === 'States.Runtime') return false;
    if (name === error || failure.aliases.includes(name)) return true;
    if (error === 'States.DataLimitExceeded') return false;
    return name === 'States.ALL' || (name === 'States.TaskFailed' && error !== 'States.Timeout');
  });
}

/** The sentence Step Functions puts before the cause of a runtime error. */
export const whileExecuting = (state: string, enteredEventId: number, cause: string): string =>
  `An error occurred while executing the state '${state}' (entered at the event id #${enteredEventId}). ${cause}`;
