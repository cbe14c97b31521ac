import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Lines that a failure may show. */
const KEPT_LINES = 200;
/** What a program is given to end after SIGTERM. */
const GRACE_MS = 5000;

/** Never given to the user's code: a container holds no credentials, and neither does a try. */
const WITHHELD = /^(AWS_|LAUNCHWAY_)/;

/** A user's program, its children included, and the last lines it wrote. */
export class RunningProgram {
  readonly lines: string[] = [];
  /** @returns the exit code; 128 and the signal's number where one ended it */
  readonly exited: Promise<number>;
  readonly #child: ChildProcess;
  #hasExited = false;

  constructor(
    { file, args, cwd }: { readonly file: string; readonly args: readonly string[]; readonly cwd: string },
    env: Readonly<Record<string, string>>,
    onLine: (line: string) => void,
  ) {
    const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !WITHHELD.test(name)));
    const settings = { PYTHONDONTWRITEBYTECODE: '1', PYTHONHASHSEED: '0', PYTHONUNBUFFERED: '1' };
    // A group of its own, so that whatever it starts ends with it.
    this.#child = spawn(file, args, {
      cwd,
      env: { ...own, ...settings, ...env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const kill = () => this.#signal('SIGKILL');
    process.once('exit', kill);
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => {
        this.lines.push(line);
        if (this.lines.length > KEPT_LINES) this.lines.shift();
        onLine(line);
      });
    }
    this.exited = new Promise((settle) => {
      this.#child.once('error', (error) => {
        this.lines.push(`cannot start ${file}: ${error.message}`);
        settle(127);
      });
      this.#child.once('close', (code, signal) => settle(code ?? (signal === 'SIGKILL' ? 137 : 143)));
    }).then((code) => {
      this.#hasExited = true;
      process.off('exit', kill);
      return code as number;
    });
  }

  get hasExited(): boolean {
    return this.#hasExited;
  }

  async stop(): Promise<void> {
    if (this.#hasExited) return;
    this.#signal('SIGTERM');
    const timer = setTimeout(() => this.#signal('SIGKILL'), GRACE_MS);
    await this.exited;
    clearTimeout(timer);
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#child.pid === undefined || this.#hasExited) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch (error) {
      // It ended between the look and the signal.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
