import { isObject, type Json } from '../json.ts';
import type { ExecutionRecord, MapRunRecord } from '../records.ts';

/** A run whose items have been read. */
export type FilledMapRun = MapRunRecord & { readonly count: number };

export const isFilled = (mapRun: MapRunRecord): mapRun is FilledMapRun => mapRun.count !== undefined;

/** How many items a child has: a batch may have several. */
export const itemsIn = (mapRun: MapRunRecord, input: Json): number =>
  mapRun.batched && isObject(input) && Array.isArray(input.Items) ? input.Items.length : 1;

/** Items of the children that did not succeed. */
export const failedItems = (mapRun: MapRunRecord, children: readonly ExecutionRecord[]): number =>
  children
    .filter(({ status }) => status !== 'SUCCEEDED')
    .reduce((sum, { input }) => sum + itemsIn(mapRun, JSON.parse(input) as Json), 0);

/** Both thresholds are of items; no failure is tolerated unless one of them says so. */
export function isTooMany(mapRun: FilledMapRun, failed: number): boolean {
  const { toleratedFailureCount, toleratedFailurePercentage } = mapRun;
  if (failed === 0) return false;
  const byCount = failed > toleratedFailureCount;
  const byPercentage = (100 * failed) / Math.max(1, mapRun.itemCount ?? mapRun.count) > toleratedFailurePercentage;
  if (toleratedFailureCount > 0 && toleratedFailurePercentage > 0) return byCount || byPercentage;
  return toleratedFailurePercentage > 0 ? byPercentage : byCount;
}
