import { describe, expect, it } from '@jest/globals';
import { parseReadyList } from '../../../domain/intake/ready-list.ts';
import { classifyUpload } from '../../../domain/intake/upload-key.ts';

const SHA = 'a'.repeat(64);

describe('_READY', () => {
  it('is what sha256sum writes, in the order of the rows', () => {
    expect(parseReadyList(`${SHA}  part-b.csv\r\n${SHA.toUpperCase()} *part-a.csv\n\n${SHA}  test.csv\n`)).toEqual({
      files: [
        { role: 'train', name: 'part-b.csv', sha256: SHA },
        { role: 'train', name: 'part-a.csv', sha256: SHA },
        { role: 'test', name: 'test.csv', sha256: SHA },
      ],
      problems: [],
    });
  });

  it.each([
    ['nothing', '', '_READY: it lists nothing; expected a line per file as sha256sum writes it'],
    ['JSON', '{"files": []}', '_READY:1 got "{"files": []}"; expected a line per file'],
    ['a short digest', 'abc  part-0.csv', '_READY:1 got "abc  part-0.csv"'],
    ['a path', `${SHA}  ../other/part-0.csv`, '_READY:1 expected a name of letters'],
    ['a folder', `${SHA}  day/part-0.csv`, 'without a folder, got "day/part-0.csv"'],
    ['another name', `${SHA}  train.csv`, '_READY:1 expected part-*.csv, part-*.parquet or test.csv, got "train.csv"'],
    ['a file twice', `${SHA}  part-0.csv\n${SHA}  part-0.csv`, '_READY:2 "part-0.csv" is there twice'],
    [
      'two formats',
      `${SHA}  part-0.csv\n${SHA}  part-1.parquet`,
      'expected files of one format, got .csv and .parquet',
    ],
    ['a test file alone', `${SHA}  test.csv`, 'it lists no part-* to train on'],
    [
      'too many',
      Array.from({ length: 1001 }, (_, i) => `${SHA}  part-${i}.csv`).join('\n'),
      'expected at most 1000 files, got 1001',
    ],
  ])('is refused with %s', (_what, text, problem) => {
    expect(parseReadyList(text).problems[0]).toContain(problem);
  });
});

describe('an upload', () => {
  it.each([
    ['models/m1/data/train.csv', 'data'],
    ['models/m1/data/2026-11-21/anything.parquet', 'data'],
    ['models/m1/data/2026-11-21/_READY', 'data'],
    ['models/m1/experiments/a/_READY', 'data'],
    ['models/m1/data/2026-11-21/part-00000.csv', 'part'],
    ['models/m1/data/2026-11-21/part-00000-4f1c.snappy.parquet', 'part'],
    ['models/m1/data/2026-11-21/test.csv', 'test'],
    ['models/m1/data/test.parquet', 'test'],
    ['models/m1/data/contest.csv', 'data'],
    ['models/m1/data/2026-11-21/_SUCCESS', 'unknown'],
    ['models/m1/_READY', 'unknown'],
    ['models/m1/data/.csv', 'unknown'],
  ])('to %s is %s', (key, kind) => {
    expect(classifyUpload(key).kind).toBe(kind);
  });
});
