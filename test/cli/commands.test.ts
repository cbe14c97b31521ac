import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { approveByMail } from '../../cli/demo/approve-by-mail.ts';
import type { RoleUse } from '../../local/iam/usage.ts';
import { definitionOf, januaryFlights, ModelRoom } from '../support/model-room.ts';
import { type CliRun, runCli } from '../support/run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'launchway-commands-'));
let room: ModelRoom;
const launchway = (...args: string[]): Promise<CliRun> => runCli(args, { stateDir: room.cloud.stateDir });
/** A command that succeeds with one JSON document. */
const launchwayJson = async (...args: string[]) => {
  const { code, stdout, stderr } = await launchway(...args, '--json');
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
};

beforeAll(async () => {
  writeFileSync(join(folder, 'model.yaml'), definitionOf('by-hand', {}));
  writeFileSync(join(folder, 'train.csv'), januaryFlights());
  room = await ModelRoom.open();
}, 120_000);

afterAll(async () => {
  await room?.cloud.remove();
  rmSync(folder, { recursive: true });
});

describe('launchway check', () => {
  it('prints every default of a good definition', async () => {
    const { code, stdout } = await launchway('check', folder);
    expect(code).toBe(0);
    expect(stdout).toMatch(/is acceptable/);
    expect(stdout).toMatch(/monitoring\.windowHours: 24/);
    expect(stdout).toMatch(/^Serving: \d+\.\d\d USD a month \(\d × ml\.m5\.large, always on\)/m);
    expect(stdout).toMatch(/^A release: training at most \d+\.\d\d USD/m);
    expect(await launchwayJson('check', folder)).toMatchObject({
      model: 'by-hand',
      approval: { require: { 'model-risk': 1 } },
    });
  });

  it('names line and column of what is wrong, and fails', async () => {
    const file = join(folder, 'bad.yaml');
    writeFileSync(file, definitionOf('by-hand', {}).replace('tier: standard', 'tier: standart'));
    const { code, stdout, stderr } = await launchway('check', file);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/:6:7 unknown tier "standart"; did you mean "standard"\?/);
    expect(stderr).not.toMatch(/ at .*\.ts:/);
  });

  it('says that there is no file', async () => {
    expect(await launchway('check', join(folder, 'none'))).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^launchway: expected a model\.yaml, got no file .*\n$/),
    });
  });
});

