import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ReleaseRow } from '../../domain/release.ts';
import type { VersionRow } from '../../domain/version.ts';
import { CAPTURES, definitionText, flights, INTAKE, ReleaseWorld } from '../support/release-world.ts';

const MODEL = 'flight-delays';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LAUNCHWAY = 'AROAEXAMPLE:launchway-test-govern-retraining';

const governed = (retrain = '', more = '') =>
  definitionText(
    (text) =>
      `${text}release: { startOn: schedule }\nmonitoring: { onDrift: retrain, retrain: { rows: captures${retrain} } }\n${more}`,
  );

interface Asked {
  readonly id: string;
  readonly distance?: string;
  readonly delayed?: number;
}

/** Rows of a request each; every second flight is late, those far away a little more often. */
const asked = (count: number, prefix = 'live'): Asked[] =>
  Array.from({ length: count }, (_, i) => ({ id: `${prefix}-${i}`, distance: String((i * 37) % 900), delayed: i % 2 }));

class CapturedWorld extends ReleaseWorld {
  #files = 0;

  govern = () => this.governRetraining({ model: MODEL });

  /** Version 1 serves; it learnt from what was uploaded. */
  static async serving(text = governed(), data = flights(1_000)): Promise<CapturedWorld> {
    const world = new CapturedWorld();
    await world.withModel(text);
    await world.deliver(await world.upload(`models/${MODEL}/data/train.csv`, data));
    await world.deploy(1);
    world.clock.advance(2 * DAY_MS);
    await world.drift();
    return world;
  }

  /** What a release's end leaves behind. */
  async deploy(number: number): Promise<void> {
    await this.prepare(number);
    const row = await this.ledger.getRelease(MODEL, number);
    const endedAt = this.clock.now().toISOString();
    this.ledger.releases.set(`${MODEL}/${number}`, { ...row, status: 'Deployed', endedAt } as ReleaseRow);
    const { activeRelease: _, ...model } = await this.ledger.getModel(MODEL);
    const champion = { version: number, endpointName: 'e', endpointConfigName: 'c', since: endedAt };
    this.ledger.models.set(MODEL, { ...model, champion });
    const { team, inputs, steps } = row;
    this.ledger.versions.set(`${MODEL}/${number}`, {
      ...{ model: MODEL, version: number, release: number, team, status: 'Deployed', image: 'i', training: {} },
      ...{ definition: inputs.definition, dataset: steps.dataset, prepared: steps.prepared, baseline: steps.baseline },
    } as unknown as VersionRow);
  }

