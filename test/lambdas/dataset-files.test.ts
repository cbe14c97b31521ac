import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { parquetOf } from '../support/parquet-files.ts';
import { APPROVED, ARTIFACTS, definitionText, flights, INTAKE, ReleaseWorld } from '../support/release-world.ts';

const FOLDER = 'models/flight-delays/data/2001-01-31';
const AT = { model: 'flight-delays', release: 1 };
type Body = string | Uint8Array;

const sha256 = (body: Body) => createHash('sha256').update(body).digest('hex');
const listOf = (files: Readonly<Record<string, Body>>) =>
  Object.entries(files)
    .map(([name, body]) => `${sha256(body)}  ${name}\n`)
    .join('');

const rows = flights(1000).trimEnd().split('\n');
const slice = (from: number, to: number) => `${[rows[0], ...rows.slice(from + 1, to + 1)].join('\n')}\n`;
const parts = { 'part-0.csv': slice(0, 400), 'part-1.csv': slice(400, 401), 'part-2.csv': slice(401, 1000) };

let world: ReleaseWorld;
beforeEach(async () => {
  world = await new ReleaseWorld().withModel();
});

const put = async (files: Readonly<Record<string, Body>>, folder = FOLDER) => {
  for (const [name, body] of Object.entries(files)) await world.deliver(await world.upload(`${folder}/${name}`, body));
};
const refusals = () => [...world.ledger.refusals.values()];
const prepared = async (release = 1) => {
  const { steps } = await world.ledger.getRelease('flight-delays', release);
  const folder = steps.prepared!.uri.replace(`s3://${APPROVED}/`, '');
  const read = (name: string) => world.objects.readText({ bucket: APPROVED, key: `${folder}/${name}` });
  return {
    steps,
    train: await read('train/train.csv'),
    features: await read('holdout/features.csv'),
    labels: await read('holdout/labels.csv'),
  };
};
const report = async (release = 1) =>
  JSON.parse(
    await world.objects.readText({
      bucket: ARTIFACTS,
      key: `operations/flight-delays/releases/${release}/data-report.json`,
    }),
  );

