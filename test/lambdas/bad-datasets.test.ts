import { gzipSync } from 'node:zlib';
import { expect, it } from '@jest/globals';
import { parquetOf } from '../support/parquet-files.ts';
import { ARTIFACTS, definitionText, flights, ReleaseWorld } from '../support/release-world.ts';

/** A dataset that must not be trained on. */
interface BadDataset {
  readonly data: string | Uint8Array | Promise<Uint8Array>;
  /** What the owner is told. */
  readonly told: string | RegExp;
  /** Changes the definition that would otherwise accept it. */
  readonly definition?: (text: string) => string;
  readonly format?: 'csv' | 'parquet';
}

const good = flights(300);
const [header = '', ...rows] = good.trimEnd().split('\n');
const csv = (lines: readonly string[], head = header, newline = '\n') => [head, ...lines, ''].join(newline);
/** Row 8, which is line 9, changed. */
const row8 = (change: (row: string) => string) => csv(rows.with(7, change(rows[7]!)));
const cell = (row: string, column: number, value: string) => row.split(',').with(column, value).join(',');
const each = (change: (row: string, i: number) => string) => csv(rows.map(change));
/** Flights of these columns after the carrier: distance, origin, delayed. */
const noise = (i: number) => (i * 7919) % 1000;
const made = (of: (i: number) => string) =>
  csv(rows.map((row, i) => `${row.split(',').slice(0, 3).join(',')},${of(i)}`));
const utf16 = (text: string, bom = '\ufeff') => Buffer.from(bom + text, 'utf16le');
const regression = (text: string) => text.replace(/problem: .*/, 'problem: { type: regression, target: delayed }');
const multiclass = (text: string) =>
  text.replace(/problem: .*/, 'problem: { type: multiclass-classification, target: delayed, classes: [a, b, c] }');
const parquet = (text: string) => text.replace('data: {', 'data: { format: parquet,');

