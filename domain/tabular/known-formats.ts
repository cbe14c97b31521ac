const MAGIC: readonly (readonly [bytes: readonly number[], what: string])[] = [
  [[0x1f, 0x8b], 'a gzip file; upload it uncompressed'],
  [[0x42, 0x5a, 0x68], 'a bzip2 file; upload it uncompressed'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'an xz file; upload it uncompressed'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'a zstd file; upload it uncompressed'],
  [[0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], 'a 7-Zip file; upload it uncompressed'],
  [[0x50, 0x4b, 0x03, 0x04], 'a zip file (or a spreadsheet); export it as CSV'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'an old spreadsheet; export it as CSV'],
  [[0x50, 0x41, 0x52, 0x31], 'a Parquet file; set data.format: parquet'],
  [[0x25, 0x50, 0x44, 0x46], 'a PDF file'],
  // 0x80, the protocol, and the opcode that a frame or a protocol-2 pickle begins with.
  [[0x80, 0x02], 'a pickle file; write it as CSV or Parquet'],
  [[0x80, 0x03], 'a pickle file; write it as CSV or Parquet'],
  [[0x80, 0x04], 'a pickle file; write it as CSV or Parquet'],
  [[0x80, 0x05], 'a pickle file; write it as CSV or Parquet'],
  [[0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], 'a NumPy file; write it as CSV or Parquet'],
  [[0x41, 0x52, 0x52, 0x4f, 0x57, 0x31], 'an Arrow (Feather) file; write it as CSV or Parquet'],
  [[0x4f, 0x52, 0x43, 0x03], 'an ORC file; write it as CSV or Parquet'],
  [[0x4f, 0x62, 0x6a, 0x01], 'an Avro file; write it as CSV or Parquet'],
  [[0x89, 0x48, 0x44, 0x46], 'an HDF5 file; write it as CSV or Parquet'],
  [[0x52, 0x44, 0x58], 'an R data file; write it as CSV or Parquet'],
  [[0x53, 0x51, 0x4c, 0x69, 0x74, 0x65, 0x20], 'an SQLite database; export the table as CSV'],
  [[0xff, 0xfe, 0x00, 0x00], 'UTF-32; write it as UTF-8'],
  [[0x00, 0x00, 0xfe, 0xff], 'UTF-32; write it as UTF-8'],
  [[0xff, 0xfe], 'UTF-16; write it as UTF-8'],
  [[0xfe, 0xff], 'UTF-16; write it as UTF-8'],
];

const STARTS: readonly (readonly [start: RegExp, what: string])[] = [
  [/^\s*(\[\s*)?\{\s*"/, 'JSON'],
  [/^\s*<(!doctype|html|head|body|table|div|\?xml|error)\b/i, 'HTML or XML: is it an error page in place of the file?'],
  [/^sep=.\r?\n/i, 'Excel\'s "sep=" above the header; remove that line'],
  [/^\s*(insert\s+into|create\s+table|select)\s/i, 'SQL; export the table as CSV'],
  [/^\s*@relation\b/i, 'ARFF; write it as CSV'],
  [/^version https:\/\/git-lfs/, 'a pointer of Git LFS; fetch the file itself (git lfs pull)'],
];

/** Where a `tar` archive says what it is. */
const TAR_MARK = 257;

/**
 * What a file is by its first bytes, with what to do about it: `a gzip file; upload it uncompressed`.
 *
 * @returns undefined where they are those of no format that is known here, so that it may be CSV
 */
export function knownFormat(chunk: Uint8Array): string | undefined {
  const text = String.fromCharCode(...chunk.subarray(0, 64));
  const tar = String.fromCharCode(...chunk.subarray(TAR_MARK, TAR_MARK + 5));
  if (tar === 'ustar') return 'a tar archive; upload the file that is in it';
  return (MAGIC.find(([magic]) => magic.every((byte, i) => chunk[i] === byte)) ??
    STARTS.find(([start]) => start.test(text)))?.[1];
}
