import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { formatOf, openTableFile } from '../../adapters/table-file.ts';
import { readModelDefinition } from '../../adapters/yaml-model-definition.ts';
import { draftDefinition, type InitWishes } from '../../cli/init/draft-definition.ts';
import { whoseModel } from '../../cli/init/whose-model.ts';
import { packSource } from '../../cli/pack-source.ts';
import { programsOf } from '../../cli/try/programs.ts';
import { tryModel } from '../../cli/try/try-model.ts';
import { gatesPass } from '../../domain/evaluation/gates-pass.ts';
import { csvRecords } from '../../domain/tabular/csv-records.ts';
import { surveyDataset } from '../../domain/tabular/survey-dataset.ts';
import { findPython } from '../../local/services/sagemaker/container/image.ts';
import { inFolder, parquetOf } from '../support/parquet-files.ts';
import { flights } from '../support/release-world.ts';
import { runCli } from '../support/run-cli.ts';

async function* bytesOf(text: string) {
  yield new TextEncoder().encode(text);
}
const wishes = { model: 'flight-delays', target: 'delayed', owner: 'dana@example.com', team: 'operations' };

const draft = (data: string, more: Partial<InitWishes> = {}) =>
  draftDefinition(csvRecords(bytesOf(data)), { ...wishes, ...more });
const passes = async (data: string, text: string) =>
  surveyDataset({ train: csvRecords(bytesOf(data)) }, readModelDefinition(text));
/** Flights whose last column is something else. */
const answering = (of: (i: number) => string | number, rows = 1200) => {
  const [header, ...lines] = flights(rows).trimEnd().split('\n');
  return `${[header, ...lines.map((line, i) => line.replace(/[^,]*$/, String(of(i))))].join('\n')}\n`;
};