describe('a dataset of several files', () => {
  it('starts nothing until _READY is there, and is then one dataset with one digest', async () => {
    await put(parts);
    expect(world.started).toEqual([]);
    expect(refusals()).toEqual([]);
    await put({ _READY: listOf(parts) });
    expect(world.started).toHaveLength(1);

    await world.train(1);
    const several = await prepared();
    expect(several.steps.dataset).toMatchObject({
      files: 3,
      object: { key: expect.stringMatching(/^operations\/flight-delays\/datasets\/[0-9a-f]{64}\/dataset\.json$/) },
    });
    const one = await new ReleaseWorld().withModel();
    await one.deliver(await one.upload(`${FOLDER}/train.csv`, flights(1000)));
    await one.train(1);
    const { steps } = await one.ledger.getRelease('flight-delays', 1);
    expect(several.steps.prepared).toMatchObject({ trainRows: 800, holdoutRows: 200 });
    expect(several.steps.prepared!.holdoutSha256).toBe(steps.prepared!.holdoutSha256);
  });

  it('has its rows in the order of the list', async () => {
    const { 'part-0.csv': first, ...others } = parts;
    await put({ ...parts, _READY: listOf({ ...others, 'part-0.csv': first }) });
    await world.train(1);
    expect((await prepared()).labels.split('\n')[1]).toMatch(/^f800,/);
    expect((await prepared()).train.split('\n')[1]).toBe(rows[401]!.split(',').slice(3).join(','));
  });

  it('keeps its digest under another folder, and has another one where a part, a name or the order changes', async () => {
    const digestOf = async (files: Readonly<Record<string, Body>>, folder: string) => {
      const other = await new ReleaseWorld().withModel();
      for (const [name, body] of Object.entries({ ...files, _READY: listOf(files) }))
        await other.deliver(await other.upload(`${folder}/${name}`, body));
      const { executionName } = await other.ledger.getRelease('flight-delays', 1);
      await other.openRelease({ ...AT, executionName });
      return (await other.sealDataset(AT)).sha256;
    };
    const [a, b, c] = Object.values(parts) as [string, string, string];
    const digest = await digestOf(parts, FOLDER);
    expect(await digestOf(parts, 'models/flight-delays/data/elsewhere')).toBe(digest);
    const others: Readonly<Record<string, Body>>[] = [
      { 'part-0.csv': a, 'part-1.csv': b, 'part-2.csv': `${c}f1000${rows[1]!.slice(2)}\n` },
      { 'part-0.csv': a, 'part-1.csv': b, 'part-3.csv': c },
      { 'part-2.csv': c, 'part-0.csv': a, 'part-1.csv': b },
    ];
    const digests = await Promise.all(others.map((files) => digestOf(files, FOLDER)));
    expect(new Set([digest, ...digests]).size).toBe(4);
  });

  it('is refused at once where a listed part is missing, with its name', async () => {
    const { 'part-1.csv': _gone, ...others } = parts;
    await put({ ...others, _READY: listOf(parts) });
    expect(world.started).toEqual([]);
    expect(refusals()[0]!.problems).toEqual([`_READY lists part-1.csv, and it is not in ${FOLDER}/`]);
    expect(world.mailer.sent.at(-1)!.text.replace(/\s+/g, ' ')).toContain('_READY lists part-1.csv');
  });

  it.each([
    [
      'changed before _READY',
      async (): Promise<void> => put({ ...parts, 'part-1.csv': slice(7, 8), _READY: listOf(parts) }),
    ],
    [
      'uploaded half',
      async (): Promise<void> => put({ ...parts, 'part-1.csv': slice(400, 401).slice(0, -9), _READY: listOf(parts) }),
    ],
  ])('is refused where a part was %s, with its name, and nothing is trained', async (_what, upload) => {
    await upload();
    await expect(world.train(1)).rejects.toMatchObject({
      name: 'DatasetRefusedError',
      message: expect.stringContaining('part-1.csv is not the file that its list names: expected sha256'),
    });
    expect(world.trained).toEqual([]);
    expect(await report()).toMatchObject({ verdict: 'Refused', problems: [expect.stringContaining('part-1.csv')] });
    expect((await report()).quarantine).toMatch(new RegExp(`^s3://${INTAKE}/${FOLDER}/_READY\\?versionId=`));
  });

  it('is what it was when _READY came, whatever is uploaded under the same names later', async () => {
    await put({ ...parts, _READY: listOf(parts) });
    await put({ 'part-1.csv': 'another dataset is on its way' });
    await world.train(1);
    expect((await prepared()).steps.prepared).toMatchObject({ trainRows: 800 });
    expect(world.started).toHaveLength(1);
  });

  it('is refused where the parts have other columns, naming the part and the column', async () => {
    const other = { ...parts, 'part-1.csv': parts['part-1.csv'].replace('origin', 'from') };
    await put({ ...other, _READY: listOf(other) });
    await expect(world.train(1)).rejects.toMatchObject({
      name: 'DatasetRefusedError',
      message:
        'part-1.csv: expected the columns of part-0.csv in the same order, got "from" instead of "origin" in column 5',
    });
    const kept = world.objects.keys(ARTIFACTS).filter((key) => key.includes('/quarantine/'));
    expect(kept).toEqual(Object.keys(parts).map((name) => `operations/flight-delays/quarantine/release-1/${name}`));
  });

  it('names part, row and line of a cell that is wrong', async () => {
    const other = { ...parts, 'part-2.csv': parts['part-2.csv'].replace(/,\d+,ORD,/, ',far,ORD,') };
    await put({ ...other, _READY: listOf(other) });
    await expect(world.train(1)).rejects.toThrow(
      'part-2.csv row 1 (line 2): expected distance to be a number, got "far"',
    );
  });

  it('may be Parquet', async () => {
    const definition = definitionText((text) => text.replace('data: {', 'data: { format: parquet,'));
    await world.deliver(await world.upload('models/flight-delays/model.yaml', definition));
    const files = {
      'part-0.parquet': await parquetOf(slice(0, 400)),
      'part-1.parquet': await parquetOf(slice(400, 1000)),
    };
    await put({ ...files, _READY: listOf(files) });
    await world.train(1);
    expect((await prepared()).steps.prepared).toMatchObject({ trainRows: 800, holdoutRows: 200 });
  });

  it('waits as one where a release runs, pinned', async () => {
    await put({ 'first.csv': flights(1000) });
    await put({ ...parts, _READY: listOf(parts) });
    expect((await world.ledger.getModel('flight-delays')).queued).toMatchObject({
      dataset: { key: `${FOLDER}/_READY` },
      files: { key: expect.stringMatching(/^operations\/flight-delays\/uploads\/[0-9a-f]{64}\/files\.json$/) },
    });
  });
});