const FILES: Readonly<Record<string, BadDataset>> = {
  'an empty file': { data: '', told: 'expected data in models/flight-delays/data/train.csv, got an empty file' },
  'a header alone': { data: `${header}\n`, told: 'expected at least 100 rows (data.checks.minRows), got 0' },
  'blank lines alone': { data: '\n\n\r\n', told: 'got an empty file' },
  'a byte order mark alone': { data: '\ufeff', told: 'got an empty file' },
  'UTF-16 with a mark': { data: utf16(good), told: 'got UTF-16; write it as UTF-8' },
  'UTF-16, big-endian': { data: utf16(good).swap16(), told: 'got UTF-16; write it as UTF-8' },
  'UTF-16 without a mark': { data: utf16(good, ''), told: 'this file is binary or UTF-16' },
  'Latin-1': {
    data: Buffer.from(
      row8((row) => cell(row, 4, 'Zürich')),
      'latin1',
    ),
    told: /expected UTF-8, got another encoding after line \d+/,
  },
  'half a character at its end': { data: Buffer.from(`${good}f9,é`).subarray(0, -1), told: 'expected UTF-8' },
  'a zero byte': { data: row8((row) => `${row}\0`), told: /got a zero byte after line \d+/ },
  gzip: { data: gzipSync(good), told: 'got a gzip file; upload it uncompressed' },
  zstd: { data: Buffer.from('28b52ffd04', 'hex'), told: 'got a zstd file' },
  bzip2: { data: Buffer.from('BZh91AY&SY'), told: 'got a bzip2 file' },
  'a spreadsheet': { data: Buffer.from('PK\x03\x04rest'), told: 'got a zip file (or a spreadsheet); export it as CSV' },
  'an old spreadsheet': { data: Buffer.from('d0cf11e0a1b11ae1', 'hex'), told: 'got an old spreadsheet' },
  'a pickle': { data: Buffer.from('8004950a00', 'hex'), told: 'got a pickle file' },
  'Parquet under the name of CSV': { data: parquetOf(good), told: 'got a Parquet file; set data.format: parquet' },
  'random bytes': { data: Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256), told: /zero byte|UTF-8/ },
  'UTF-32': { data: Buffer.from('fffe000066000000', 'hex'), told: 'got UTF-32; write it as UTF-8' },
  'a newer pickle': { data: Buffer.from('8005950a00', 'hex'), told: 'got a pickle file' },
  'a Feather file': { data: Buffer.from('ARROW1\0\0'), told: 'got an Arrow (Feather) file' },
  'an ORC file': { data: Buffer.from('ORC\x03'), told: 'got an ORC file' },
  'an Avro file': { data: Buffer.from('Obj\x01'), told: 'got an Avro file' },
  'an HDF5 file': { data: Buffer.from('89484446', 'hex'), told: 'got an HDF5 file' },
  'an R data file': { data: Buffer.from('RDX3\n'), told: 'got an R data file' },
  'a database': { data: Buffer.from('SQLite format 3\0'), told: 'got an SQLite database; export the table as CSV' },
  'a tar archive': { data: Buffer.from(`${'train.csv'.padEnd(257, '\0')}ustar`), told: 'got a tar archive' },
  'a dump of SQL': { data: 'INSERT INTO flights VALUES (1, 2);\n', told: 'got SQL; export the table as CSV' },
  'a pointer of Git LFS': { data: 'version https://git-lfs.github.com/spec/v1\n', told: 'got a pointer of Git LFS' },
  'a table of HTML': { data: '<table><tr><td>1</td></tr></table>\n', told: 'got HTML or XML' },
  'a line for Excel above the header': { data: `sep=,\n${good}`, told: 'got Excel\'s "sep=" above the header' },
  'a comment above the header': {
    data: `# exported by hand\n${good}`,
    told: 'the first line, "# exported by hand", names no column of model.yaml: is it a comment above the header?',
  },
  'a title above the header': {
    data: `Report of flights,,,,,\n${good}`,
    told: 'the first line, "Report of flights,,,,,", names no column of model.yaml: is it a title above the header',
  },
  JSON: { data: '[{"flight_id": 1}]', told: 'expected a CSV file in UTF-8, got JSON' },
  'JSON Lines': { data: '{"flight_id": 1, "distance": 2}\n', told: 'got JSON' },
  'an error page': {
    data: '<html><body>403 Forbidden</body></html>\n',
    told: 'got HTML or XML: is it an error page in place of the file?',
  },
  'one endless line': {
    data: 'x'.repeat(1_100_000),
    told: 'expected a record of at most 1048576 characters, got more',
  },
  'a quote that never closes': {
    data: row8((row) => cell(row, 4, '"JFK')),
    told: 'line 9: expected a closing quote, got the end',
  },
  'a quote that never closes, in a large file': {
    data: row8((row) => cell(row, 4, '"JFK')) + 'x,y\n'.repeat(300_000),
    told: 'line 9: expected a closing quote within 1048576 characters, got none',
  },
  'a huge field': {
    data: row8((row) => cell(row, 4, `"${'x'.repeat(1_100_000)}"`)),
    told: /line 9: expected a (record of at most|closing quote within) 1048576 characters/,
  },
  'a quote inside a field': {
    data: row8((row) => cell(row, 4, 'J"FK')),
    told: 'line 9: expected quotes only around a whole field',
  },
  'text after a closing quote': {
    data: row8((row) => cell(row, 4, '"JFK"x')),
    told: 'line 9: expected a comma or the end of the line after a closing quote, got "x"',
  },
  semicolons: { data: good.replaceAll(',', ';'), told: 'got a header separated by ";"; write the file with commas' },
  tabs: { data: good.replaceAll(',', '\t'), told: 'got a header separated by "tab"' },
  bars: { data: good.replaceAll(',', '|'), told: 'got a header separated by "|"' },
  'no header': { data: `${rows.join('\n')}\n`, told: 'got values; is the header missing?' },
};

