import { DatasetRefusedError } from '../errors.ts';
import type { Table, TableRecord } from './table.ts';

/** A file of a dataset. */
export interface TablePart {
  readonly name: string;
  readonly open: () => Table;
}

/**
 * One table of the rows of all parts, in their order, with the header once.
 *
 * @throws {DatasetRefusedError} names the part that cannot be read, is empty, or has other columns than the first
 */
export async function* joinTables(parts: readonly TablePart[]): AsyncGenerator<readonly TableRecord[]> {
  let header: TableRecord | undefined;
  for (const part of parts) {
    let isFirst = true;
    for await (const batch of namingPart(part)) {
      const [first] = batch;
      if (!isFirst || !first) {
        yield batch;
        continue;
      }
      isFirst = false;
      if (header) refuseOtherColumns(part.name, header, first);
      yield header ? batch.slice(1) : batch;
      header ??= first;
    }
    if (isFirst) throw new DatasetRefusedError(`${part.name}: expected a header and rows, got an empty file`);
  }
}

function refuseOtherColumns(name: string, { fields, file }: TableRecord, found: TableRecord): void {
  const differs = fields.findIndex((column, i) => column !== found.fields[i]);
  if (differs === -1 && fields.length === found.fields.length) return;
  const where = differs === -1 ? fields.length : differs;
  throw new DatasetRefusedError(
    `${name}: expected the columns of ${file} in the same order, got ${quoted(found.fields[where])} instead of ${quoted(fields[where])} in column ${where + 1}`,
  );
}

const quoted = (column: string | undefined): string => (column === undefined ? 'nothing' : `"${column.slice(0, 60)}"`);

async function* namingPart({ name, open }: TablePart): AsyncGenerator<readonly TableRecord[]> {
  try {
    for await (const batch of open()) yield batch.map((record) => ({ ...record, file: name }));
  } catch (error) {
    if (!(error instanceof DatasetRefusedError)) throw error;
    throw new DatasetRefusedError(`${name}: ${error.message}`, error.details, { cause: error });
  }
}
