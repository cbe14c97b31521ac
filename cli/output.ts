import { closeSync, openSync, writeFileSync } from 'node:fs';
import { styleText } from 'node:util';

/** Where a command writes: text for a person, or one JSON document for a program. */
export interface Output {
  readonly json: boolean;
  /** A line for a person; nothing in JSON mode. */
  line(text?: string): void;
  /** The command's result: JSON on stdout in JSON mode, otherwise as `text` says. */
  result(value: unknown, text: () => string): void;
}

export const createOutput = (json: boolean): Output => ({
  json,
  line: (text = '') => {
    if (!json) console.log(text);
  },
  result: (value, text) => console.log(json ? JSON.stringify(value, infinityAsText, 2) : text()),
});

/** JSON has no Infinity, and null would say that there is no value. */
const infinityAsText = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;

export const bold = (text: string): string => styleText('bold', text);
export const dim = (text: string): string => styleText('dim', text);

/** Columns padded to their widest cell; the first row is the heading. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A mistake a person can mend: shown as one line, without a stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Opens a file that an option names, to be written anew.
 *
 * @throws {UsageError} it cannot be
 */
export function openOut(option: string, path: string): number {
  try {
    return openSync(path, 'w');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`expected ${option} to be a file that can be written, got ${code}: ${path}`, { cause: error });
  }
}

/** @throws {UsageError} as openOut */
export function writeOut(option: string, path: string, content: string | Uint8Array): void {
  const file = openOut(option, path);
  try {
    writeFileSync(file, content);
  } finally {
    closeSync(file);
  }
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 };

/**
 * `3d`, `90m`, `1d12h` in milliseconds.
 *
 * @throws {UsageError}
 */
export function parseDuration(text: string): number {
  if (!/^(\d+(\.\d+)?[smhdw])+$/.test(text))
    throw new UsageError(`expected a duration such as 30m, 12h or 3d, got "${text}"`);
  return [...text.matchAll(/(\d+(?:\.\d+)?)([smhdw])/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * UNITS[unit!]!,
    0,
  );
}

/**
 * `flight-delays/14` as model and release.
 *
 * @throws {UsageError}
 */
export function parseReleaseName(subject: string): { readonly model: string; readonly release: number } {
  const [, model, number] = /^([a-z][a-z0-9-]*)\/(\d+)$/.exec(subject) ?? [];
  if (!model || !number) throw new UsageError(`expected model/release such as flight-delays/1, got "${subject}"`);
  return { model, release: Number(number) };
}

/**
 * `flight-delays/7` or `flight-delays/v7` as model and version.
 *
 * @throws {UsageError}
 */
export function parseVersionName(subject: string): { readonly model: string; readonly version: number } {
  const [, model, number] = /^([a-z][a-z0-9-]*)\/v?(\d+)$/.exec(subject) ?? [];
  if (!model || !number) throw new UsageError(`expected model/version such as flight-delays/1, got "${subject}"`);
  return { model, version: Number(number) };
}

/** Says the same of `--json` in every command. */
export const JSON_OPTION = 'one JSON document on stdout instead of text';

/** What every command that talks to a deployment is given. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly prefix: string;
}