const COLUMNS: Readonly<Record<string, BadDataset>> = {
  'a missing column': {
    data: good.replace('origin', 'orign'),
    told: 'column "origin" is missing; did you mean "orign"?',
  },
  'a column in capitals': { data: good.replace('origin', 'ORIGIN'), told: 'did you mean "ORIGIN"?' },
  'a column with a space': { data: good.replace(',origin', ', origin'), told: 'did you mean " origin"?' },
  'no target': {
    data: csv(
      rows.map((row) => row.split(',').slice(0, 5).join(',')),
      header.replace(',delayed', ''),
    ),
    told: 'column "delayed" is missing',
  },
  'a column without a role': {
    data: csv(
      rows.map((row) => `${row},x`),
      `${header},tail`,
    ),
    told: 'column "tail" has no role',
  },
  'the index of pandas': {
    data: csv(
      rows.map((row, i) => `${i},${row}`),
      `,${header}`,
    ),
    told: 'column "" has no role in model.yaml (the index of pandas: write it with index=False)',
  },
  'a column twice': { data: good.replace('carrier', 'origin'), told: 'column "origin" is there twice' },
  'a name with a character that nobody sees': {
    data: good.replace('origin', 'ori\u200bgin'),
    told: 'the name of column 5, "ori�gin", holds a character that nobody sees',
  },
  'two byte order marks': {
    data: `\ufeff\ufeff${good}`,
    told: 'the name of column 1, "�flight_id", holds a character',
  },
  'short rows': { data: `${good}f9,2001\n`, told: 'row 301 (line 302): expected 6 fields, got 2' },
  'long rows': { data: row8((row) => `${row},1`), told: 'row 8 (line 9): expected 6 fields, got 7' },
  'an unquoted comma': {
    data: row8((row) => cell(row, 4, 'New York, JFK')),
    told: 'row 8 (line 9): expected 6 fields, got 7',
  },
  'a comma at the end of every line but the first': {
    data: each((row) => `${row},`),
    told: /^expected 6 fields; 300 rows are otherwise: 7 in row 1.*; is there a comma at the end of the lines\?$/,
  },
  'a comma at the end of every line': {
    data: csv(
      rows.map((row) => `${row},`),
      `${header},`,
    ),
    told: 'column "" has no role in model.yaml (is there a comma at the end of the lines',
  },
  'the header again': {
    data: csv([...rows.slice(0, 100), header, ...rows.slice(100)]),
    told: 'row 101 (line 102): expected a row, got the header again: were files joined?',
  },
  'many ragged rows': {
    data: each((row, i) => (i % 2 ? `${row},` : row)),
    told: 'expected 6 fields; 150 rows are otherwise: 7 in row 2 (line 3), 7 in row 4 (line 5), 7 in row 6 (line 7), …',
  },
};