describe('a drafted definition', () => {
  it('finds id, time, types and the rarer class, and its own dataset passes', async () => {
    const data = flights(1200);
    const { text, notes } = await draft(data);
    expect(readModelDefinition(text)).toMatchObject({
      problem: { type: 'binary-classification', target: 'delayed', positiveClass: '1' },
      columns: { id: 'flight_id', timestamp: 'scheduled_at' },
      features: [
        { name: 'carrier', type: 'categorical' },
        { name: 'distance', type: 'numeric' },
        { name: 'origin', type: 'categorical' },
      ],
    });
    expect(await passes(data, text)).toMatchObject({ rows: 1200 });
    expect(text).toContain('  - { name: distance, type: numeric }\n');
    expect(notes).toEqual([
      'delayed: binary-classification, the positive class is "1"',
      'flight_id: the id, which outcomes are joined on; it must stay the same for a row in every file',
      'scheduled_at: the time; the last fifth of the rows is held out',
    ]);
  });

  it('is the same for Parquet, and says that it is', async () => {
    const { text } = await inFolder(async (folder) => {
      const path = join(folder, 'flights.parquet');
      writeFileSync(path, await parquetOf(flights(1200)));
      return draftDefinition((await openTableFile(path))(), wishes, formatOf(path));
    });
    const { data, ...rest } = readModelDefinition(text);
    expect(data.format).toBe('parquet');
    const { data: _csv, ...same } = readModelDefinition((await draft(flights(1200))).text);
    expect(rest).toEqual(same);
  });

  it.each([
    [
      'several texts',
      (i: number) => ['low', 'high', 'none'][((i * 31) % 7) % 3]!,
      { type: 'multiclass-classification', classes: ['high', 'low', 'none'] },
    ],
    ['a few whole numbers', (i: number) => i % 4, { type: 'multiclass-classification', classes: ['0', '1', '2', '3'] }],
    ['many whole numbers', (i: number) => (i * 31) % 60, { type: 'regression' }],
    ['numbers with decimals', (i: number) => ((i * 31) % 7) / 2, { type: 'regression' }],
    [
      'two texts',
      (i: number) => ((i * 31) % 7 ? 'no' : 'yes'),
      { type: 'binary-classification', positiveClass: 'yes' },
    ],
  ])('takes %s for what they are', async (_name, of, problem) => {
    const data = answering(of);
    const { text } = await draft(data);
    expect(readModelDefinition(text).problem).toMatchObject(problem);
    await expect(passes(data, text)).resolves.toBeDefined();
  });

  it('leaves out what can be no feature, and loosens what this file would be refused for; both are said', async () => {
    const [header, ...rows] = flights(200).trimEnd().split('\n');
    const data = `${[
      `${header},empty,same,words,sparse`,
      ...rows.map((row, i) => `${row},,x,word ${i},${i % 4 ? '' : i}`),
    ].join('\n')}\n`;
    const { text, notes } = await draft(data);
    const definition = readModelDefinition(text);
    expect(definition.features.map(({ name }) => name)).toEqual(['carrier', 'distance', 'origin', 'sparse']);
    expect(definition).toMatchObject({
      columns: { others: 'ignore' },
      data: { checks: { minRows: 180, maxMissingFraction: 0.8 } },
    });
    expect(notes.slice(3)).toEqual([
      'empty: left out, since it is empty',
      'same: left out, since it has the same value in every row',
      'words: left out, since its 200 values in 200 rows look like an id',
      'data.checks.minRows: 180, looser than the default because of this file of 200 rows',
      'data.checks.maxMissingFraction: 0.8, looser than the default because of this file of 200 rows',
    ]);
    expect(text).toContain('#   words: its 200 values'.replace('  ', ''));
    await expect(passes(data, text)).resolves.toBeDefined();
  });

  it('is refused without an id, an answer, or rows', async () => {
    const rows = (row: (i: number) => string, header = 'a,delayed') =>
      `${[header, ...Array.from({ length: 40 }, (_, i) => row(i))].join('\n')}\n`;
    await expect(draft(rows((i) => `1,${i % 2}`))).rejects.toThrow('all different, to join answers on');
    await expect(draft(rows((i) => `${i / 7},${i % 2}`))).rejects.toThrow('all different, to join answers on');
    await expect(draft(rows((i) => `${i},1`))).rejects.toThrow('expected two answers in delayed, got 1');
    await expect(draft(rows((i) => `${i},${i % 3 ? i % 2 : ''}`))).rejects.toThrow('got 14 of 40 rows without delayed');
    await expect(draft(rows((i) => `${i},x${i}`))).rejects.toThrow('expected a column that is a feature, got none');
    await expect(
      draft(
        rows((i) => `${i},x${i}`),
        { problem: 'regression' },
      ),
    ).rejects.toThrow('expected numbers in delayed');
    await expect(
      draft(
        rows((i) => `${i},${i}`),
        { positiveClass: '1' },
      ),
    ).rejects.toThrow('an answer of two classes only');
    await expect(draft(rows((i) => `${i},${i},${i % 2}`, 'a,a,delayed'))).rejects.toThrow('got "a" twice');
    await expect(draft(flights(10))).rejects.toThrow('expected at least 20 rows, got 10');
    await expect(draft(flights(30), { target: 'late' })).rejects.toThrow('expected a column late');
    await expect(draft(flights(30), { model: 'No' })).rejects.toThrow('expected a name');
  });
});

describe('whose model it is', () => {
  const deployed = {
    teams: {
      lending: { members: ['lee'], images: [], instanceTypes: [] },
      operations: { members: ['dana'], images: [], instanceTypes: [] },
    },
    people: { dana: { name: 'Dana', email: 'Dana@example.com', principals: [] } },
  };
  const whose = (given: object, folder: string, git?: string) =>
    whoseModel(given, folder, '/data/flight_delays.csv', deployed, () => git);

  it('is found from the address that git has, and named after the folder or the file', () => {
    expect(whose({}, '/home/me/Late Flights 2026', 'dana@example.com')).toEqual({
      model: 'late-flights-2026',
      team: 'operations',
      owner: 'dana@example.com',
      notes: ['model: late-flights-2026, after the folder', 'owner: dana@example.com, as git has it'],
    });
    expect(whose({ team: 'operations' }, '/tmp/data', 'x@example.com').model).toBe('flight-delays');
  });

  it('says what it guessed, and asks where it cannot', () => {
    expect(whose({ model: 'm1' }, '.', 'x@example.com').notes).toContain(
      'team: lending is a guess (of lending, operations): nobody of a team has the address x@example.com',
    );
    expect(() => whose({}, '.')).toThrow('expected --owner');
    expect(() => whose({ owner: 'a@b.example', team: 'none' }, '.')).toThrow(
      'expected --team to be one of lending, operations',
    );
  });
});

