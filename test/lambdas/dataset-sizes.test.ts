import { expect, it } from '@jest/globals';
import { baselineFromJson } from '../../domain/drift/profile-json.ts';
import { OWN_TEST_FILE } from '../../domain/tabular/size-limits.ts';
import { profileBaseline } from '../../lambdas/profile-baseline/profile-baseline.ts';
import { definitionReader } from '../../lambdas/shared/read-definition.ts';
import { config, definitionText, flights, INTAKE, ReleaseWorld } from '../support/release-world.ts';

const AT = { model: 'flight-delays', release: 1 };
const KEY = 'models/flight-delays/data/train.csv';

/** A world whose store says that uploads are this large; no test writes gigabytes. */
async function withUploadsOf(bytes: number, split: string): Promise<ReleaseWorld> {
  const definition = definitionText((text) => text.replace('data: {', `data: { test: { split: ${split} },`));
  const world = await new ReleaseWorld().withModel(definition);
  const head = world.objects.head.bind(world.objects);
  world.objects.head = async (object) => {
    const found = await head(object);
    return found && object.bucket === INTAKE && object.key.endsWith('.csv') ? { ...found, bytes } : found;
  };
  if (split === 'file')
    await world.deliver(await world.upload('models/flight-delays/data/test.csv', flights(200, 1000)));
  await world.deliver(await world.upload(KEY, flights(1000)));
  return world;
}

it.each([
  [6e9, 'time', /^expected at most 5 GB in models\/flight-delays\/data\/train\.csv, got 6 GB$/],
  [3e9, 'file', /^expected at most 5 GB in all files together, got 6 GB; train on a sample$/],
])('a dataset of %d bytes with a split by %s is refused before it is read', async (bytes, split, message) => {
  const world = await withUploadsOf(bytes, split);
  await expect(world.train(1)).rejects.toMatchObject({
    name: 'DatasetRefusedError',
    message: expect.stringMatching(message),
  });
});

it('a dataset too large for its split is told of a test file of its own', async () => {
  const world = await new ReleaseWorld().withModel();
  await world.deliver(await world.upload(KEY, flights(1000)));
  await world.openRelease({ ...AT, executionName: (await world.ledger.getRelease(AT.model, 1)).executionName });
  await world.sealDataset(AT);
  const row = await world.ledger.getRelease(AT.model, 1);
  const dataset = { ...row.steps.dataset!, bytes: 3e9 };
  world.ledger.releases.set('flight-delays/1', { ...row, steps: { ...row.steps, dataset } });
  await expect(world.prepareChannels(AT)).rejects.toMatchObject({
    name: 'DatasetRefusedError',
    message: `expected at most 2 GB for a split by time, got 3 GB; ${OWN_TEST_FILE}`,
  });
  expect(OWN_TEST_FILE).toMatch(/data\.test\.split: file/);
  const report = world.objects.keys('launchway-test-artifacts-000000000000').filter((key) => key.endsWith('.json'));
  expect(report).toEqual(['operations/flight-delays/releases/1/data-report.json']);
});

it('a baseline of more numbers than are held is counted over every so many rows, and says so', async () => {
  const world = await new ReleaseWorld().withModel();
  await world.deliver(await world.upload(KEY, flights(1000)));
  await world.train(1);
  const dependencies = {
    lineage: world.ledger,
    objects: world.objects,
    readDefinition: definitionReader(world.objects, config),
  };
  const row = await world.ledger.getRelease(AT.model, 1);
  const { baseline: whole } = row.steps;
  expect(baselineFromJson(await world.objects.readText(whole!)).rows).toBe(800);
  const elsewhere = { ...row.steps.prepared!, uri: `${row.steps.prepared!.uri}-copy` };
  for (const name of ['train/train.csv'])
    await world.objects.put(
      objectAt(`${elsewhere.uri}/${name}`),
      await world.objects.readText(objectAt(`${row.steps.prepared!.uri}/${name}`)),
      'text/csv',
    );
  const { baseline: _none, ...steps } = row.steps;
  world.ledger.releases.set('flight-delays/1', { ...row, steps: { ...steps, prepared: elsewhere } });
  // 800 rows of one number and the target: 1,600 of them, where 400 are allowed.
  expect(await profileBaseline({ ...dependencies, maxNumbers: 400 })(AT)).toEqual({ rows: 200 });
  expect(world.ledger.audit.at(-1)).toMatchObject({ type: 'BaselineProfiled', details: { rows: 200, ofEvery: 4 } });
});

const objectAt = (uri: string) => {
  const { host, pathname } = new URL(uri);
  return { bucket: host, key: pathname.slice(1) };
};