const CELLS: Readonly<Record<string, BadDataset>> = {
  'text for a number': {
    data: row8((row) => cell(row, 3, 'far')),
    told: 'row 8 (line 9): expected distance to be a number, got "far"',
  },
  'numbers with thousands separators': {
    data: row8((row) => cell(row, 3, '"1,234"')),
    told: 'got "1,234"; write thousands without separators: 1234.5',
  },
  'decimal commas': { data: row8((row) => cell(row, 3, '"1,5"')), told: 'got "1,5"; write decimals with a point: 1.5' },
  'numbers with spaces': { data: row8((row) => cell(row, 3, ' 919 ')), told: 'got " 919 "; write it without spaces' },
  'numbers with a unit': { data: row8((row) => cell(row, 3, '919mi')), told: 'got "919mi"' },
  'hexadecimal numbers': { data: row8((row) => cell(row, 3, '0x10')), told: 'got "0x10"' },
  'NaN in words': {
    data: row8((row) => cell(row, 3, 'NaN')),
    told: 'got "NaN"; an empty field says that a value is missing',
  },
  'NULL in words': {
    data: row8((row) => cell(row, 3, 'NULL')),
    told: 'got "NULL"; an empty field says that a value is missing',
  },
  infinity: {
    data: row8((row) => cell(row, 3, 'inf')),
    told: 'got "inf"; infinity is no value that a model can learn from',
  },
  'a number beyond a double': { data: row8((row) => cell(row, 3, '1e999')), told: 'got "1e999"' },
  'booleans for a number': { data: row8((row) => cell(row, 3, 'true')), told: 'got "true"; declare it categorical' },
  'numbers with a sign of typography': {
    data: row8((row) => cell(row, 3, '\u2212919')),
    told: 'write the sign as "-"',
  },
  'numbers with narrow spaces': {
    data: row8((row) => cell(row, 3, '1\u202f919')),
    told: 'thousands without separators',
  },
  percentages: { data: each((row) => cell(row, 3, '12%')), told: 'write the number alone' },
  amounts: { data: row8((row) => cell(row, 3, '$12.50')), told: 'got "$12.50"; write the number alone' },
  'a date for a number': { data: row8((row) => cell(row, 3, '2001-01-31')), told: 'a date is no number' },
  'a document for a category': {
    data: row8((row) => cell(row, 4, 'y'.repeat(40_000))),
    told: 'row 8 (line 9): origin holds more than 32768 characters, got "yyy',
  },
  'a line break in a feature': {
    data: row8((row) => cell(row, 4, '"J\nFK"')),
    told: 'row 8 (line 9): origin holds a line break; a prediction request has one row per line',
  },
  'a missing id': { data: row8((row) => cell(row, 0, '')), told: 'row 8 (line 9): flight_id is missing' },
  'no ids at all': {
    data: each((row) => cell(row, 0, '')),
    told: 'flight_id is missing, in 300 rows: row 1 (line 2), row 2 (line 3), row 3 (line 4), …',
  },
  'an id twice': {
    data: row8((row) => cell(row, 0, 'f6')),
    told: 'row 8 (line 9): expected flight_id to be unique, got "f6" again',
  },
  'one id for all': {
    data: each((row) => cell(row, 0, 'f')),
    told: 'expected flight_id to be unique; 299 rows are otherwise: "f" again in row 2 (line 3)',
  },
  'a time that is none': {
    data: row8((row) => cell(row, 1, 'yesterday')),
    told: 'expected scheduled_at to be an ISO 8601 date or time, got "yesterday"',
  },
  'a day that does not exist': { data: row8((row) => cell(row, 1, '2001-02-30')), told: 'got "2001-02-30"' },
  'a day first': {
    data: each((row) => cell(row, 1, '31/01/2001')),
    told: /300 rows are otherwise: "31\/01\/2001" in row 1 \(line 2\).*; write the year first: 2001-01-31/,
  },
  'a time of day': { data: each((row) => cell(row, 1, '10:30')), told: 'a time of day alone says not when' },
  'seconds of nine digits': {
    data: each((row) => cell(row, 1, '978307200')),
    told: 'seconds since 1970 have 10 digits',
  },
  'a missing time': { data: row8((row) => cell(row, 1, '')), told: 'ISO 8601 date or time, got ""' },
  'times with and without an offset': {
    data: row8((row) => cell(row, 1, '2001-01-01T01:10:00')),
    told: 'expected scheduled_at to name an offset from UTC in every row or in none, got "2001-01-01T00:00:00.000Z" in row 1 (line 2) and "2001-01-01T01:10:00" in row 8 (line 9)',
  },
  'times of one instant': {
    data: each((row) => cell(row, 1, '2001-01-01')),
    told: 'the split by time leaves 0 of 300 rows for training; both sides need rows',
  },
  'a missing target': { data: row8((row) => cell(row, 5, '')), told: 'row 8 (line 9): target delayed is missing' },
  'a third label': { data: row8((row) => cell(row, 5, '2')), told: 'expected two classes in delayed, got 3 or more' },
  'one class': {
    data: each((row) => cell(row, 5, '1')),
    told: 'every row has target delayed = "1"; two classes are needed',
  },
  'no positive class': {
    data: each((row) => cell(row, 5, row.endsWith('1') ? 'yes' : 'no')),
    told: 'no row has target delayed = "1", the positive class; seen: "',
  },
  'labels as other numbers': {
    data: each((row) => cell(row, 5, `${row.at(-1)}.0`)),
    told: 'seen: "0.0", "1.0"; is it problem.positiveClass: "1.0"?',
  },
  'labels in words': {
    data: each((row) => cell(row, 5, row.endsWith('1') ? 'True' : 'False')),
    told: 'seen: "False", "True"; is it problem.positiveClass: "True"?',
  },
  'labels that nobody knows': {
    data: row8((row) => cell(row, 5, 'NA')),
    told: 'got 3 or more: "0", "1", "NA"; where "NA" says that nobody knows, leave the row out',
  },
  'labels with spaces': {
    data: each((row) => cell(row, 5, ` ${row.at(-1)}`)),
    told: 'no row has target delayed = "1", the positive class; seen: " ',
  },
  'a class without a name': {
    data: made((i) => `${noise(i)},JFK,${'abcd'[i % 4]}`),
    told: 'expected delayed to be one of problem.classes (a, b, c), got "d"',
    definition: multiclass,
  },
  'a named class without rows': {
    data: made((i) => `${noise(i)},JFK,${'ab'[i % 2]}`),
    told: 'no row has target delayed = "c"',
    definition: multiclass,
  },
  'a target that is no number': {
    data: row8((row) => cell(row, 5, 'much')),
    told: 'expected target delayed to be a number, got "much"',
    definition: regression,
  },
  'one answer for all': {
    data: made((i) => `${noise(i)},JFK,${i % 2 ? '5' : '5.0'}`),
    told: 'every row has target delayed = 5: nothing can be learned',
    definition: regression,
  },
  'an infinite target': {
    data: row8((row) => cell(row, 5, '-inf')),
    told: 'got "-inf"; infinity is no value',
    definition: regression,
  },
};

