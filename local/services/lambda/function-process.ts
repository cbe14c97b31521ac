import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { ClockSetting } from '../../clock.ts';
import { guarded, signalGroup } from '../../guarded-program.ts';
import type { FunctionRecord } from './function-record.ts';

/** What the runtime says of a failure. */
export interface Failure {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** One invocation, as the function's process receives it. */
export interface Assignment {
  readonly requestId: string;
  /** JSON text. */
  readonly payload: string;
  readonly functionArn: string;
  /** Milliseconds since the epoch, by the local clock. */
  readonly deadline: number;
  readonly traceId: string;
  readonly clientContext?: unknown;
}

export type Outcome = { readonly payload: string } | { readonly failure: Failure };

const CHILD = join(import.meta.dirname, 'child');

/** Marks, on the child's output, the end of one invocation's lines. */
const MARK = '\u0000';

/** A child process that holds one function's code and runs one invocation at a time. */
export class FunctionProcess {
  readonly record: FunctionRecord;
  readonly logStream: string;
  busy = true;
  lastUsed = 0;
  /** Its handler is loaded. */
  initialised = false;
  readonly #child: ChildProcess;
  readonly #gone: Promise<void>;
  #alive = true;
  #onLine: (line: string) => void = () => {};
  #onMark = new Map<string, () => void>();
  #pending: ((message: Record<string, unknown>) => void) | undefined;
  #fatal: Failure | undefined;
  #exit = '';

  /** @param environment everything the function sees; nothing of this process's own environment is added */
  constructor(record: FunctionRecord, logStream: string, environment: Readonly<Record<string, string>>) {
    this.record = record;
    this.logStream = logStream;
    const { command, args } = guarded(process.execPath, [
      `--max-old-space-size=${record.memoryMegabytes}`,
      '--disable-warning=ExperimentalWarning',
      '--import',
      join(CHILD, 'clock.mjs'),
    ]);
    this.#child = fork(join(CHILD, 'runner.mjs'), {
      cwd: record.directory,
      env: { ...environment },
      execPath: command,
      execArgv: [...args],
      stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
      detached: true,
    });
    this.#child.on('message', (message) => this.#receive(message as Record<string, unknown>));
    eachLine(this.#child.stdout!, (line) => this.#line(line));
    eachLine(this.#child.stderr!, (line) => this.#line(line));
    this.#gone = new Promise((resolve) => {
      this.#child.on('error', (error) => this.#end(`failed to start: ${error.message}`, resolve));
      this.#child.on('close', (code, signal) => this.#end(describeExit(code, signal), resolve));
    });
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Lines the process writes from now on. */
  set onLine(listener: (line: string) => void) {
    this.#onLine = listener;
  }

  /** Resolves when the handler is loaded, with the failure if it could not be. */
  async ready(): Promise<Failure | undefined> {
    const answer = await this.#answer('init');
    this.initialised = true;
    return (answer.initFailure as Failure | undefined) ?? this.#failureOf(answer);
  }

  /** Runs one invocation; its lines have all been told when this resolves. */
  async run(assignment: Assignment): Promise<Outcome> {
    const answered = this.#answer(assignment.requestId);
    this.#child.send(assignment);
    const answer = await answered;
    const failure = (answer.failure as Failure | undefined) ?? this.#failureOf(answer);
    return failure ? { failure } : { payload: answer.payload as string };
  }

  setClock(clock: ClockSetting): void {
    if (this.#alive && this.#child.connected) this.#child.send({ clock });
  }

  /** Ends the process; resolves when it has gone. */
  kill(): Promise<void> {
    // Once it has ended its number may be another program's.
    if (this.#alive) signalGroup(this.#child.pid ?? 0, 'SIGKILL');
    return this.#gone;
  }

  async #answer(mark: string): Promise<Record<string, unknown>> {
    const marked = new Promise<void>((resolve) => this.#onMark.set(mark, resolve));
    const answer = await new Promise<Record<string, unknown>>((resolve) => {
      if (this.#alive) this.#pending = resolve;
      else resolve({ gone: true });
    });
    this.#pending = undefined;
    if (!answer.gone) await Promise.race([marked, this.#gone]);
    this.#onMark.delete(mark);
    return answer;
  }

  #failureOf(answer: Record<string, unknown>): Failure | undefined {
    if (!answer.gone) return undefined;
    return this.#fatal ?? { errorType: 'Runtime.ExitError', errorMessage: `Runtime exited with error: ${this.#exit}` };
  }

  #receive(message: Record<string, unknown>): void {
    if (message.fatal) this.#fatal = message.fatal as Failure;
    else this.#pending?.(message);
  }

  #line(line: string): void {
    const at = line.indexOf(MARK);
    const text = at < 0 ? line : line.slice(0, at);
    if (text !== '') this.#onLine(text);
    if (at >= 0) this.#onMark.get(line.slice(at + 1))?.();
  }

  #end(exit: string, resolve: () => void): void {
    this.#alive = false;
    this.#exit = exit;
    resolve();
    this.#pending?.({ gone: true });
  }
}

/** Lines end with a line feed only: a carriage return is how Lambda keeps several lines in one entry. */
const eachLine = (stream: Readable, tell: (line: string) => void): void => {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) tell(line);
  });
  stream.on('end', () => rest !== '' && tell(rest));
};

const SIGNALS: Readonly<Record<string, string>> = {
  SIGKILL: 'killed',
  SIGABRT: 'aborted',
  SIGSEGV: 'segmentation fault',
};

const describeExit = (code: number | null, signal: string | null): string =>
  signal === null ? `exit status ${code}` : `signal: ${SIGNALS[signal] ?? signal}`;
