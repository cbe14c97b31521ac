import { openParquet } from '../../adapters/parquet-table.ts';
import type { ScratchFolder } from '../../adapters/scratch-folder.ts';
import { readSealedFiles } from '../../adapters/sealed-files.ts';
import { DatasetRefusedError } from '../../domain/errors.ts';
import type { ObjectRef } from '../../domain/model.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { ObjectStore } from '../../domain/ports.ts';
import type { SealedDataset, SealedFile } from '../../domain/step-results.ts';
import { columnsWithRoles } from '../../domain/tabular/column-roles.ts';
import { csvRecords } from '../../domain/tabular/csv-records.ts';
import { joinTables, type TablePart } from '../../domain/tabular/join-tables.ts';
import { MAX_DATASET_BYTES, OWN_TEST_FILE, showBytes, sizeLimits } from '../../domain/tabular/size-limits.ts';
import type { Table } from '../../domain/tabular/table.ts';

/** A sealed dataset, to be read as often as it takes. */
export interface OpenedDataset {
  readonly train: () => Table;
  /** The user's own hold-out, where the definition says that it has one. */
  readonly test?: () => Table;
  readonly testSha256?: string;
  /** What of the dataset nobody reads. */
  readonly findings: readonly string[];
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
    const kept = await scratch.keep(`part-${file.role}-${i}`, await objects.read(file.object), MAX_DATASET_BYTES);
    const parquet = await openParquet(kept.path);
    return { name: file.name, open: () => parquet.table(wanted) };
  };
  const files = await readSealedFiles(objects, dataset);
  const { split } = definition.data.test;
  refuseSize(files, split);
  const testFile = files.find(({ role }) => role === 'test');
  if (split === 'file' && !testFile) throw new DatasetRefusedError(NO_TEST_FILE);
  const train = await inTurn(
    files.filter(({ role }) => role === 'train'),
    open,
  );
  const findings = testFile && split !== 'file' ? [`${testFile.name} is not used: data.test.split is ${split}.`] : [];
  if (!testFile || split !== 'file') return { train: () => tableOf(train), findings };
  const test = await open(testFile, 0);
  return { train: () => tableOf(train), test: () => joinTables([test]), testSha256: testFile.object.sha256, findings };
}

function refuseSize(files: readonly SealedFile[], split: ModelDefinition['data']['test']['split']): void {
  const limit = sizeLimits(split).bytes;
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes > limit)
    throw new DatasetRefusedError(
      `expected at most ${showBytes(limit)} for a split by ${split}, got ${showBytes(bytes)}; ${OWN_TEST_FILE}`,
    );
}

const NO_TEST_FILE =
  'data.test.split is file, and the dataset has no test file: upload test.csv (or test.parquet) beside the data, or list it in _READY';

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