const SETS: Readonly<Record<string, BadDataset>> = {
  'too few rows': { data: csv(rows.slice(0, 50)), told: 'expected at least 100 rows (data.checks.minRows), got 50' },
  'a class of three rows': {
    data: made((i) => `${noise(i)},JFK,${i < 3 ? 1 : 0}`),
    told: 'only 3 rows have target delayed = "1"; at least 10 are needed (data.checks.minClassRows)',
  },
  'a feature that is nearly always missing': {
    data: each((row, i) => (i % 3 ? cell(row, 4, '') : row)),
    told: 'origin is missing in 66.7 % of rows; at most 5.0 % are allowed',
  },
  'a feature without any value': {
    data: each((row) => cell(row, 3, '')),
    told: 'distance is missing in 100.0 % of rows',
  },
  'features that never vary': {
    data: made((i) => `5,JFK,${i % 2}`),
    told: 'every feature has the same value in every row: nothing can be learned',
  },
  'the answer as a number': {
    data: made((i) => `${i % 2},JFK${i % 7},${i % 2}`),
    told: 'distance alone tells delayed with an AUC of 1.0000, above 0.98 (data.checks.maxLeakage)',
  },
  'the opposite of the answer': {
    data: made((i) => `${-(i % 2)},JFK${i % 7},${i % 2}`),
    told: 'distance alone tells delayed with an AUC of 1.0000',
  },
  'the answer as a category': {
    data: made((i) => `${noise(i)},${i % 3 ? 'late' : 'early'},${i % 3 ? 1 : 0}`),
    told: 'origin alone tells delayed with an AUC of 1.0000',
  },
  'the answer in what is missing': {
    data: made((i) => `${i % 3 ? '' : noise(i)},JFK${i % 7},${i % 3 ? 1 : 0}`),
    told: 'distance alone tells delayed with an AUC of 1.0000',
    definition: (text) => text.replace('minRows: 100', 'minRows: 100, maxMissingFraction: 0.9'),
  },
  'a number that is the answer': {
    data: made((i) => `${noise(i)},JFK,${noise(i) * 2 + 1}`),
    told: 'distance alone tells delayed with a correlation of 1.0000',
    definition: regression,
  },
  'a number that bends to the answer': {
    data: made((i) => `${noise(i)},JFK,${Math.exp(noise(i) / 100)}`),
    told: 'distance alone tells delayed with a correlation of 1.0000',
    definition: regression,
  },
  'a category that is the answer': {
    data: made((i) => `${noise(i)},c${i % 20},${(i % 20) * 10}`),
    told: 'origin alone tells delayed with a correlation of 1.0000',
    definition: regression,
  },
  'rows again and again': {
    data: csv([...rows, ...rows.map((row) => `g${row.slice(1)}`)]),
    told: '300 rows (50.0 %) equal an earlier one in everything but their id; at most 10.0 % are allowed',
  },
  'rows again under a column that nobody reads': {
    data: csv(
      [...rows, ...rows.map((row) => `g${row.slice(1)}`)].map((row, i) => `${row},${i}`),
      `${header},line`,
    ),
    told: '300 rows (50.0 %) equal an earlier one',
    definition: (text) => text.replace('attributes: [carrier]', 'attributes: [carrier], others: ignore'),
  },
  'several things at once': {
    data: csv([...rows, 'short'].map((row, i) => (i === 3 ? cell(row, 3, 'far') : row))),
    told: /expected distance to be a number, got "far"[\s\S]*expected 6 fields, got 1/,
  },
  'things wrong before it breaks off': {
    data: csv([...rows.with(7, cell(rows[7]!, 3, 'far')), '"open']),
    told: /expected distance to be a number, got "far"[\s\S]*expected a closing quote, got the end of the file/,
  },
};

