import type { State } from '../definition.ts';
import type { Line } from '../interpreter/line.ts';
import { type Json, type JsonObject, PAYLOAD_LIMIT, sizeOf } from '../json.ts';

/** The input of each child execution: an item, or a batch of them. */
export async function childInputs(line: Line, state: State, items: readonly Json[]): Promise<readonly Json[]> {
  const selected: Json[] = [];
  for (const [Index, Value] of items.entries()) {
    selected.push(
      state.ItemSelector === undefined
        ? Value
        : await line.resolve(state.ItemSelector, 'ItemSelector', { mapItem: { Index, Value } }),
    );
  }
  return state.ItemBatcher === undefined ? selected : batches(line, state.ItemBatcher, selected);
}

async function batches(
  line: Line,
  batcher: NonNullable<State['ItemBatcher']>,
  items: readonly Json[],
): Promise<Json[]> {
  const shared: JsonObject =
    batcher.BatchInput === undefined
      ? {}
      : { BatchInput: await line.resolve(batcher.BatchInput, 'ItemBatcher/BatchInput') };
  const most = await limitOf(line, batcher.MaxItemsPerBatch, 'MaxItemsPerBatch');
  const mostBytes = Math.min(
    await limitOf(line, batcher.MaxInputBytesPerBatch, 'MaxInputBytesPerBatch'),
    PAYLOAD_LIMIT,
  );
  const empty = sizeOf({ ...shared, Items: [] });
  const made: Json[] = [];
  let batch: Json[] = [];
  let bytes = empty;
  for (const item of items) {
    const more = sizeOf(item) + 1;
    if (batch.length > 0 && (batch.length >= most || bytes + more > mostBytes)) {
      made.push({ ...shared, Items: batch });
      batch = [];
      bytes = empty;
    }
    batch.push(item);
    bytes += more;
  }
  if (batch.length > 0) made.push({ ...shared, Items: batch });
  return made;
}

const limitOf = async (line: Line, limit: Json | undefined, field: keyof typeof MOST): Promise<number> =>
  limit === undefined
    ? Number.POSITIVE_INFINITY
    : line.resolveNumber(limit, `ItemBatcher/${field}`, { least: 1, most: MOST[field] });

const MOST = { MaxItemsPerBatch: 2 ** 31 - 1, MaxInputBytesPerBatch: 262_144 };
