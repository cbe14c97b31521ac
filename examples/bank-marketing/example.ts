import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Example } from '../../cli/example.ts';
import { FEATURES, toDataset } from './contacts.ts';

const FILE = 'bank-additional-full.csv';
const BESIDE = join(import.meta.dirname, '../../../shared/data/bank-marketing', FILE);

/** Calls that the first release is trained and judged on. */
export const FIRST_CONTACTS = 20_000;

/** Where UCI's file is: `LAUNCHWAY_BANK_DATA`, or beside the repository. */
export const bankData = (): string | undefined =>
  [process.env.LAUNCHWAY_BANK_DATA, BESIDE].find((path) => path !== undefined && existsSync(path));

/** @throws {Error} the file is not here: it is not part of this repository */
export function readContacts(): Contacts {
  const path = bankData();
  if (!path)
    throw new Error(`expected UCI's ${FILE}, got no file; set LAUNCHWAY_BANK_DATA to where it is (see README)`);
  return new Contacts(toDataset(readFileSync(path, 'utf8')));
}

/** The dataset by contact, in order of time. */
export class Contacts {
  readonly #header: string;
  readonly #rows: readonly string[];

  constructor(csv: string) {
    const [header = '', ...rows] = csv.trimEnd().split('\n');
    this.#header = header;
    this.#rows = rows;
  }

  /** A dataset file of the first `count` contacts. */
  first(count: number): string {
    return `${[this.#header, ...this.#rows.slice(0, count)].join('\n')}\n`;
  }

  /** Prediction requests of contacts `from` to `to`: features in declared order, no header. */
  requests(from: number, to: number): string[] {
    const columns = this.#header.split(',');
    const at = FEATURES.map((name) => columns.indexOf(name));
    return this.#rows.slice(from, to).map((row) => {
      const fields = row.split(',');
      return at.map((i) => fields[i]!).join(',');
    });
  }
}

/**
 * Train on the first 20,000 calls; quiet traffic is the calls that follow. The storm is the last calls of the file, years later
 * and after the financial crisis: as they were recorded.
 */
export const example: Example = {
  name: 'bank-marketing',
  folder: import.meta.dirname,
  submitter: 'lee',
  trainingFile: { name: 'train.csv', text: () => readContacts().first(FIRST_CONTACTS) },
  requests: (kind, window, rows) => {
    const from = (kind === 'quiet' ? FIRST_CONTACTS : 35_000) + window * rows;
    return readContacts().requests(from, from + rows);
  },
};