const python = await findPython('sklearn');
const onPython = python ? it : it.skip;

describe('launchway init', () => {
  const given = (file: string, target: string) => ['--from', file, '--target', target, '--owner', 'dana@example.com'];
  const run = (...args: string[]) => runCli(args, { stateDir: '/nowhere' });
  /** A table whose answer follows its features; `told` is the answer itself, known too late. */
  const table = (answer: (x: number, group: string) => string | number) => {
    const lines = Array.from({ length: 1500 }, (_, i) => {
      const [x, group] = [((i * 7919) % 1009) / 100, 'abc'[(i * 31) % 3]!];
      const y = answer(x + ((i * 104729) % 617) / 80, group);
      return `k${i},${x},${group},${y},${y}`;
    });
    return `key,x,group,y,told\n${lines.join('\n')}\n`;
  };

  it('writes a folder that check accepts, without what holds the answer', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'calls.csv');
      writeFileSync(
        file,
        table((x) => (x > 11 ? 'yes' : 'no')),
      );
      const { code, stdout, stderr } = await run('init', join(folder, 'm1'), ...given(file, 'y'), '--json');
      expect([code, stderr]).toEqual([0, '']);
      expect(JSON.parse(stdout).findings).toEqual([]);
      expect(JSON.parse(stdout).notes).toContainEqual(expect.stringMatching(/^told: left out, since it alone tells y/));
      expect(readFileSync(join(folder, 'm1', 'README.md'), 'utf8')).toContain('launchway try . --data ../calls.csv');
      expect(readModelDefinition(readFileSync(join(folder, 'm1', 'model.yaml'), 'utf8'))).toMatchObject({
        model: 'm1',
        problem: { positiveClass: 'yes' },
      });
    }));

  onPython.each([
    ['two classes', 'auc', (x: number) => (x > 7 ? 'yes' : 'no')],
    ['several', 'aucMacro', (x: number, group: string) => (x > 9 ? 'high' : group === 'a' ? 'low' : 'mid')],
    ['numbers', 'r2', (x: number, group: string) => (x * (group === 'b' ? 2 : 1)).toFixed(2)],
  ])(
    'drafts a program that is trained, served and scored, for %s',
    async (_kind, metric, answer) => {
      const tried = await inFolder(async (folder) => {
        const file = join(folder, 'train.csv');
        writeFileSync(file, table(answer));
        const { text } = await draft(table(answer), { target: 'y', leaveOut: new Map([['told', 'the answer']]) });
        const definition = readModelDefinition(text);
        mkdirSync(join(folder, 'src'));
        cpSync(resolve('cli/init/train.py'), join(folder, 'src', 'train.py'));
        const programs = await programsOf(definition, folder, {});
        const source = await packSource(join(folder, 'src'));
        const files = [{ role: 'train' as const, name: 'train.csv', path: file }];
        const quiet = { step: () => {}, output: () => {}, checked: () => {} };
        return tryModel({ definition, files, programs, source, rows: 800 }, quiet);
      });
      expect(gatesPass(tried.evaluation.gates)).toBe(true);
      expect(tried.evaluation.candidate.metrics[metric]).toBeGreaterThan(0.7);
    },
    120_000,
  );

  it('drafts scikit-learn alone, says what to do for others, and overwrites nothing', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'flights.csv');
      writeFileSync(file, flights(1200));
      const flags = given(file, 'delayed');
      const xgboost = await run('init', join(folder, 'a'), ...flags, '--framework', 'xgboost');
      expect(xgboost.stderr).toMatch(/expected --framework sklearn.*got xgboost.*training\.framework to xgboost-1\.7/);
      expect(readdirSync(folder)).toEqual(['flights.csv']);
      mkdirSync(join(folder, 'b'));
      writeFileSync(join(folder, 'b', 'README.md'), 'mine');
      expect((await run('init', join(folder, 'b'), ...flags)).stderr).toContain('init overwrites nothing');
      expect(readdirSync(join(folder, 'b'))).toEqual(['README.md']);
    }));
});
