import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { openParquet } from '../../adapters/parquet-table.ts';
import { duckdb, inFolder, parquetOf } from '../support/parquet-files.ts';

/** Header and rows of a file. */
const recordsOf = (bytes: Uint8Array | ArrayBuffer, wanted?: readonly string[]): Promise<string[][]> =>
  inFolder(async (folder) => {
    const path = join(folder, 'data.parquet');
    writeFileSync(path, new Uint8Array(bytes));
    const file = await openParquet(path);
    const records: string[][] = [];
    for await (const batch of file.table(wanted && new Set(wanted)))
      records.push(...batch.map(({ fields }) => [...fields]));
    return records;
  });

/** One column of values as DuckDB writes them. */
const cellsOf = async (sql: string, options = 'compression zstd'): Promise<string[]> =>
  inFolder(async (folder) => {
    const path = join(folder, 'data.parquet');
    await duckdb("set timezone = 'UTC'", `copy (${sql}) to '${path}' (format parquet, ${options})`);
    const cells: string[] = [];
    for await (const batch of (await openParquet(path)).table()) cells.push(...batch.map(({ fields }) => fields[0]!));
    return cells.slice(1);
  });

describe('a cell of a Parquet file is the text that a CSV file would hold', () => {
  it.each([
    ['whole numbers, exact beyond 2^53', '9007199254740993::bigint', '9007199254740993'],
    ['unsigned 64 bit', '18446744073709551615::ubigint', '18446744073709551615'],
    ['unsigned 32 bit', '4294967295::uinteger', '4294967295'],
    ['unsigned 8 bit', '200::utinyint', '200'],
    ['negative ones', '(-128)::tinyint', '-128'],
    ['decimals with every digit of their scale', '12.3::decimal(9,2)', '12.30'],
    ['negative decimals below one', '(-0.05)::decimal(18,2)', '-0.05'],
    [
      'decimals beyond a double',
      '123456789012345678901234567890.12::decimal(38,2)',
      '123456789012345678901234567890.12',
    ],
    ['floats, shortest', '0.1::float', '0.1'],
    ['large floats', '16777216::float', '16777216'],
    ['doubles, shortest', '0.1::double', '0.1'],
    ['whole doubles', '3::double', '3'],
    ['NaN is missing', "'nan'::double", ''],
    ['infinity, for the checks to refuse', "'-inf'::double", '-Infinity'],
    ['booleans', 'true', 'true'],
    ['dates', "date '2001-02-03'", '2001-02-03'],
    ['dates before 1970', "date '1969-12-31'", '1969-12-31'],
    ['timestamps without a zone', "timestamp '2001-02-03 04:05:06'", '2001-02-03T04:05:06'],
    ['timestamps with a fraction', "timestamp '2001-02-03 04:05:06.789'", '2001-02-03T04:05:06.789'],
    ['instants', "timestamptz '2001-02-03 04:05:06.7891+02'", '2001-02-03T02:05:06.789100Z'],
    ['instants before 1970', "timestamptz '1969-12-31 23:59:59.5+00'", '1969-12-31T23:59:59.500Z'],
    ['nanoseconds', "timestamp_ns '2001-02-03 04:05:06.123456789'", '2001-02-03T04:05:06.123456789'],
    ['milliseconds', "timestamp_ms '2001-02-03 04:05:06.120'", '2001-02-03T04:05:06.120'],
    ['times of day', "time '01:02:03.5'", '01:02:03.500'],
    ['UUIDs', "uuid '5f2b3c1e-0000-4000-8000-000000000001'", '5f2b3c1e-0000-4000-8000-000000000001'],
    ['text, as it is', '\'é, "x"\'', 'é, "x"'],
    ['enumerations', "'late'::enum('late', 'early')", 'late'],
    ['JSON, as it was written', `'{"a": 1}'::json`, '{"a": 1}'],
    ['null', 'null::integer', ''],
  ])('%s', async (_what, sql, text) => {
    expect(await cellsOf(`select ${sql} as x`)).toEqual([text]);
  });

  it.each(['uncompressed', 'snappy', 'gzip', 'zstd', 'brotli'])('whatever compresses it: %s', async (codec) => {
    const sql = "select if(i % 3 = 0, null, 'v' || (i % 50)) as x from range(5000) t(i)";
    const cells = await cellsOf(sql, `compression ${codec}, row_group_size 2048`);
    expect(cells).toEqual(Array.from({ length: 5000 }, (_, i) => (i % 3 === 0 ? '' : `v${i % 50}`)));
  });

  it('numbers read back as the very same doubles', async () => {
    const cells = await cellsOf(
      'select sin(i * 12.9898) * pow(10, (i % 40) - 20) as x from range(3000) t(i) order by i',
    );
    expect(cells).toHaveLength(3000);
    expect(cells.every((text) => Number.isFinite(Number(text)) && String(Number(text)) === text)).toBe(true);
  });

  it('as other writers mark it: half floats, decimals without a logical type, text without a mark', async () => {
    const records = await recordsOf(
      parquetWriteBuffer({
        columnData: [
          { name: 'half', data: [0.5, -2, 65504] },
          { name: 'money', data: [12.34, -0.01, 0] },
          { name: 'bytes', data: ['é', 'b', 'c'].map((text) => new TextEncoder().encode(text)) },
        ],
        schema: [
          { name: 'root', num_children: 3 },
          {
            name: 'half',
            type: 'FIXED_LEN_BYTE_ARRAY',
            type_length: 2,
            logical_type: { type: 'FLOAT16' },
            repetition_type: 'REQUIRED',
          },
          {
            name: 'money',
            type: 'INT32',
            converted_type: 'DECIMAL',
            scale: 2,
            precision: 9,
            repetition_type: 'REQUIRED',
          },
          { name: 'bytes', type: 'BYTE_ARRAY', repetition_type: 'REQUIRED' },
        ],
      }),
    );
    expect(records).toEqual([
      ['half', 'money', 'bytes'],
      ['0.5', '12.34', 'é'],
      ['-2', '-0.01', 'b'],
      ['65504', '0.00', 'c'],
    ]);
  });
});

