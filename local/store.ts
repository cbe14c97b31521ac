import { DatabaseSync, type StatementSync } from 'node:sqlite';

/**
 * Durable key–value state of the local cloud, one SQLite file: survives `kill -9` between any two statements.
 *
 * Values are JSON. A space is a service's own (`sqs.messages`); keys sort as text.
 */
export class Store {
  readonly #database: DatabaseSync;
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #list: StatementSync;
  #depth = 0;

  /** @param file path of the database, or `:memory:` */
  constructor(file: string) {
    this.#database = new DatabaseSync(file);
    this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    this.#database.exec(
      'CREATE TABLE IF NOT EXISTS entries (space TEXT, key TEXT, value TEXT, PRIMARY KEY (space, key)) WITHOUT ROWID',
    );
    this.#get = this.#database.prepare('SELECT value FROM entries WHERE space = ? AND key = ?');
    this.#put = this.#database.prepare('INSERT OR REPLACE INTO entries VALUES (?, ?, ?)');
    this.#delete = this.#database.prepare('DELETE FROM entries WHERE space = ? AND key = ?');
    this.#list = this.#database.prepare(
      'SELECT key, value FROM entries WHERE space = ? AND key >= ? AND key < ? ORDER BY key',
    );
  }

  get<T>(space: string, key: string): T | undefined {
    const row = this.#get.get(space, key);
    return row && (JSON.parse(row.value as string) as T);
  }

  put(space: string, key: string, value: unknown): void {
    this.#put.run(space, key, JSON.stringify(value));
  }

  delete(space: string, key: string): void {
    this.#delete.run(space, key);
  }

  /** Entries whose key starts with `prefix`, in key order. */
  list<T>(space: string, prefix = ''): { key: string; value: T }[] {
    return this.#list
      .all(space, prefix, `${prefix}\u{10ffff}`)
      .map((row) => ({ key: row.key as string, value: JSON.parse(row.value as string) as T }));
  }

  /** All or nothing; may nest. Synchronous, so nothing else comes in between. */
  transaction<T>(work: () => T): T {
    if (this.#depth > 0) return work();
    this.#database.exec('BEGIN IMMEDIATE');
    this.#depth++;
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    } finally {
      this.#depth--;
    }
  }

  close(): void {
    this.#database.close();
  }
}
