/** One entry, with every field as the test wants it. */
export interface RawEntry {
  readonly name: string | Buffer;
  readonly type?: string;
  readonly content?: string | Buffer;
  readonly linkname?: string;
  readonly prefix?: string;
  /** The size field, where it is to say something else. */
  readonly size?: string | Buffer;
  /** `ustar\0` + `00`, GNU's `ustar  \0`, or something else. */
  readonly magic?: string;
  readonly checksum?: string;
}

const BLOCK = 512;
const padded = (bytes: Buffer): Buffer =>
  Buffer.concat([bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)]);

/** A header and its contents, byte by byte as POSIX has them. */
export function entry({ name, type = '0', content = '', ...more }: RawEntry): Buffer {
  const body = Buffer.from(content as string);
  const header = Buffer.alloc(BLOCK);
  Buffer.from(name as string).copy(header, 0, 0, 100);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  const size = more.size ?? `${body.length.toString(8).padStart(11, '0')}\0`;
  (typeof size === 'string' ? Buffer.from(size) : size).copy(header, 124, 0, 12);
  header.write('00000000000\0', 136);
  header.write(type, 156, 'latin1');
  header.write(more.linkname ?? '', 157);
  header.write(more.magic ?? 'ustar\x0000', 257, 'latin1');
  header.write(more.prefix ?? '', 345);
  header.write('        ', 148);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(more.checksum ?? `${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, padded(body)]);
}

export const END = Buffer.alloc(2 * BLOCK);
export const tar = (...parts: readonly Buffer[]): Buffer => Buffer.concat([...parts, END]);

/** `LENGTH key=value\n`, the length counting itself. */
export function paxRecord(key: string, value: string | Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value as string), Buffer.from('\n')]);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

export const pax = (records: Readonly<Record<string, string | Buffer>>, type = 'x'): Buffer =>
  entry({
    name: 'PaxHeaders/x',
    type,
    content: Buffer.concat(Object.entries(records).map(([k, v]) => paxRecord(k, v))),
  });

export const gnuLongName = (name: string | Buffer): Buffer =>
  entry({
    name: '././@LongLink',
    type: 'L',
    magic: 'ustar  \0',
    content: Buffer.concat([Buffer.from(name as string), Buffer.from('\0')]),
  });

export async function* streamOf(bytes: Uint8Array, size = 1000) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
