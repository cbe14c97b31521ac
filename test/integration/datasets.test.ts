import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { ReleaseRow } from '../../domain/release.ts';
import { definitionOf, januaryFlights, ModelRoom } from '../support/model-room.ts';
import { parquetOf } from '../support/parquet-files.ts';
import { runCli } from '../support/run-cli.ts';

let room: ModelRoom;
const folder = mkdtempSync(join(tmpdir(), 'launchway-datasets-'));

beforeAll(async () => {
  room = await ModelRoom.open();
  const [header, ...rows] = januaryFlights(3000).trimEnd().split('\n');
  const part = (from: number, to: number) => parquetOf(`${[header, ...rows.slice(from, to)].join('\n')}\n`);
  const data = join(folder, 'data');
  mkdirSync(data);
  writeFileSync(join(data, 'part-0.parquet'), await part(0, 1500));
  writeFileSync(join(data, 'part-1.parquet'), await part(1500, 2400));
  writeFileSync(join(data, 'test.parquet'), await part(2400, 3000));
  const more = 'data: { format: parquet, test: { split: file } }';
  writeFileSync(join(folder, 'model.yaml'), definitionOf('in-parts', { more }));
}, 120_000);

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await room?.cloud.remove();
});

const launchway = async (...args: string[]) => {
  const { code, stdout, stderr } = await runCli([...args, '--json'], { stateDir: room.cloud.stateDir });
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
};
const ended = (release: number, status: ReleaseRow['status']) =>
  room.until(`release ${release} to be ${status}`, async () => {
    const row = await room.connection.lineage.getRelease('in-parts', release);
    if (row.status === 'Failed' || row.status === 'Refused') throw new Error(row.outcome?.message);
    return row.status === status && row;
  });

it('a folder of Parquet parts with a test file of its own is trained, validated, and put forward without training again', async () => {
  const { release, uploads } = await launchway('train', folder, '--data', join(folder, 'data'));
  expect(uploads.at(-1)).toMatch(/\/experiments\/[^/]+\/_READY$/);
  const experiment = await ended(release, 'Validated');
  expect(experiment.steps.prepared).toMatchObject({ trainRows: 2400, holdoutRows: 600, split: { kind: 'file' } });
  expect(experiment.steps.dataset).toMatchObject({ files: 3 });

  const image = resolve('test/support/flawed-image');
  const tried = await launchway('try', '--release', `in-parts/${release}`, '--image', image, '--rows', '100000');
  expect(tried).toMatchObject({ model: 'in-parts', tried: { trainRows: 2400, holdoutRows: 600 } });
  expect(tried.evaluation.metrics.auc).toBeCloseTo(experiment.steps.evaluation!.metrics.auc!, 12);

  const proposed = await launchway('propose', `in-parts/${release}`);
  const asked = await ended(proposed.release, 'AwaitingApproval');
  expect(asked.steps.dataset!.object.sha256).toBe(experiment.steps.dataset!.object.sha256);
  expect(asked.steps.training).toMatchObject({ reusedFrom: release, costUsd: 0 });
  expect(room.cloud.cloud.iam.denials).toEqual([]);
}, 180_000);
