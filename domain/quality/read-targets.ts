import type { ModelDefinition } from '../model-definition.ts';
import { preparedObject } from '../monitoring/keys.ts';
import type { ObjectStore } from '../ports.ts';
import { csvRecords } from '../tabular/csv-records.ts';
import type { VersionRow } from '../version.ts';

/** The values that the target has in the hold-out: what an outcome can be. Empty where the definition says it, or any number is one. */
export async function readTargets(
  objects: Pick<ObjectStore, 'read'>,
  { prepared }: Pick<VersionRow, 'prepared'>,
  { problem }: Pick<ModelDefinition, 'problem'>,
): Promise<ReadonlySet<string>> {
  const targets = new Set<string>();
  if (problem.type !== 'binary-classification') return targets;
  let isHeader = true;
  for await (const batch of csvRecords(await objects.read(preparedObject(prepared, 'holdout/labels.csv')))) {
    for (const { fields } of batch) {
      if (!isHeader) targets.add(fields[1] ?? '');
      isHeader = false;
    }
  }
  return targets;
}