  #incidents = 0;
  async drift(): Promise<void> {
    this.#incidents += 1;
    const start = new Date(Date.UTC(2029, 0, this.#incidents)).toISOString();
    for (const incident of await this.monitoring.listIncidents(MODEL))
      if (incident.status === 'Open')
        await this.monitoring.closeIncident(incident, 'now', 'over', { type: 'T', actor: 'a', subject: 's' });
    await this.monitoring.raiseIncident(
      {
        ...{ model: MODEL, version: 1, detector: 'drift', start, windowStart: start, severity: 'mail', summary: 's' },
        ...{ features: ['origin'], causes: [], status: 'Open', openedAt: this.clock.now().toISOString() },
      },
      { type: 'T', actor: 'a', subject: 's' },
    );
  }

  /** Predictions of this hour. */
  async capture(rows: readonly Asked[], version = 1): Promise<void> {
    this.#files += 1;
    const at = this.clock.now().toISOString();
    const lines = rows.map(({ id, distance = '5' }, i) =>
      JSON.stringify({
        captureData: {
          endpointInput: { observedContentType: 'text/csv', mode: 'INPUT', data: `${distance},JFK`, encoding: 'CSV' },
          endpointOutput: { observedContentType: 'text/csv', mode: 'OUTPUT', data: '0.5', encoding: 'CSV' },
        },
        eventMetadata: { eventId: `e${this.#files}-${i}`, inferenceId: id, inferenceTime: `${at.slice(0, 19)}Z` },
        eventVersion: '0',
      }),
    );
    const folder = `${at.slice(0, 10).replaceAll('-', '/')}/${at.slice(11, 13)}`;
    const key = `operations/${MODEL}/v${version}/launchway-test-${MODEL}/live/${folder}/${this.#files}.jsonl`;
    await this.objects.put({ bucket: CAPTURES, key }, `${lines.join('\n')}\n`, 'application/jsonlines');
  }

  async label(rows: readonly Asked[], principal = 'AWS:dana'): Promise<void> {
    const lines = rows.map(({ id, delayed = 0 }) => `${id},${delayed}\n`);
    const key = `models/${MODEL}/labels/${this.clock.now().getTime()}.csv`;
    await this.deliver(await this.upload(key, `flight_id,delayed\n${lines.join('')}`, principal));
  }

  async labelled(rows: readonly Asked[], version = 1): Promise<void> {
    await this.capture(rows, version);
    this.clock.advance(HOUR_MS);
    await this.label(rows);
  }

  /** What Launchway uploaded, list by list. */
  lists = (): string[] => this.objects.keys(INTAKE).filter((key) => key.endsWith('/_READY'));

  /** S3 tells of a list, as of any upload. */
  async announceList(key = this.lists().at(-1)!): Promise<void> {
    const { versionId } = (await this.objects.head({ bucket: INTAKE, key }))!;
    await this.deliver(this.announce({ bucket: INTAKE, key, versionId: versionId! }, LAUNCHWAY));
  }

  /** The captured file that a list names. */
  async captured(list = this.lists().at(-1)!): Promise<string[]> {
    const text = await this.objects.readText({ bucket: INTAKE, key: list });
    const name = /part-captured-\S+/.exec(text)![0];
    const key = list.replace(/_READY$/, name);
    return (await this.objects.readText({ bucket: INTAKE, key })).trimEnd().split('\n');
  }

  said = async () => (await this.monitoring.listRetrainDecisions(MODEL)).at(-1)!;
}

let world: CapturedWorld;
beforeEach(async () => {
  world = await CapturedWorld.serving();
});

describe('labelled predictions that nobody learnt from', () => {
  it('become a dataset with what the champion learnt from, which is admitted, queued and released once', async () => {
    await world.labelled(asked(250));
    expect((await world.govern()).decisions.join()).toContain(
      'refused (rows-on-their-way): 250 labelled predictions since 2030-01-01T01:00:00.000Z were uploaded with what version 1 learnt from as models/flight-delays/data/captured/',
    );
    const [list] = world.lists();
    const text = await world.objects.readText({ bucket: INTAKE, key: list! });
    expect(text).toMatch(/^[0-9a-f]{64} {2}part-0000\.csv\n[0-9a-f]{64} {2}part-captured-[0-9a-f]{16}\.csv\n$/);
    const copy = { bucket: INTAKE, key: list!.replace('_READY', 'part-0000.csv') };
    expect(await world.objects.readText(copy)).toBe(flights(1_000));
    const [header, first] = await world.captured();
    expect([header, first]).toEqual([
      'flight_id,scheduled_at,carrier,distance,origin,delayed',
      // The hour after the release and two days; no attribute is known of a request.
      expect.stringMatching(/^live-\d+,2030-01-03T00:00:\d\d\.000Z,,\d+,JFK,[01]$/),
    ]);
    expect((await world.captured()).find((line) => line.startsWith('live-7,'))).toMatch(/,259,JFK,1$/);

    await world.announceList();
    expect((await world.ledger.getModel(MODEL)).queued).toMatchObject({
      dataset: { key: list },
      submitter: { principal: LAUNCHWAY },
    });
    expect((await world.govern()).decisions.join()).toContain('started release 2');
    await world.govern();
    expect(world.started.map(({ release }) => release)).toEqual([1, 2]);
    const release = await world.ledger.getRelease(MODEL, 2);
    // Nobody whom the organisation knows: for four eyes, every member of the team.
    expect(release.submitter.person).toBeUndefined();

    await world.prepare(2);
    expect((await world.ledger.getRelease(MODEL, 2)).steps.prepared).toMatchObject({
      trainRows: expect.any(Number),
      split: { kind: 'time' },
    });
    const { trainRows, holdoutRows } = (await world.ledger.getRelease(MODEL, 2)).steps.prepared!;
    expect(trainRows + holdoutRows).toBe(1_250);
  });

  it('are left alone while they are too few, and the governor says how many there are', async () => {
    expect((await world.govern()).decisions.join()).toContain(
      'refused (no-labelled-rows): expected 200 labelled predictions since 2030-01-01T01:00:00.000Z that version 1 did not learn from, got 0',
    );
    await world.labelled(asked(199));
    await world.capture(asked(50, 'nobody-knows'));
    expect((await world.govern()).decisions.join()).toContain('did not learn from, got 199');
    expect(world.lists()).toEqual([]);
  });

  it('are counted without those whose id is in what the champion learnt from, and without what would be refused', async () => {
    const known = Array.from({ length: 60 }, (_, i) => ({ id: `f${i}`, distance: '1', delayed: 1 }));
    const broken = Array.from({ length: 60 }, (_, i) => ({ id: `b${i}`, distance: 'far', delayed: 1 }));
    await world.labelled([...known, ...broken, ...asked(199)]);
    expect((await world.govern()).decisions.join()).toContain('did not learn from, got 199');
    await world.labelled(asked(1, 'one-more'));
    await world.govern();
    expect(await world.captured()).toHaveLength(201);
  });

  it('are uploaded once a day at most, however many ask at once and whatever comes meanwhile', async () => {
    await world.labelled(asked(250));
    await Promise.all(Array.from({ length: 20 }, world.govern));
    await world.labelled(asked(50, 'later'));
    expect((await world.govern()).decisions.join()).toContain('was uploaded today');
    expect(world.lists()).toHaveLength(1);
    const at = { bucket: INTAKE, key: world.lists()[0]! };
    const uploaded = await world.objects.head(at);
    world.clock.advance(DAY_MS);
    await world.govern();
    expect(world.lists()).toHaveLength(2);
    expect(await world.objects.head(at)).toEqual(uploaded);
    expect(await world.captured()).toHaveLength(301);
  });

  it.each([
    ['a release is open', 'release-open'],
    ['the cool-down lasts', 'cool-down'],
  ])('are not collected while %s', async (_, rule) => {
    await world.labelled(asked(250));
    await world.govern();
    await world.announceList();
    await world.govern();
    if (rule === 'cool-down') {
      await world.deploy(2);
      await world.drift();
      world.clock.advance(HOUR_MS);
      await world.labelled(asked(300, 'new'), 2);
    } else {
      await world.drift();
      await world.labelled(asked(300, 'new'));
    }
    const before = world.lists();
    expect((await world.govern()).decisions.join()).toContain(`refused (${rule})`);
    expect(world.lists()).toEqual(before);
  });

  it('are not collected where people uploaded newer rows, which are taken', async () => {
    await world.labelled(asked(250));
    await world.deliver(await world.upload(`models/${MODEL}/data/new.csv`, flights(1_100)));
    expect((await world.govern()).decisions.join()).toContain('started release 2');
    expect(world.lists()).toEqual([]);
  });

  it('are not collected where the owner did not say so', async () => {
    world = await CapturedWorld.serving(governed().replace('rows: captures', 'rows: uploads'));
    await world.labelled(asked(250));
    expect((await world.govern()).decisions.join()).toContain('refused (no-labelled-rows): there are no labelled rows');
    expect(world.lists()).toEqual([]);
  });

  it('have the newest label, and come once, in the dataset after that too', async () => {
    const first = asked(250);
    await world.labelled(first);
    await world.govern();
    await world.announceList();
    await world.govern();
    await world.deploy(2);
    await world.drift();
    world.clock.advance(30 * HOUR_MS);
    // What was known of one changes, and of others becomes known only now.
    await world.label([{ id: 'live-0', delayed: 1 }]);
    await world.labelled(asked(200, 'second'), 2);
    expect((await world.govern()).decisions.join()).toContain(
      '200 labelled predictions since 2030-01-01T01:00:00.000Z were uploaded with what version 2 learnt from',
    );
    const lines = await world.captured();
    expect(lines).toHaveLength(1 + 450);
    expect(lines.filter((line) => line.startsWith('live-0,'))).toEqual([expect.stringMatching(/,1$/)]);
    expect(lines.filter((line) => line.startsWith('live-2,'))).toEqual([expect.stringMatching(/,0$/)]);
    const times = lines.slice(1).map((line) => line.split(',')[1]!);
    expect(times).toEqual(times.toSorted());
    const text = await world.objects.readText({ bucket: INTAKE, key: world.lists().at(-1)! });
    expect(text.trimEnd().split('\n')).toHaveLength(2);
  });

  it('count where they were made before the last dataset of captures and labelled after it', async () => {
    const late = asked(220, 'late');
    await world.capture(late);
    await world.labelled(asked(250));
    await world.govern();
    await world.announceList();
    await world.govern();
    await world.deploy(2);
    await world.drift();
    world.clock.advance(30 * HOUR_MS);
    await world.label(late);
    await world.govern();
    expect(await world.captured()).toHaveLength(1 + 470);
  });

  it('name no offset from UTC where the dataset names none', async () => {
    world = await CapturedWorld.serving(governed(), flights(1_000).replaceAll('Z,', ','));
    await world.labelled(asked(250));
    await world.govern();
    expect((await world.captured())[1]).toMatch(/,2030-01-03T00:00:\d\d\.000,/);
    await world.announceList();
    await world.govern();
    await world.prepare(2);
    expect((await world.ledger.getRelease(MODEL, 2)).steps.prepared!.holdoutRows).toBeGreaterThan(0);
  });

  it('do not count by labels of people outside the team, who may be asked to approve what is made of them', async () => {
    const [ours, theirs, desks, systems] = ['ours', 'theirs', 'desks', 'systems'].map((who) => asked(150, who));
    await world.capture([...ours!, ...theirs!, ...desks!, ...systems!]);
    world.clock.advance(HOUR_MS);
    await world.label(theirs!, 'AIDAADA');
    // A role that two of them share names neither.
    await world.label(desks!, 'AWS:AROADESK:laptop');
    await world.label(ours!, 'arn:aws:iam::000000000000:user/dana');
    expect((await world.govern()).decisions.join()).toContain('did not learn from, got 150');
    await world.label(systems!, 'AROAPIPELINE:outcomes');
    await world.govern();
    const ids = (await world.captured()).slice(1).map((line) => line.slice(0, line.indexOf('-')));
    expect([...new Set(ids)].sort()).toEqual(['ours', 'systems']);
  });

  it('are what was asked before the outcome was known, not what somebody asked under the same id since', async () => {
    await world.labelled(asked(250));
    await world.capture([{ id: 'live-7', distance: '4000' }]);
    world.clock.advance(HOUR_MS);
    await world.govern();
    const rows = (await world.captured()).filter((line) => line.startsWith('live-7,'));
    expect(rows).toEqual([expect.stringMatching(/,259,JFK,1$/)]);
  });

  it('are read once, however many ask in one hour', async () => {
    world = await CapturedWorld.serving(governed(', schedule: weekly'));
    world.clock.advance(7 * DAY_MS);
    await world.labelled(asked(199));
    const read = world.objects.read.bind(world.objects);
    const files: string[] = [];
    world.objects.read = (object, ...rest) => {
      if (object.bucket === CAPTURES) files.push(object.key);
      return read(object, ...rest);
    };
    const { decisions } = await world.govern();
    expect(decisions).toEqual([expect.stringContaining('got 199'), expect.stringContaining('got 199')]);
    expect(files).toHaveLength(1);
  });

  it('take the place of nothing that people uploaded while they were collected', async () => {
    await world.labelled(asked(250));
    const putOnce = world.objects.putOnce.bind(world.objects);
    world.objects.putOnce = async (object, ...rest) => {
      world.objects.putOnce = putOnce;
      await world.deliver(await world.upload(`models/${MODEL}/data/new.csv`, flights(1_100)));
      return putOnce(object, ...rest);
    };
    expect((await world.govern()).decisions.join()).toContain(
      `refused (rows-on-their-way): models/${MODEL}/data/new.csv was uploaded meanwhile`,
    );
    expect(world.lists()).toEqual([]);
    await world.govern();
    expect((await world.ledger.getRelease(MODEL, 2)).inputs.dataset.key).toBe(`models/${MODEL}/data/new.csv`);
  });

  it('are left to people where they would make more than can be split', async () => {
    await world.labelled(asked(250));
    const row = world.ledger.versions.get(`${MODEL}/1`)!;
    const full = { ...row, dataset: { ...row.dataset, bytes: 2_000_000_000 } };
    world.ledger.versions.set(`${MODEL}/1`, full);
    expect((await world.govern()).decisions.join()).toContain('would be more than 2 GB or 10000000 rows together');
    expect(world.lists()).toEqual([]);
  });

  it('are not put beside Parquet, which is said', async () => {
    await world.labelled(asked(250));
    const row = world.ledger.versions.get(`${MODEL}/1`)!;
    const object = { ...row.dataset.object, key: row.dataset.object.key.replace('.csv', '.parquet') };
    world.ledger.versions.set(`${MODEL}/1`, { ...row, dataset: { ...row.dataset, object } });
    expect((await world.govern()).decisions.join()).toContain(
      'captured rows are written as CSV, and version 1 learnt from train.parquet',
    );
  });

  it('are collected anew where the one who uploaded them died before the list', async () => {
    await world.labelled(asked(250));
    const putOnce = world.objects.putOnce.bind(world.objects);
    world.objects.putOnce = async (object, ...rest) => {
      if (object.key.endsWith('_READY')) throw new Error('died');
      return putOnce(object, ...rest);
    };
    await expect(world.govern()).rejects.toThrow('died');
    world.objects.putOnce = putOnce;
    await world.labelled(asked(50, 'later'));
    await world.govern();
    await world.announceList();
    await world.govern();
    await world.prepare(2);
    const { trainRows, holdoutRows } = (await world.ledger.getRelease(MODEL, 2)).steps.prepared!;
    expect(trainRows + holdoutRows).toBe(1_300);
  });

  it('are not made rows of where model.yaml has other features by now, which is said', async () => {
    await world.labelled(asked(250));
    const other = governed().replace('origin, type: categorical', 'origin, type: numeric');
    await world.deliver(await world.upload(`models/${MODEL}/model.yaml`, other));
    expect((await world.govern()).decisions.join()).toContain('make no rows of model.yaml as it is now');
    expect(world.lists()).toEqual([]);
  });
});

describe('who asks for a release of captured rows', () => {
  it('a person waits for the hourly governor, which uploads, and starts it once that is queued', async () => {
    world = await CapturedWorld.serving(governed(', schedule: monthly').replace('onDrift: retrain', 'onDrift: alert'));
    await world.labelled(asked(250));
    await world.deliver(
      await world.upload(
        `models/${MODEL}/requests/first.json`,
        JSON.stringify({ schema: 'launchway/request/v1', action: 'retrain', reason: 'new fares' }),
      ),
    );
    expect(await world.said()).toMatchObject({ rule: 'rows-on-their-way' });
    expect(world.lists()).toEqual([]);
    await world.govern();
    await world.announceList();
    await world.govern();
    expect((await world.ledger.getRelease(MODEL, 2)).reason).toContain('asked for by dana: new fares');
  });

  it('a schedule keeps its occurrence until they are queued', async () => {
    world = await CapturedWorld.serving(governed(', schedule: weekly').replace('onDrift: retrain', 'onDrift: alert'));
    world.clock.advance(7 * DAY_MS);
    await world.labelled(asked(250));
    expect((await world.govern()).decisions.join()).toContain('schedule/2030-01-07T00:00:00.000Z: refused (rows-on');
    await world.announceList();
    expect((await world.govern()).decisions.join()).toContain('started release 2');
  });
});