const PARQUET: Readonly<Record<string, BadDataset>> = {
  'CSV under the name of Parquet': {
    data: good,
    told: 'expected a Parquet file, got something else; is it CSV? then say so (data.format: csv, --format csv)',
  },
  'a file that is cut off': {
    data: parquetOf(good).then((bytes) => bytes.subarray(0, -50)),
    told: 'expected a whole Parquet file, got one that is cut off',
  },
  'a few bytes': {
    data: Buffer.from('PAR1'),
    told: 'expected a whole Parquet file, got one that is cut off after 4 bytes',
  },
  'an index of nothing': {
    data: Buffer.from('PAR1\0\0\0\0PAR1'),
    told: 'expected a Parquet file that can be read, got a damaged one: its index makes no sense',
  },
  'a file in gzip': {
    data: parquetOf(good).then((bytes) => gzipSync(bytes)),
    told: 'expected a Parquet file, got a gzip file; upload it uncompressed',
  },
  'booleans for labels': {
    data: parquetOf(good, 'compression zstd', '* replace (delayed = 1 as delayed)'),
    told: 'seen: "false", "true"; is it problem.positiveClass: "true"?',
  },
  'a file without its footer': {
    data: parquetOf(good).then((bytes) => Buffer.concat([bytes.subarray(0, 900), Buffer.from('PAR1')])),
    told: 'got a damaged one',
  },
  'a file whose pages are overwritten': {
    data: parquetOf(good).then((bytes) => Buffer.from(bytes).fill(0xff, 20, 600)),
    told: /damaged one|expected/,
  },
  'another schema': { data: parquetOf('a,b\n1,2\n'), told: 'column "flight_id" is missing' },
  'a column of lists': {
    data: parquetOf(good, 'compression zstd', '* replace ([distance, 1] as distance)'),
    told: 'column "distance" holds lists, and a table has one value per cell',
  },
  'a column of structs': {
    data: parquetOf(good, 'compression zstd', "* replace ({'mi': distance} as distance)"),
    told: 'column "distance" holds structs',
  },
  'text for a number': {
    data: parquetOf(good, 'compression zstd', "* replace (distance || ' mi' as distance)"),
    told: /expected distance to be a number; 300 rows are otherwise: "\d+ mi" in row 1, /,
  },
  infinity: {
    data: parquetOf(good, 'compression zstd', "* replace (if(distance > 900, 'inf'::double, distance) as distance)"),
    told: '"Infinity" in row',
  },
  'NaN beyond what may be missing': {
    data: parquetOf(good, 'compression zstd', "* replace (if(distance > 500, 'nan'::double, distance) as distance)"),
    told: /distance is missing in \d\d\.\d % of rows/,
  },
  'times of different kinds': {
    data: parquetOf(good, 'compression zstd', "* replace ('soon' as scheduled_at)"),
    told: '"soon" in row 1, ',
  },
  'no rows': {
    data: parquetOf(good, 'compression zstd', '* replace (1 as delayed)').then(() => parquetOf(`${header}\n`)),
    told: 'expected at least 100 rows (data.checks.minRows), got 0',
  },
  LZ4: {
    data: parquetOf(good, 'compression lz4_raw'),
    told: /compressed with LZ4\w*, which is not read; write the file with snappy, zstd, gzip or brotli/,
  },
};

