import type { SchemaElement, SchemaTree } from 'hyparquet';
import type { CellType, TimeUnit } from '../domain/tabular/cell-text.ts';

/** A column of a Parquet file: what its values are, or why they cannot become one cell of text each. */
export type ParquetColumn = { readonly name: string } & ({ readonly type: CellType } | { readonly unreadable: string });

/** The top-level columns of a file, in its order. */
export const columnsOf = (schema: SchemaTree): ParquetColumn[] =>
  schema.children.map(({ element, children }) => ({
    name: element.name,
    ...(nested(element, children) ?? flat(element)),
  }));

function nested({ repetition_type, converted_type }: SchemaElement, children: readonly SchemaTree[]) {
  if (children.length === 0 && repetition_type !== 'REPEATED') return undefined;
  const what = { LIST: 'lists', MAP: 'maps' }[String(converted_type)] ?? (children.length > 0 ? 'structs' : 'lists');
  return { unreadable: `holds ${what}, and a table has one value per cell` };
}

function flat(element: SchemaElement): { readonly type: CellType } | { readonly unreadable: string } {
  const type = annotated(element) ?? physical(element);
  return typeof type === 'string' ? { unreadable: type } : { type };
}

/** By the logical type, or the converted type of older writers. */
function annotated({ type, logical_type: logical, converted_type: converted, ...element }: SchemaElement) {
  const scale =
    logical?.type === 'DECIMAL' ? logical.scale : converted === 'DECIMAL' ? (element.scale ?? 0) : undefined;
  if (scale !== undefined) return { kind: 'decimal', scale } satisfies CellType;
  if (logical?.type === 'TIMESTAMP')
    return { kind: 'timestamp', unit: logical.unit, utc: logical.isAdjustedToUTC } satisfies CellType;
  if (logical?.type === 'TIME') return { kind: 'time', unit: logical.unit } satisfies CellType;
  const [, what, unit] = /^(TIME|TIMESTAMP)_(MILLIS|MICROS)$/.exec(converted ?? '') ?? [];
  if (what === 'TIMESTAMP') return { kind: 'timestamp', unit: unit as TimeUnit, utc: true } satisfies CellType;
  if (what === 'TIME') return { kind: 'time', unit: unit as TimeUnit } satisfies CellType;
  if (logical?.type === 'DATE' || converted === 'DATE') return { kind: 'date' } satisfies CellType;
  if (logical?.type === 'UUID') return { kind: 'uuid' } satisfies CellType;
  if (logical?.type === 'FLOAT16') return { kind: 'half' } satisfies CellType;
  if (converted === 'UINT_64' || (type === 'INT64' && logical?.type === 'INTEGER' && !logical.isSigned))
    return { kind: 'integer', unsignedBits: 64 } satisfies CellType;
  if (converted?.startsWith('UINT_') || (logical?.type === 'INTEGER' && !logical.isSigned))
    return { kind: 'integer', unsignedBits: 32 } satisfies CellType;
  const foreign = [logical?.type, converted].find((name) => name !== undefined && FOREIGN.has(name));
  return foreign === undefined ? undefined : `holds ${foreign.toLowerCase()} values, which have no text of their own`;
}

const FOREIGN: ReadonlySet<string> = new Set(['BSON', 'INTERVAL', 'VARIANT', 'GEOMETRY', 'GEOGRAPHY']);

function physical({ type }: SchemaElement): CellType | string {
  switch (type) {
    case 'BOOLEAN':
      return { kind: 'boolean' };
    case 'INT32':
    case 'INT64':
      return { kind: 'integer' };
    // Spark's and Impala's timestamps of before logical types: without a zone.
    case 'INT96':
      return { kind: 'timestamp', unit: 'NANOS', utc: false };
    case 'FLOAT':
      return { kind: 'float' };
    case 'DOUBLE':
      return { kind: 'double' };
    // Writers of before logical types left text without a mark; what is not UTF-8 is refused where it is read.
    case 'BYTE_ARRAY':
      return { kind: 'text' };
    default:
      return 'holds bytes, which have no text of their own';
  }
}

/** The schema without the marks that would make the reader convert: numbers, and bytes of decimals, come as they are stored. */
export const asStored = (element: SchemaElement): SchemaElement => {
  const { converted_type, logical_type, ...stored } = element;
  const { type } = flat(element) as { readonly type?: CellType };
  return stored.type === 'BYTE_ARRAY' && type?.kind === 'text' ? { ...stored, converted_type: 'UTF8' } : stored;
};
