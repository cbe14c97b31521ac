import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** When a process started, which with its id names it for good; empty where it is gone. */
export function processIdentity(pid: number): string {
  try {
    if (process.platform !== 'linux')
      return execFileSync('ps', ['-p', String(pid), '-o', 'lstart='])
        .toString()
        .trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')')).split(' ')[20] ?? '';
  } catch {
    return '';
  }
}
