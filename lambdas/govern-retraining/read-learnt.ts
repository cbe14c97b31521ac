import { namesOffset, type RecordsById, type TableStyle } from '../../domain/intake/captured-table.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { ObjectStore } from '../../domain/ports.ts';
import type { SealedFile } from '../../domain/step-results.ts';
import { csvRecords } from '../../domain/tabular/csv-records.ts';

/** The files of a dataset by whose rows they hold. */
export interface LearntFiles {
  /** Uploaded by people. */
  readonly people: readonly SealedFile[];
  readonly captured: readonly SealedFile[];
}

/** What the champion learnt from, as far as captured rows have to fit to it. */
export interface LearntRows {
  readonly style: TableStyle;
  /** Of the ids that were asked for, those of rows that people uploaded, hold-out included. */
  readonly ids: ReadonlySet<string>;
  /** Rows that were captured before. */
  readonly captured: RecordsById;
}

/**
 * Reads a sealed dataset once, whole; rows of people's own are not kept.
 *
 * @param asked ids of captured rows: a dataset that has one twice would be refused
 */
export async function readLearnt(
  objects: Pick<ObjectStore, 'read'>,
  { people, captured: before }: LearntFiles,
  { columns }: Pick<ModelDefinition, 'columns'>,
  asked: ReadonlySet<string>,
): Promise<LearntRows> {
  const ids = new Set<string>();
  const captured = new Map<string, readonly string[]>();
  let columnsOfAll: readonly string[] | undefined;
  let offsets: boolean | undefined;
  for (const file of [...people, ...before]) {
    const isCaptured = before.includes(file);
    let header: readonly string[] | undefined;
    for await (const batch of csvRecords(await objects.read(file.object))) {
      for (const { fields } of batch) {
        if (!header) {
          header = fields;
          continue;
        }
        const id = fields[header.indexOf(columns.id)] ?? '';
        if (file.role === 'train') {
          columnsOfAll ??= header;
          offsets ??= namesOffset(fields[header.indexOf(columns.timestamp ?? '')] ?? '');
        }
        // Its columns may stand in another order than people's.
        if (isCaptured)
          captured.set(
            id,
            (columnsOfAll ?? header).map((name) => fields[header!.indexOf(name)] ?? ''),
          );
        else if (asked.has(id)) ids.add(id);
      }
    }
  }
  if (!columnsOfAll) throw new RangeError(`expected rows in ${people.map(({ name }) => name).join(', ')}, got none`);
  return { style: { header: columnsOfAll, namesOffset: offsets ?? true }, ids, captured };
}
