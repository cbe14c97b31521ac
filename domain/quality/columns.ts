/** A stored table of numbers is of another kind or damaged. */
export class ColumnsFormatError extends Error {
  override readonly name = 'ColumnsFormatError';
}

export type Column = Float64Array | Uint32Array;

const MAGIC = 0x3143574c;
const HEADER_BYTES = 8;
const ALIGNMENT = 8;

interface Layout {
  readonly header: unknown;
  readonly columns: readonly (readonly [name: string, type: 'f64' | 'u32', length: number])[];
}

const padded = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

/** Columns of numbers with a header, as bytes: little-endian, each column where a view can be laid over it. */
export function encodeColumns(header: unknown, columns: Readonly<Record<string, Column>>): Uint8Array {
  const named = Object.entries(columns);
  const layout: Layout = {
    header,
    columns: named.map(([name, column]) => [name, column instanceof Float64Array ? 'f64' : 'u32', column.length]),
  };
  const text = new TextEncoder().encode(JSON.stringify(layout));
  const from = padded(HEADER_BYTES + text.length);
  const bytes = new Uint8Array(named.reduce((sum, [, column]) => sum + padded(column.byteLength), from));
  new DataView(bytes.buffer).setUint32(0, MAGIC, true);
  new DataView(bytes.buffer).setUint32(4, text.length, true);
  bytes.set(text, HEADER_BYTES);
  let at = from;
  for (const [, column] of named) {
    bytes.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), at);
    at += padded(column.byteLength);
  }
  return bytes;
}

/** @throws {ColumnsFormatError} something else, or cut off */
export function decodeColumns<Header>(bytes: Uint8Array): {
  readonly header: Header;
  readonly columns: ReadonlyMap<string, Column>;
} {
  // A copy of its own begins where a view may begin. Not `slice`: a Buffer's shares the memory of whatever was read beside it.
  const own = new Uint8Array(bytes);
  const view = new DataView(own.buffer);
  if (own.length < HEADER_BYTES || view.getUint32(0, true) !== MAGIC)
    throw new ColumnsFormatError(`expected stored columns, got ${own.length} bytes of something else`);
  const length = view.getUint32(4, true);
  if (own.length < HEADER_BYTES + length) throw new ColumnsFormatError('expected stored columns, got a part of them');
  const layout = JSON.parse(new TextDecoder().decode(own.subarray(HEADER_BYTES, HEADER_BYTES + length))) as Layout;
  let at = padded(HEADER_BYTES + length);
  const columns = new Map<string, Column>();
  for (const [name, type, count] of layout.columns) {
    const size = count * (type === 'f64' ? 8 : 4);
    if (at + size > own.length) throw new ColumnsFormatError(`expected ${count} values of ${name}, got fewer`);
    columns.set(
      name,
      type === 'f64' ? new Float64Array(own.buffer, at, count) : new Uint32Array(own.buffer, at, count),
    );
    at += padded(size);
  }
  return { header: layout.header as Header, columns };
}