describe('a Parquet file', () => {
  const csv = `id,x,y\n${Array.from({ length: 3000 }, (_, i) => `r${i},${i / 4},${i % 2}`).join('\n')}\n`;

  it('is read row group by row group, and only in the columns that are asked for', async () => {
    const bytes = await parquetOf(csv, 'row_group_size 2048');
    const records = await recordsOf(bytes, ['id', 'y']);
    expect(records).toHaveLength(3001);
    expect(records[2049]).toEqual(['r2048', '', '0']);
  });

  it('may hold lists and structs where nobody asks for them', async () => {
    const bytes = await parquetOf(csv, 'compression zstd', "*, [x, y] as tags, {'a': x} as nested");
    expect((await recordsOf(bytes, ['id']))[1]).toEqual(['r0', '', '', '', '']);
    await expect(recordsOf(bytes, ['id', 'tags'])).rejects.toMatchObject({
      name: 'DatasetRefusedError',
      message: 'column "tags" holds lists, and a table has one value per cell',
    });
    await expect(recordsOf(bytes, ['nested'])).rejects.toThrow('column "nested" holds structs');
  });

  it.each([
    ['cut off', (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 100), 'one that is cut off after'],
    ['nothing', () => new Uint8Array(), 'got an empty one'],
    ['CSV', () => new TextEncoder().encode(csv), 'is it CSV? then say so (data.format: csv, --format csv)'],
    ['four bytes', () => new TextEncoder().encode('PAR1'), 'got one that is cut off after 4 bytes'],
    ['encrypted', (bytes: Uint8Array) => Buffer.concat([Buffer.from('PARE'), bytes]), 'an encrypted one'],
    [
      'without its footer',
      (bytes: Uint8Array) => Buffer.concat([bytes.subarray(0, 500), Buffer.from('PAR1')]),
      'damaged one',
    ],
    [
      'overwritten in the middle',
      (bytes: Uint8Array) => Buffer.from(bytes).fill(0xff, 30, 400),
      'that can be read, got a damaged one',
    ],
  ])('that is %s is refused', async (_what, damage, message) => {
    const bytes = await parquetOf(csv, 'compression snappy');
    await expect(recordsOf(damage(bytes))).rejects.toMatchObject({
      name: 'DatasetRefusedError',
      message: expect.stringContaining(message),
    });
  });

  it('of text that is not UTF-8 is refused', async () => {
    const bytes = await parquetOf('id\nüüü\nübü\n', 'compression uncompressed');
    const at = Buffer.from(bytes).indexOf('übü');
    const broken = Buffer.from(bytes);
    broken[at] = 0xff;
    await expect(recordsOf(broken)).rejects.toThrow('it holds text that is not UTF-8');
  });

  it('compressed with what is not read says what to write instead', async () => {
    const bytes = await parquetOf(csv, 'compression lz4_raw');
    await expect(recordsOf(bytes)).rejects.toThrow(
      /compressed with LZ4.*write the file with snappy, zstd, gzip or brotli/,
    );
  });

  it('never fails in another way, whatever bytes of it change', async () => {
    const bytes = await parquetOf(csv.split('\n').slice(0, 40).join('\n'), 'compression zstd');
    const outcomes = new Set<string>();
    for (let at = 0; at < bytes.length; at += 3) {
      const changed = Buffer.from(bytes);
      changed[at] = changed[at]! ^ 0x55;
      outcomes.add(
        await recordsOf(changed).then(
          () => 'read',
          (error) => error.name,
        ),
      );
    }
    expect([...outcomes].toSorted()).toEqual(['DatasetRefusedError', 'read']);
  });
});
