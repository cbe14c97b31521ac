/** Reads the guard's end of the pipe until its writer, the local cloud, is gone; then ends the whole process group. */
const GUARD = [
  'exec 9<&0 </dev/null',
  // What the watcher holds open would keep the program's own pipes from closing.
  '( trap "" TERM INT; exec 3<&- >/dev/null 2>&1; read -r _ <&9; kill -KILL 0 ) &',
  'exec 9<&-',
  'exec "$@"',
].join('\n');

/** A program that does not outlive the one who starts it, however that one ends: `kill -9` included. */
export interface GuardedProgram {
  readonly command: string;
  readonly args: readonly string[];
}

/**
 * Has a shell watch over a program. To be spawned with `detached: true`, since the guard ends its process group, and with a
 * pipe as its stdin, to which nothing is written; the program's own stdin is empty.
 */
export const guarded = (command: string, args: readonly string[]): GuardedProgram => ({
  command: '/bin/sh',
  args: ['-c', GUARD, 'sh', command, ...args],
});

/** Signals a process and everything it started; nothing where that has ended. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  if (pid <= 1) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
