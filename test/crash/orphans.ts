import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 5_000;

/** Processes (of Linux) whose environment names what belongs to one cloud only: its state folder, its address. */
function processesOf(marks: readonly string[]): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map(Number)
    .filter((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
        return marks.some((mark) => environment.includes(mark));
      } catch {
        return false; // it ended meanwhile, or is another user's
      }
    });
}

/** @returns what still runs although its cloud was killed seconds ago */
export async function orphansOf(marks: readonly string[]): Promise<number[]> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(50)) {
    if (processesOf(marks).length === 0) return [];
  }
  return processesOf(marks);
}
