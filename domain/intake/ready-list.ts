import type { DatasetRole } from '../step-results.ts';
import { isPartName, isTestName, READY } from './upload-key.ts';

/** A file of a dataset, as its list names it. */
export interface ListedFile {
  readonly role: DatasetRole;
  /** Without a folder: it lies beside the list. */
  readonly name: string;
  /** Hex. */
  readonly sha256: string;
}

/** More files than this are too many to be copied by one function. */
const MAX_FILES = 1000;
const MAX_PROBLEMS = 20;

const LINE = /^([0-9a-f]{64}) [ *](.+)$/i;
const HOW = `expected a line per file as sha256sum writes it: sha256sum part-*.csv > ${READY}`;

/**
 * Reads `_READY`: a line per file, `<sha256>  <name>`, as `sha256sum part-*.csv test.csv > _READY` writes it. The order of the lines
 * is the order of the rows.
 */
export function parseReadyList(text: string): {
  readonly files: readonly ListedFile[];
  readonly problems: readonly string[];
} {
  const problems: string[] = [];
  const files: ListedFile[] = [];
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  for (const [i, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const [, sha256, name] = LINE.exec(line) ?? [];
    const problem =
      sha256 === undefined || name === undefined ? `got "${shown(line)}"; ${HOW}` : wrongName(name, files);
    if (problem !== undefined) problems.push(`${READY}:${i + 1} ${problem}`);
    else files.push({ role: isTestName(name!) ? 'test' : 'train', name: name!, sha256: sha256!.toLowerCase() });
  }
  if (problems.length === 0) problems.push(...whatIsMissing(files));
  return { files, problems: problems.slice(0, MAX_PROBLEMS) };
}

function wrongName(name: string, before: readonly ListedFile[]): string | undefined {
  if (!/^[\w.-]+$/.test(name))
    return `expected a name of letters, digits, ".", "_" and "-" without a folder, got "${shown(name)}"`;
  if (!isPartName(name) && !isTestName(name))
    return `expected part-*.csv, part-*.parquet or test.csv, got "${shown(name)}"`;
  if (before.some((file) => file.name === name)) return `"${shown(name)}" is there twice`;
  return undefined;
}

function whatIsMissing(files: readonly ListedFile[]): string[] {
  const train = files.filter(({ role }) => role === 'train');
  if (files.length === 0) return [`${READY}: it lists nothing; ${HOW}`];
  if (train.length === 0) return [`${READY}: it lists no part-* to train on`];
  if (files.length > MAX_FILES) return [`${READY}: expected at most ${MAX_FILES} files, got ${files.length}`];
  const endings = new Set(files.map(({ name }) => name.slice(name.lastIndexOf('.')).toLowerCase()));
  return endings.size > 1 ? [`${READY}: expected files of one format, got ${[...endings].join(' and ')}`] : [];
}

const shown = (text: string): string => text.replace(/\p{C}/gu, '�').slice(0, 80);
