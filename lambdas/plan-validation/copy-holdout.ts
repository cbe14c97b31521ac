import { type CopyPlan, permutedRows, planCopies, rowsToCopy } from '../../domain/evaluation/permuted-copies.ts';
import { seedFrom } from '../../domain/evaluation/random.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { ObjectStore } from '../../domain/ports.ts';
import { parseS3Uri } from '../../domain/s3-uri.ts';
import type { PreparedData } from '../../domain/step-results.ts';
import { csvLine, csvRecords } from '../../domain/tabular/csv-records.ts';

/** The hold-out copied for permutation importance, where a transform job finds it. */
export type CopiedHoldOut = (CopyPlan & { readonly uri: string }) | { readonly why: string };

/** Text that is handed on at once. */
const CHUNK = 1024 * 1024;

/**
 * Writes the stacked copies beside the hold-out, once for the same hold-out and plan: the copies follow from its digest, so they
 * are the same for every version that is validated on it.
 */
export async function copyHoldOut(
  objects: ObjectStore,
  prepared: PreparedData,
  { features, validation }: ModelDefinition,
): Promise<CopiedHoldOut> {
  const holdOut = parseS3Uri(`${prepared.uri}/holdout/features.csv`);
  const bytes = (await objects.head(holdOut))?.bytes ?? 0;
  const plan = planCopies({ rows: prepared.holdoutRows, bytes }, features.length, validation.importanceRows);
  if ('why' in plan) return plan;
  const uri = `${prepared.uri}/permuted/v1-${plan.rows}x${plan.repeats}/features.csv`;
  const at = parseS3Uri(uri);
  if (await objects.head(at)) return { ...plan, uri };
  const seed = seedFrom(prepared.holdoutSha256);
  const rows: (readonly string[])[] = [];
  const wanted = rowsToCopy(prepared.holdoutRows, plan, seed);
  let next = wanted.next();
  let row = 0;
  for await (const batch of csvRecords(await objects.read(holdOut))) {
    for (const { fields } of batch) {
      if (!next.done && next.value === row) {
        rows.push(fields);
        next = wanted.next();
      }
      row += 1;
    }
  }
  await objects.putOnce(at, stacked(rows, plan, seed), 'text/csv');
  return { ...plan, uri };
}

function stacked(rows: readonly (readonly string[])[], plan: CopyPlan, seed: number): Uint8Array {
  const chunks: Buffer[] = [];
  let text = '';
  for (const row of permutedRows(rows, plan, seed)) {
    text += csvLine(row);
    if (text.length > CHUNK) {
      chunks.push(Buffer.from(text));
      text = '';
    }
  }
  return Buffer.concat([...chunks, Buffer.from(text)]);
}
