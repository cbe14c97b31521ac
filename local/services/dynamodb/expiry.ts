import type { Timer } from '../../clock.ts';
import type { Cloud } from '../../service.ts';
import type { AttributeMap } from './item.ts';
import { keyOf, type Table, type Tables } from './tables.ts';

const EXPIRIES = 'dynamodb.expiries';

/**
 * How long an item outlives its time. DynamoDB promises only "within a few days", so readers have to filter expired items;
 * ten minutes is long enough for a test to notice one that does not.
 */
const EXPIRY_DELAY = 10 * 60_000;

/** Items older than this when their time to live is set are never deleted. */
const OLDEST = 5 * 365 * 86_400_000;

interface Entry {
  readonly table: string;
  readonly key: AttributeMap;
}

/** Deletes items after the time that their TTL attribute names. */
export class Expiry {
  readonly #cloud: Cloud;
  readonly #tables: Tables;
  readonly #delete: (table: Table, key: AttributeMap) => Promise<void>;
  #timer: Timer | undefined;
  #armedFor = Number.POSITIVE_INFINITY;

  constructor(cloud: Cloud, tables: Tables, remove: (table: Table, key: AttributeMap) => Promise<void>) {
    this.#cloud = cloud;
    this.#tables = tables;
    this.#delete = remove;
  }

  /** Remembers when an item is due, if it ever is. */
  note(table: Table, item: AttributeMap): void {
    const expiresAt = expiryOf(table, item);
    if (expiresAt === undefined) return;
    const key = keyOf(table, item);
    const entry: Entry = { table: table.name, key };
    const place = `${String(expiresAt).padStart(16, '0')}/${table.name}/${JSON.stringify(key)}`;
    this.#cloud.store.put(EXPIRIES, place, entry);
    if (expiresAt < this.#armedFor) this.#armFor(expiresAt);
  }

  /** Whether the item's time has passed long enough. */
  isDue(table: Table, item: AttributeMap): boolean {
    const expiresAt = expiryOf(table, item);
    const now = this.#cloud.clock.now();
    return expiresAt !== undefined && expiresAt + EXPIRY_DELAY <= now && expiresAt > now - OLDEST;
  }

  /** Waits for the earliest; after a restart too. */
  arm(): void {
    const [first] = this.#cloud.store.list<Entry>(EXPIRIES);
    this.#armFor(first ? Number(first.key.slice(0, 16)) : Number.POSITIVE_INFINITY);
  }

  #armFor(expiresAt: number): void {
    this.#timer?.cancel();
    this.#armedFor = expiresAt;
    if (expiresAt === Number.POSITIVE_INFINITY) return;
    this.#timer = this.#cloud.clock.at(expiresAt + EXPIRY_DELAY, () => {
      void this.#cloud.track(this.#sweep());
    });
  }

  async #sweep(): Promise<void> {
    const until = this.#cloud.clock.now() - EXPIRY_DELAY;
    for (const { key: place, value } of this.#cloud.store.list<Entry>(EXPIRIES)) {
      if (Number(place.slice(0, 16)) > until) break;
      const table = this.#tables.find(value.table);
      if (table) await this.#delete(table, value.key);
      this.#cloud.store.delete(EXPIRIES, place);
    }
    this.arm();
  }
}

/** Milliseconds since the epoch; undefined where the attribute is missing or no number. */
function expiryOf({ ttlAttribute }: Table, item: AttributeMap): number | undefined {
  if (ttlAttribute === undefined || !Object.hasOwn(item, ttlAttribute)) return undefined;
  const seconds = Number(item[ttlAttribute]?.N);
  return Number.isFinite(seconds) ? Math.floor(seconds * 1000) : undefined;
}
