import { type HoldOutVerdict, judgeHoldOut, type MeasuredChampion } from '../../domain/evaluation/judge-hold-out.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import { preparedObject } from '../../domain/monitoring/keys.ts';
import type { LineageStore, ObjectStore } from '../../domain/ports.ts';
import type { PreparedData } from '../../domain/step-results.ts';
import { csvRecords } from '../../domain/tabular/csv-records.ts';

/** Whether the gates can be judged on the hold-out as it was prepared, before anything is trained. */
export async function judgePrepared(
  { lineage, objects }: { readonly lineage: LineageStore; readonly objects: ObjectStore },
  definition: ModelDefinition,
  prepared: PreparedData,
): Promise<HoldOutVerdict> {
  const { columns, problem } = definition;
  const classes = new Map<string, number>();
  const slices = new Map(columns.attributes.map((name) => [name, new Map<string, number>()]));
  let line = 0;
  for await (const batch of csvRecords(await objects.read(preparedObject(prepared, 'holdout/labels.csv')))) {
    for (const { fields } of batch) {
      line += 1;
      if (line === 1) continue;
      if (problem.type !== 'regression') add(classes, fields[1]!);
      for (const [i, name] of columns.attributes.entries()) add(slices.get(name)!, fields[i + 2]!);
    }
  }
  return judgeHoldOut(definition, { rows: line - 1, classes, slices }, await championOf(lineage, definition.model));
}

const add = (counts: Map<string, number>, value: string) => counts.set(value, (counts.get(value) ?? 0) + 1);

async function championOf(lineage: LineageStore, model: string): Promise<MeasuredChampion | undefined> {
  const { champion } = await lineage.getModel(model);
  if (!champion) return undefined;
  const { version, prepared, evaluation } = await lineage.getVersion(model, champion.version);
  return { version, holdoutRows: prepared.holdoutRows, evaluation: evaluation ?? {} };
}