describe('a release from the shell', () => {
  it('is submitted, watched, approved, and explained', async () => {
    const submitted = await launchwayJson('submit', folder, '--data', join(folder, 'train.csv'));
    expect(submitted).toMatchObject({ model: 'by-hand', release: 1 });
    const [release] = await room.connection.lineage.listReleases('by-hand');
    const upload = { versionId: release!.inputs.dataset.versionId! };
    await room.release('by-hand', upload, 'AwaitingApproval');

    const waiting = await launchway('status', 'by-hand');
    expect(waiting.stdout).toMatch(/AwaitingApproval/);
    const watching = launchway('status', 'by-hand', '--watch');
    await approveByMail(room.cloud.url, 'ada@example.com', 'from the shell');
    await room.release('by-hand', upload, 'Deployed');
    const watched = await watching;
    expect(watched.code).toBe(0);
    expect(watched.stdout).toMatch(
      /Train Model › Plan Training[\s\S]*Deploy Model › Serve Version[\s\S]*Deployed: version 1 serves/,
    );

    const status = await launchwayJson('status', 'by-hand');
    expect(status).toMatchObject({
      model: { champion: { version: 1 } },
      releases: [{ release: 1, status: 'Deployed' }],
    });
    expect((await launchway('logs', 'by-hand/1')).stdout).toMatch(/training with flaw none/);
    const lineage = await launchway('lineage', 'by-hand/1');
    expect(lineage.stdout).toMatch(/approved +ada-approver at/);
    expect(await launchwayJson('lineage', 'by-hand/1')).toMatchObject({ version: { status: 'Deployed' } });

    const file = join(folder, 'report.html');
    expect(await launchwayJson('report', 'by-hand/1', '--out', file)).toMatchObject({
      version: 1,
      verdict: 'passed',
      file,
    });
    const page = readFileSync(file, 'utf8');
    expect(page).toMatch(/<h1>by-hand version 1: passes/);
    expect((await launchway('report', 'by-hand/1', '--out', '-')).stdout).toBe(page);
  }, 180_000);

  it('is trained again on its pinned inputs, asks nobody, and comes out the same', async () => {
    const running = launchway('reproduce', 'by-hand/1');
    await room.until('the reproduction to end', async () => {
      const again = (await room.connection.lineage.listReleases('by-hand')).find(({ reproduces }) => reproduces === 1);
      return again?.status === 'Validated';
    });
    const { code, stdout, stderr } = await running;
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/by-hand\/1 and 2: equal: the same model came out/);
    expect(await launchwayJson('reproduce', 'by-hand/1', '--against', '2')).toMatchObject({
      again: 2,
      verdict: 'equal',
    });
    expect(await launchway('reproduce', 'by-hand/2', '--against', '1')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('expected a release that trained by-hand/2 again, got by-hand/1'),
    });
  }, 180_000);

  it('says how good a version was by what came true, and how to tell it', async () => {
    const none = { model: 'by-hand', version: 1, windows: [], files: [], worth: [] };
    expect(await launchwayJson('quality', 'by-hand', '--of', '1')).toEqual(none);
    expect((await launchway('quality', 'by-hand', '--of', '1')).stdout).toMatch(/models\/by-hand\/labels\//);
  });

  it.each([
    [['status', 'nobody'], /nobody/],
    [['quality', 'by-hand', '--days', 'few'], /expected --days as a whole number from 1, got "few"/],
    [['logs', 'by-hand'], /expected model\/release such as/],
    [['lineage', 'by-hand/99'], /99/],
    [['report', 'by-hand/99'], /99/],
    [['report', 'by-hand/1', '--json', '--out', '-'], /expected --json or --out -, got both/],
    [['submit', folder, '--data', '/no/such.csv'], /expected a dataset to train on, got no file/],
    [['submit', folder, '--data', join(folder, 'model.yaml')], /model\.yaml was refused: data is read as CSV/],
    [['local', 'advance', 'soon'], /expected a duration such as/],
    [['frobnicate'], /unknown command 'frobnicate'/],
  ])('%j is answered by one clear line', async (args, why) => {
    const { code, stdout, stderr } = await launchway(...args);
    expect(code).not.toBe(0);
    expect(stdout).toBe('');
    expect(stderr).toMatch(why);
    expect(stderr).not.toMatch(/\n {4}at /);
  });
});

describe('an image from the shell', () => {
  it('is built of a folder without Docker, once, and then trains and serves', async () => {
    const build = ['build-image', resolve('test/support/flawed-image'), '--team', 'operations', '--model', 'built'];
    const built = await launchwayJson(...build);
    expect(built).toMatchObject({
      image: expect.stringMatching(/^launchway-local\/operations:built-[0-9a-f]{12}$/),
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      isNew: true,
    });
    expect(await launchwayJson(...build)).toEqual({ ...built, isNew: false });
    await room.define('built', { image: built.image });
    const { steps } = await room.release('built', await room.upload('built'), 'AwaitingApproval');
    expect(steps.training!.image).toContain(built.digest);
  }, 180_000);

  it('is not built of a folder without a Dockerfile, or for nobody', async () => {
    const refused = async (...args: string[]) => (await launchway('build-image', ...args)).stderr;
    expect(await refused(folder, '--team', 'operations', '--model', 'm1')).toMatch(/expected a Dockerfile in/);
    expect(await refused(folder, '--team', 'nobody', '--model', 'm1')).toMatch(
      /expected --team to be operations or lending/,
    );
  });
});

describe('the local cloud from the shell', () => {
  it('moves its clock', async () => {
    const before = room.cloud.cloud.clock.date().getTime();
    expect(await launchwayJson('local', 'advance', '2h')).toMatchObject({ fired: expect.any(Number) });
    expect(room.cloud.cloud.clock.date().getTime() - before).toBeGreaterThanOrEqual(7_200_000);
  });

  it('lists per role what was granted and used', async () => {
    const roles = (await launchwayJson('local', 'permissions')) as RoleUse[];
    const train = roles.find(({ role }) => role === 'launchway-local-operations-train')!;
    expect(train.permissions).toContainEqual(expect.objectContaining({ action: 's3:GetObject', used: true }));
    expect((await launchway('local', 'permissions')).stdout).toMatch(/used +s3:GetObject/);
  });
});
