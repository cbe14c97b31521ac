import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from './output.ts';

/** What makes pip look beside the file and nowhere else. */
const OFFLINE = ['--no-index', '--find-links wheels'];

/**
 * The `requirements.txt` of a source as its archive is to have it: installed from `wheels/` beside it, since jobs have no network.
 *
 * @returns undefined where the source asks for nothing
 * @throws {UsageError} a requirement has no wheel, or there is something else than wheels
 */
export function offlineRequirements(source: string): string | undefined {
  const path = join(source, 'requirements.txt');
  if (!existsSync(path)) return undefined;
  const lines = readFileSync(path, 'utf8').split(/\r?\n/);
  const wanted = lines.flatMap((line) => /^\s*([A-Za-z0-9][A-Za-z0-9._-]*)/.exec(line)?.[1] ?? []);
  if (wanted.length === 0) return undefined;
  const folder = join(source, 'wheels');
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith('.')) : [];
  const others = files.filter((name) => !name.endsWith('.whl'));
  if (others.length > 0)
    throw new UsageError(`expected wheels only in ${folder}, got ${others.slice(0, 3).join(', ')}; ${howTo(source)}`);
  const had = new Set(files.map((name) => normalized(name.split('-')[0]!)));
  const missing = wanted.filter((name) => !had.has(normalized(name)));
  if (missing.length > 0)
    throw new UsageError(
      `expected a wheel in ${folder} for every requirement, since jobs have no network, got none for ${missing.join(', ')}; ${howTo(source)}`,
    );
  const options = OFFLINE.filter((option) => !lines.some((line) => line.trim() === option));
  return [...options, ...lines].join('\n');
}

const howTo = (source: string): string =>
  `pip download --only-binary :all: --dest ${join(source, 'wheels')} --requirement ${join(source, 'requirements.txt')}, with --python-version and --platform as the image has them`;

/** @see PEP 503: names that differ in case and in `-_.` are one */
const normalized = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '_');