describe('a test file of the user’s own', () => {
  const byFile = definitionText((text) => text.replace('data: {', 'data: { test: { split: file },'));
  const train = slice(0, 800);
  const test = slice(800, 1000);

  beforeEach(async () => {
    await world.deliver(await world.upload('models/flight-delays/model.yaml', byFile));
  });

  it('is the hold-out, whole, and its digest is recorded', async () => {
    await put({ 'test.csv': test, 'train.csv': train });
    await world.train(1);
    const { steps, labels, train: trained } = await prepared();
    expect(steps.prepared).toMatchObject({
      trainRows: 800,
      holdoutRows: 200,
      split: { kind: 'file', fraction: 0.2, sha256: sha256(test) },
    });
    expect(labels.split('\n').slice(1, 3)).toEqual(
      rows.slice(801, 803).map((row) => `${row.split(',')[0]},${row.split(',')[5]},${row.split(',')[2]}`),
    );
    expect(trained.trimEnd().split('\n')).toHaveLength(801);
    expect(await report()).toMatchObject({ verdict: 'Accepted', rows: 800, testRows: 200 });
  });

  it('may have its columns in another order', async () => {
    const swapped = test.replace(/^([^,]*),([^,]*),(.*)$/gm, '$3,$1,$2');
    await put({ 'test.csv': swapped, 'train.csv': train });
    await world.train(1);
    const other = await prepared();
    expect(other.features.split('\n')[0]).toBe(rows[801]!.split(',').slice(3, 5).join(','));
    expect(other.labels.split('\n')[1]).toMatch(/^f800,/);
  });

  it('is listed in _READY beside parts', async () => {
    const files = { 'part-0.csv': slice(0, 300), 'part-1.csv': slice(300, 800), 'test.csv': test };
    await put({ ...files, _READY: listOf(files) });
    await world.train(1);
    expect((await prepared()).steps.prepared).toMatchObject({ trainRows: 800, holdoutRows: 200 });
  });

  it('is asked for at once where it is missing', async () => {
    await put({ 'train.csv': train });
    expect(refusals()[0]!.message).toBe(
      `data.test.split is file, and there is no ${FOLDER}/test.csv: upload it first, then this file again`,
    );
    const files = { 'part-0.csv': train };
    await put({ ...files, _READY: listOf(files) });
    await expect(world.train(1)).rejects.toThrow('the dataset has no test file');
  });

  const changed = (text: string, change: (row: string, i: number) => string) =>
    `${text
      .trimEnd()
      .split('\n')
      .map((row, i) => (i === 0 ? row : change(row, i - 1)))
      .join('\n')}\n`;

  it.each([
    ['lacks a column', test.replace('origin', 'from'), 'test.csv: column "origin" is missing'],
    [
      'has a column without a role',
      changed(test.replace('delayed', 'delayed,more'), (row) => `${row},1`),
      'test.csv: column "more" has no role',
    ],
    [
      'holds text for a number',
      test.replace(/,\d+,ORD,/, ',far,ORD,'),
      /test\.csv row \d+ \(line \d+\): expected distance to be a number, got "far"/,
    ],
    [
      'has an id of a training row',
      test.replace('f800,', 'f17,'),
      'row 18 (line 19): expected flight_id to be in the training data or in the test file, got "f17" in both',
    ],
    [
      'repeats training rows under new ids',
      changed(test, (row, i) => (i < 50 ? rows[i + 1]!.replace(/^f/, 'copy') : row)),
      /test file: 50 of 200 different rows \(25\.0 %\) are in the training data too, in everything but their id \(there row 1 \(line 2\), row 2 \(line 3\), row 3 \(line 4\), …\); at most 1 % are allowed \(data\.checks\.maxTestOverlapFraction\)/,
    ],
    ['has a label of its own', test.replace(/1$/m, '2'), 'test file: no row to train on has target delayed = "2"'],
    [
      'has one class',
      test.replace(/[01]$/gm, '1'),
      'the hold-out file has 200 rows, all with delayed = "1"; both sides need two classes',
      'HoldOutOneClassError',
    ],
    ['lacks many values', test.replaceAll(',JFK,', ',,'), /test file: origin is missing in 3\d\.\d % of rows/],
    ['is empty but for its header', `${rows[0]}\n`, 'the hold-out file has 0 rows'],
    ['is empty', '', 'expected data in test.csv, got an empty file'],
    ['is no text', Uint8Array.from([0xff, 0xfe, 0x61, 0]), /test\.csv: expected .*UTF-16/],
  ])('that %s is refused, and nothing is trained', async (_what, body, message, name = 'DatasetRefusedError') => {
    await put({ 'test.csv': body, 'train.csv': train });
    await expect(world.train(1)).rejects.toMatchObject({
      name,
      message: typeof message === 'string' ? expect.stringContaining(message) : expect.stringMatching(message),
    });
    expect(world.trained).toEqual([]);
    expect(await report()).toMatchObject({ verdict: 'Refused' });
  });

  it('with a few rows that were trained on is a finding', async () => {
    const copied = changed(test, (row, i) => (i < 2 ? rows[i + 1]!.replace(/^f/, 'copy') : row));
    await put({ 'test.csv': copied, 'train.csv': train });
    await world.train(1);
    expect((await prepared()).steps.prepared!.findings).toContainEqual(
      expect.stringContaining('2 of 200 different rows (1.0 %) are in the training data too'),
    );
  });

  it('is refused for a model that holds out rows in another way, rather than ignored', async () => {
    const other = await new ReleaseWorld().withModel();
    await other.deliver(await other.upload(`${FOLDER}/test.csv`, test));
    expect([...other.ledger.refusals.values()][0]!.message).toContain('this model splits by time');
  });
});
