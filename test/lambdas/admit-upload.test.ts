import { beforeEach, describe, expect, it } from '@jest/globals';
import { APPROVED, ARTIFACTS, definitionText, flights, INTAKE, ReleaseWorld } from '../support/release-world.ts';

const DATA = 'models/flight-delays/data/train.csv';
const YAML = 'models/flight-delays/model.yaml';
const none = { batchItemFailures: [] };

describe('admitUpload', () => {
  let world: ReleaseWorld;
  beforeEach(() => {
    world = new ReleaseWorld();
  });

  const refusals = () => [...world.ledger.refusals.values()];

  it('accepts a definition: one row, one write-once copy', async () => {
    await world.withModel();
    expect(await world.ledger.getModel('flight-delays')).toMatchObject({
      team: 'operations',
      releases: 0,
    });
    expect(world.objects.keys(APPROVED)).toEqual([
      expect.stringMatching(/^operations\/flight-delays\/definitions\/[0-9a-f]{64}\/model\.yaml$/),
    ]);
    expect(world.mailer.sent).toEqual([]);
  });

  it.each([
    [
      'an unknown key',
      definitionText((t) => t.replace('features:', 'featurs:')),
      'unknown key "featurs"; did you mean "features"?',
    ],
    [
      'less than its tier asks',
      `${definitionText()}validation: { gates: [{ metric: auc, atLeast: 0.5 }] }\n`,
      'less than tier standard asks',
    ],
    [
      'an unknown team',
      definitionText((t) => t.replace('team: operations', 'team: operation')),
      'did you mean "operations"?',
    ],
    [
      'another model’s name',
      definitionText((t) => t.replace('model: flight-delays', 'model: other')),
      'as its key says',
    ],
    [
      'an image that is not the team’s',
      definitionText((t) => t.replace('launchway/flight-delays:1', 'evil:1')),
      'not allowed',
    ],
    [
      'a part that is not supported yet',
      `${definitionText()}serving: { mode: batch }\n`,
      'serving.mode: batch is not supported yet',
    ],
    ['broken YAML', 'a: [1', 'model.yaml:1'],
    ['nothing', '', 'empty file'],
  ])('refuses a definition with %s, and tells why', async (_name, text, problem) => {
    expect(await world.deliver(await world.upload(YAML, text))).toEqual(none);
    expect(refusals()).toHaveLength(1);
    expect(refusals()[0]!.problems.join('\n')).toContain(problem);
    expect(world.mailer.sent).toHaveLength(1);
    expect(world.mailer.sent[0]!.text.replace(/\s+/g, ' ')).toContain(problem.slice(0, 20));
    expect(world.ledger.models.size).toBe(0);
  });

  it('refuses a definition that is binary or too large', async () => {
    await world.deliver(await world.upload(YAML, Uint8Array.from([0xff, 0xfe, 0])));
    await world.deliver(await world.upload(YAML, 'a'.repeat(70_000)));
    expect(refusals()).toHaveLength(2);
    expect(world.mailer.sent[0]!.to).toEqual(['operators@example.com', 'dana@example.com']);
  });

  it('does not let a model change its team', async () => {
    await world.withModel();
    const row = await world.ledger.getModel('flight-delays');
    world.ledger.models.set('flight-delays', { ...row, team: 'lending' });
    await world.deliver(await world.upload(YAML, `${definitionText()}\n`));
    expect(refusals()[0]!.problems[0]).toContain("a model's team cannot change");
  });

  it('starts a release of data whose definition is admitted between two looks', async () => {
    const definition = await world.upload(YAML, definitionText());
    const data = await world.upload(DATA, flights(200));
    const look = world.ledger.findModel.bind(world.ledger);
    let admitted = false;
    world.ledger.findModel = async (model) => {
      const before = await look(model);
      if (!admitted) {
        admitted = true;
        await world.deliver(definition);
      }
      return before;
    };
    expect(await world.deliver(data)).toEqual(none);
    expect(refusals()).toEqual([]);
    expect(world.started).toHaveLength(1);
  });

  it('starts one release per upload, however often it is announced', async () => {
    await world.withModel();
    const message = await world.upload(DATA, flights(200));
    await world.deliver(message, message);
    await world.deliver(message);
    expect(world.started).toEqual([
      { name: expect.stringMatching(/^flight-delays-[0-9a-f]{20}$/), model: 'flight-delays', release: 1 },
    ]);
    expect(await world.ledger.getRelease('flight-delays', 1)).toMatchObject({
      status: 'Admitted',
      submitter: { principal: 'AWS:dana', person: 'dana' },
      inputs: { image: world.image },
    });
  });

  it('starts a release again whose start was lost', async () => {
    await world.withModel();
    const message = await world.upload(DATA, flights(200));
    world.failStart = new Error('throttled');
    expect(await world.deliver(message)).toEqual({ batchItemFailures: [{ itemIdentifier: message.messageId }] });
    world.failStart = undefined;
    expect(await world.deliver(message)).toEqual(none);
    expect(world.started).toHaveLength(1);
  });

  it('queues uploads while a release runs; the newest waits and is started when it ends', async () => {
    await world.withModel();
    await world.deliver(await world.upload(DATA, flights(200)));
    const second = await world.upload(DATA, flights(201));
    const third = await world.upload(DATA, flights(202));
    await world.deliver(third);
    await world.deliver(second);
    expect((await world.ledger.getModel('flight-delays')).queued?.dataset.versionId).toBe(
      JSON.parse(third.body).Records[0].s3.object.versionId,
    );
    expect(world.ledger.audit.map(({ type }) => type)).toContain('UploadSuperseded');

    await world.closeRelease({
      model: 'flight-delays',
      release: 1,
      outcome: 'Failed',
      error: { Error: 'X', Cause: 'y' },
    });
    expect(world.started.map(({ release }) => release)).toEqual([1, 2]);
    expect((await world.ledger.getModel('flight-delays')).queued).toBeUndefined();
  });

  describe('an upload that waits', () => {
    const newer = (minRows: number) => definitionText((text) => text.replace('minRows: 100', `minRows: ${minRows}`));
    const close = () => world.closeRelease({ model: 'flight-delays', release: 1, outcome: 'Withdrawn' });
    beforeEach(async () => {
      await world.withModel();
      await world.deliver(await world.upload(DATA, flights(200)));
      await world.deliver(await world.upload(DATA, flights(201)));
    });

    it('is not started with an older definition than was uploaded, but when that one is read', async () => {
      const definition = await world.upload(YAML, newer(101));
      await close();
      expect(world.started).toHaveLength(1);
      await world.deliver(definition);
      const { inputs } = await world.ledger.getRelease('flight-delays', 2);
      expect(inputs.definition.sha256).toBe((await world.ledger.getModel('flight-delays')).definition.sha256);
      expect(world.started.map(({ release }) => release)).toEqual([1, 2]);
    });

    it('is started with the definition in force where the newer one is refused', async () => {
      const definition = await world.upload(YAML, 'nonsense');
      await close();
      expect(world.started).toHaveLength(1);
      await world.deliver(definition);
      expect(world.started.map(({ release }) => release)).toEqual([1, 2]);
    });

    it('is started by the sweep’s message where whoever ended the release died', async () => {
      const row = await world.ledger.getModel('flight-delays');
      const message = { messageId: 'sweep', body: JSON.stringify({ waiting: 'flight-delays' }) };
      expect(await world.deliver(message)).toEqual(none);
      expect(world.started).toHaveLength(1);
      const { activeRelease: _ended, ...free } = row;
      world.ledger.models.set('flight-delays', free);
      expect(await world.deliver(message, { ...message, messageId: 'again' })).toEqual(none);
      expect(world.started.map(({ release }) => release)).toEqual([1, 2]);
    });
  });

  it('never starts an older version of a dataset after a newer one', async () => {
    await world.withModel();
    const older = await world.upload(DATA, flights(200));
    await world.deliver(await world.upload(DATA, flights(201)));
    await world.closeRelease({ model: 'flight-delays', release: 1, outcome: 'Withdrawn' });
    await world.deliver(older);
    expect(world.started).toHaveLength(1);
  });

  it('refuses data of an unknown model, to operators and to whom it maps', async () => {
    await world.deliver(await world.upload('models/unheard-of/data/a.csv', 'x'));
    await world.deliver(await world.upload('models/unheard-of/data/b.csv', 'x', 'AWS:AIDASTRANGER'));
    expect(world.mailer.sent.map(({ to }) => to)).toEqual([
      ['operators@example.com', 'dana@example.com'],
      ['operators@example.com'],
    ]);
    expect(refusals()[0]!.message).toContain('upload models/unheard-of/model.yaml first');
    const [refusal] = refusals();
    const report = await world.objects.readText({ bucket: ARTIFACTS, key: `refusals/unheard-of/${refusal!.id}.json` });
    expect(JSON.parse(report)).toMatchObject({ schema: 'launchway/refusal/v1', message: refusal!.message });
  });

  it('waits for a definition that was uploaded with the data and is not processed yet', async () => {
    const definition = await world.upload(YAML, definitionText());
    const data = await world.upload(DATA, flights(200));
    expect(await world.deliver(data)).toEqual({ batchItemFailures: [{ itemIdentifier: data.messageId }] });
    expect(await world.deliver(data, definition)).toEqual(none);
    expect(world.started).toHaveLength(1);
  });

  it('waits for a newer definition that was uploaded with the data and is not processed yet', async () => {
    await world.withModel();
    const definition = await world.upload(
      'models/flight-delays/model.yaml',
      definitionText((text) => text.replace('minRows: 100', 'minRows: 101')),
    );
    const data = await world.upload('models/flight-delays/data/train.csv', flights(200));
    expect((await world.deliver(data)).batchItemFailures).toEqual([{ itemIdentifier: data.messageId }]);
    expect(world.started).toEqual([]);
    await world.deliver(definition);
    await world.deliver(data);
    const { definition: current } = await world.ledger.getModel('flight-delays');
    expect((await world.ledger.getRelease('flight-delays', 1)).inputs.definition.sha256).toBe(current.sha256);
  });

  it('says that a model is unknown because its definition was refused', async () => {
    await world.deliver(await world.upload(YAML, 'nonsense'), await world.upload(DATA, flights(200)));
    expect(refusals().map(({ message }) => message)).toContain(
      'model flight-delays is unknown: its model.yaml was refused',
    );
  });

  it('refuses data where the image or the source is missing', async () => {
    await world.withModel();
    world.image = undefined;
    await world.deliver(await world.upload(DATA, flights(200)));
    expect(refusals()[0]).toMatchObject({
      message: expect.stringContaining('not in the registry'),
      toldTo: ['owner@example.com', 'dana@example.com'],
    });

    const other = await new ReleaseWorld().withModel(
      definitionText((t) =>
        t.replace('image: "launchway/flight-delays:1"', 'framework: sklearn-1.2, source: src, entryPoint: train.py'),
      ),
    );
    await other.deliver(await other.upload(DATA, flights(200)));
    expect([...other.ledger.refusals.values()][0]!.message).toContain('has no source');
  });

  it('refuses a source for a model that brings its own image', async () => {
    await world.withModel();
    await world.deliver(await world.upload('models/flight-delays/source.tar.gz', 'x'));
    expect(refusals()[0]!.message).toContain('is not used');
  });

  it.each([
    'models/flight-delays/README.md',
    'models/Flight Delays/data/a.csv',
    'models/flight-delays/data/train.xlsx',
    'models/flight-delays/',
  ])('refuses %s and names the keys that are read', async (key) => {
    expect(await world.deliver(await world.upload(key, 'x'))).toEqual(none);
    expect(world.mailer.sent[0]!.text).toContain('models/{model}/{data,experiments}/**.{csv,parquet}');
  });

  it('ignores test events, deletions and other buckets', async () => {
    const deletion = await world.upload(DATA, 'x');
    deletion.body = deletion.body.replace('ObjectCreated:Put', 'ObjectRemoved:Delete');
    const elsewhere = await world.upload(DATA, 'x');
    elsewhere.body = elsewhere.body.replace(INTAKE, 'another-bucket');
    const test = { messageId: 't', body: '{"Service":"Amazon S3","Event":"s3:TestEvent"}' };
    expect(await world.deliver(deletion, elsewhere, test)).toEqual(none);
    expect(refusals()).toEqual([]);
  });

  it('lets one bad message hold up no other', async () => {
    await world.withModel();
    const bad = { messageId: 'bad', body: 'not json' };
    const strange = { messageId: 'strange', body: '{"Records":[{"eventSource":"aws:sns"}]}' };
    expect(await world.deliver(bad, await world.upload(DATA, flights(200)), strange)).toEqual({
      batchItemFailures: [{ itemIdentifier: 'bad' }, { itemIdentifier: 'strange' }],
    });
    expect(world.started).toHaveLength(1);
  });

  it('tries again what could not be mailed: nothing is refused in silence', async () => {
    world.mailer.failWith = new Error('sandbox');
    const message = await world.upload('models/unheard-of/data/a.csv', 'x');
    expect(await world.deliver(message)).toEqual({ batchItemFailures: [{ itemIdentifier: message.messageId }] });
    world.mailer.failWith = undefined;
    await world.deliver(message);
    await world.deliver(message);
    expect(world.mailer.sent).toHaveLength(1);
  });
});
