import { openParquet } from '../../adapters/parquet-table.ts';
import type { ScratchFolder } from '../../adapters/scratch-folder.ts';
import type { ObjectRef } from '../../domain/model.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { ObjectStore } from '../../domain/ports.ts';
import type { SealedDataset, SealedFile } from '../../domain/release.ts';
import { columnsWithRoles } from '../../domain/tabular/column-roles.ts';
import { csvRecords } from '../../domain/tabular/csv-records.ts';
import { joinTables, type TablePart } from '../../domain/tabular/join-tables.ts';
import { filesOf } from '../../domain/tabular/sealed-files.ts';
import type { Table } from '../../domain/tabular/table.ts';

/** A sealed dataset, to be read as often as it takes. */
export interface OpenedDataset {
  readonly train: () => Table;
  /** The user's own hold-out, where the dataset has one. */
  readonly test?: () => Table;
}

/**
 * Opens every file of a dataset. CSV is streamed from the store at each reading; Parquet, whose index is at its end, is kept on
 * local disk.
 *
 * @throws {DatasetRefusedError} a file is not of the definition's format, or damaged
 */
export async function openDataset(
  objects: ObjectStore,
  scratch: ScratchFolder,
  dataset: SealedDataset,
  definition: ModelDefinition,
): Promise<OpenedDataset> {
  const wanted = new Set(columnsWithRoles(definition));
  const open = async (file: SealedFile, i: number): Promise<TablePart> => {
    if (definition.data.format === 'csv') return { name: file.name, open: () => csvOf(objects, file.object) };
    const kept = await scratch.keep(`part-${file.role}-${i}`, await objects.read(file.object));
    const parquet = await openParquet(kept.path);
    return { name: file.name, open: () => parquet.table(wanted) };
  };
  const [train = [], test = []] = await Promise.all(
    (['train', 'test'] as const).map((role) =>
      inTurn(
        filesOf(dataset).filter((file) => file.role === role),
        open,
      ),
    ),
  );
  return {
    train: () => tableOf(train),
    ...(test.length > 0 && { test: () => joinTables(test) }),
  };
}

/** A file alone needs no name in what is said of its rows. */
const tableOf = (parts: readonly TablePart[]): Table => (parts.length === 1 ? parts[0]!.open() : joinTables(parts));

async function inTurn<In, Out>(items: readonly In[], work: (item: In, i: number) => Promise<Out>): Promise<Out[]> {
  const results: Out[] = [];
  for (const [i, item] of items.entries()) results.push(await work(item, i));
  return results;
}

async function* csvOf(objects: ObjectStore, object: ObjectRef) {
  yield* csvRecords(await objects.read(object));
}