async function refusalOf({ data, definition = (text) => text, format = 'csv' }: BadDataset) {
  const world = await new ReleaseWorld().withModel(definitionText(definition));
  await world.deliver(await world.upload(`models/flight-delays/data/train.${format}`, await data));
  const error = await world.train(1).then(
    () => undefined,
    (caught) => caught,
  );
  const failure = {
    Error: error?.name ?? 'none',
    Cause: JSON.stringify({ errorType: error?.name, errorMessage: error?.message }),
  };
  const at = { model: 'flight-delays', release: 1 };
  await world.closeRelease({ ...at, outcome: 'Failed', step: 'Prepare Data', error: failure });
  const key = 'operations/flight-delays/releases/1/data-report.json';
  return {
    world,
    error,
    row: await world.ledger.getRelease(at.model, at.release),
    report: JSON.parse(await world.objects.readText({ bucket: ARTIFACTS, key })),
    mail: world.mailer.sent.at(-1)!,
  };
}

const all = Object.entries({ ...FILES, ...COLUMNS, ...CELLS, ...SETS }).concat(
  Object.entries(PARQUET).map(([name, bad]) => [
    `Parquet: ${name}`,
    { ...bad, format: 'parquet', definition: parquet },
  ]),
);

it.each(all)('%s is refused for its own reason, reported, kept, told, and never trained on', async (_name, bad) => {
  const { world, error, row, report, mail } = await refusalOf(bad);
  const expected = typeof bad.told === 'string' ? expect.stringContaining(bad.told) : expect.stringMatching(bad.told);
  expect(error).toMatchObject({ name: 'DatasetRefusedError', message: expected });
  expect(world.trained).toEqual([]);
  expect(row).toMatchObject({ status: 'Refused', outcome: { whose: 'your data', step: 'Prepare Data' } });
  expect(report).toMatchObject({
    schema: 'launchway/data-report/v1',
    verdict: 'Refused',
    quarantine: expect.stringMatching(/^s3:/),
  });
  expect(report.problems.join('\n')).toEqual(expected);
  expect(mail.to).toContain('owner@example.com');
  expect(mail.text).toContain('data-report.html');
  const told = mail.text.replace(/\s+/g, ' ');
  if (typeof bad.told === 'string') expect(told).toContain(bad.told.replace(/\s+/g, ' ').trim().slice(0, 60));
});

it('CRLF, mixed ends of lines, a byte order mark and a missing last one are no reason to refuse', async () => {
  for (const data of [
    csv(rows, header, '\r\n'),
    `\ufeff${good}`,
    good.trimEnd(),
    good.replace(/\n/g, (_, at) => (at % 2 ? '\r\n' : '\n')),
    good.replaceAll('\n', '\r'),
  ]) {
    const world = await new ReleaseWorld().withModel();
    await world.deliver(await world.upload('models/flight-delays/data/train.csv', data));
    await world.train(1);
    expect((await world.ledger.getRelease('flight-delays', 1)).steps.prepared).toMatchObject({
      trainRows: 240,
      holdoutRows: 60,
    });
  }
});

it('a cell is shown alone, on one line, cut short, and escaped', async () => {
  const secret = `<b>Jane Doe, born 1970-01-01\n${'x'.repeat(500)}</b>`;
  const { report, mail, world } = await refusalOf({ data: row8((row) => cell(row, 3, `"${secret}"`)), told: '' });
  expect(report.problems[0]).toMatch(
    /^row 8 \(line 9\): expected distance to be a number, got "<b>Jane Doe, born 1970-01-01�x{10,12}…"$/,
  );
  expect(JSON.stringify(report)).not.toContain('f7');
  const page = await world.objects.readText({
    bucket: ARTIFACTS,
    key: 'operations/flight-delays/releases/1/data-report.html',
  });
  expect(page).not.toContain('<b>Jane');
  expect(mail.html).not.toContain('<b>Jane');
});
