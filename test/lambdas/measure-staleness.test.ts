import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { ReleaseRow } from '../../domain/release.ts';
import type { StalenessReport, StalenessRow } from '../../domain/staleness/rows.ts';
import type { VersionRow } from '../../domain/version.ts';
import { EvaluateStalenessInput } from '../../lambdas/evaluate-staleness/contract.ts';
import { evaluateStalenessAnswers } from '../../lambdas/evaluate-staleness/evaluate-staleness.ts';
import { planStaleness } from '../../lambdas/plan-staleness/plan-staleness.ts';
import type { StalenessPlan } from '../../lambdas/shared/staleness-plan.ts';
import { QualityRoom } from '../support/quality-room.ts';
import { ReleaseWorld } from '../support/release-world.ts';

const MODEL = 'flight-delays';
const ID = '20260220T120000000Z-1a2b3c4d';
const FOLDER = `operations/${MODEL}/staleness/${ID}`;

/** Version 3 served until version 4 came, which learnt from data of 10 February; it is the 20th. */
class StalenessRoom extends QualityRoom {
  readonly definitions = new Map<number, Partial<ModelDefinition>>();

  static async open(): Promise<StalenessRoom> {
    const room = new StalenessRoom();
    await room.release(4, '2026-02-11T00:00:00.000Z');
    room.lineage.versions.set(`${MODEL}/3`, { ...room.lineage.versions.get(`${MODEL}/3`)!, status: 'Retired' });
    room.knows(3, '2026-01-20T10:00:00.000Z');
    room.knows(4, '2026-02-10T09:30:00.000Z');
    const askedAt = '2026-02-20T12:00:00.000Z';
    room.clock.advance(Date.parse(askedAt) - room.clock.now().getTime());
    room.staleness.rows.set(`${MODEL}/${ID}`, {
      ...{ model: MODEL, id: ID, status: 'Asked', askedAt, origin: 'upload/a#1', executionName: 'x' },
      ...{ askedBy: { principal: 'AWS:dana', person: 'dana' }, versions: 5, days: 30 },
    });
    return room;
  }

  /** What a version was made from. */
  knows(version: number, uploadedAt: string): void {
    const key = `${MODEL}/${version}`;
    this.lineage.versions.set(key, {
      ...this.lineage.versions.get(key)!,
      ...{ image: 'i@sha256:a', dataset: {} },
      artifact: { object: { bucket: 'approved', key: `v${version}.tar.gz` } },
      definition: { bucket: 'approved', key: `v${version}`, sha256: 'd' },
    } as unknown as VersionRow);
    const release = { model: MODEL, release: version, inputs: { uploadedAt }, admittedAt: uploadedAt };
    this.lineage.releases.set(key, release as unknown as ReleaseRow);
  }

  definitionOf(version: number): ModelDefinition {
    const training = { image: 'flights:1', instance: { types: ['ml.m5.large'] }, hyperparameters: {} };
    return { ...this.definition, training, ...this.definitions.get(version) } as unknown as ModelDefinition;
  }

  plan(attempt = '0-0') {
    const { lineage, staleness, quality, objects } = this;
    return planStaleness({
      ...{ lineage, staleness, quality, objects, account: '000000000000', prefix: 'launchway-test' },
      readDefinition: async ({ key }) => this.definitionOf(Number(key.slice(1))),
      buckets: { captures: 'captures', artifacts: 'artifacts' },
    })({ model: MODEL, id: ID, attempt });
  }

  evaluate(input: object) {
    const { lineage, staleness, objects } = this;
    return evaluateStalenessAnswers({
      ...{ lineage, staleness, objects, region: 'eu-west-1', now: this.clock.now },
      buckets: { captures: 'captures', artifacts: 'artifacts' },
    })(EvaluateStalenessInput.parse({ model: MODEL, id: ID, ...input }));
  }

  /** Predictions of an hour, whose outcome is known; `late` is 1 where its number is odd. */
  async labelled(hour: string, count: number, version = 4): Promise<void> {
    const ids = Array.from({ length: count }, (_, i) => `${version}-${hour.slice(5, 13)}-${i}`);
    await this.capture(
      hour,
      ids.map((id) => ({ inferenceId: id, eventId: `e-${id}`, scores: [0.5] })),
      { version },
    );
    const lines = ids.map((id, i) => `${id},${i % 2}`);
    await this.label('2026-02-19T00:00:00.000Z', `flight_id,delayed\n${lines.join('\n')}\n`);
  }

  async stored(): Promise<StalenessPlan> {
    return JSON.parse(await this.objects.readText({ bucket: 'captures', key: `${FOLDER}/plan.json` }));
  }

  /** A transform's output: one line per row. */
  async answers(version: number, score: (truth: number, i: number) => number | string): Promise<object> {
    const folder = `${FOLDER}/transform/v${version}-0-0`;
    const lines = (await this.stored()).truth.map((truth, i) => `${score(truth, i)}\n`);
    await this.objects.put({ bucket: 'artifacts', key: `${folder}/features.csv.out` }, lines.join(''), 'text/csv');
    return { version, outputUri: `s3://artifacts/${folder}` };
  }

  get row(): StalenessRow {
    return this.staleness.rows.get(`${MODEL}/${ID}`)!;
  }
}

let room: StalenessRoom;
beforeEach(async () => {
  room = await StalenessRoom.open();
});

describe('planStaleness', () => {
  it('has the last versions answer what was predicted after the newest of their data was uploaded', async () => {
    await room.labelled('2026-02-09T08:00:00.000Z', 300, 3);
    await room.labelled('2026-02-10T09:00:00.000Z', 300, 3);
    await room.labelled('2026-02-10T10:00:00.000Z', 130, 3);
    await room.labelled('2026-02-12T08:00:00.000Z', 120);
    await room.capture('2026-02-13T08:00:00.000Z', [{ inferenceId: 'nobody knows', eventId: 'e', scores: [0.5] }], {
      version: 4,
    });
    const { versions } = await room.plan();
    expect(versions).toEqual([
      expect.objectContaining({
        version: 4,
        name: 'launchway-test-flight-delays-s1a2b3c4d-v4-0-0',
        artifactUri: 's3://approved/v4.tar.gz',
        inputUri: `s3://captures/${FOLDER}/features.csv`,
        outputUri: `s3://artifacts/${FOLDER}/transform/v4-0-0`,
        roleArn: 'arn:aws:iam::000000000000:role/launchway-test-operations-transform',
      }),
      expect.objectContaining({ version: 3, artifactUri: 's3://approved/v3.tar.gz' }),
    ]);
    const plan = await room.stored();
    expect(plan.measuredOn).toEqual({
      ...{ rows: 250, labelled: 250, predictions: 251, files: 3, filesRead: 3, unread: 0, labelFilesLeftOut: 0 },
      ...{ from: '2026-02-10T10:00:00.000Z', until: '2026-02-20T12:00:00.000Z' },
    });
    const features = await room.objects.readText({ bucket: 'captures', key: `${FOLDER}/features.csv` });
    expect(features.split('\n')).toHaveLength(251);
    expect(plan.truth.filter((truth) => truth === 1)).toHaveLength(125);
  });

  it('looks back no further than asked', async () => {
    room.staleness.rows.set(`${MODEL}/${ID}`, { ...room.row, days: 2 });
    await room.labelled('2026-02-17T08:00:00.000Z', 300);
    await room.labelled('2026-02-18T13:00:00.000Z', 201);
    await room.plan();
    expect((await room.stored()).measuredOn).toMatchObject({ rows: 201, from: '2026-02-18T12:00:00.000Z' });
  });

  it('says which versions cannot be held against the one that serves, asks them nothing, and lets them shut out no row', async () => {
    room.definitions.set(3, { features: [{ name: 'origin', type: 'categorical' }] });
    room.lineage.releases.set(`${MODEL}/3`, {
      ...room.lineage.releases.get(`${MODEL}/3`)!,
      inputs: { uploadedAt: '2026-02-15T00:00:00.000Z' } as ReleaseRow['inputs'],
    });
    await room.labelled('2026-02-12T08:00:00.000Z', 250);
    expect((await room.plan()).versions.map(({ version }) => version)).toEqual([4]);
    expect((await room.stored()).versions[1]).toMatchObject({
      age: { version: 3, serves: false },
      notCompared: { because: 'OtherFeatures', why: 'it reads other features than version 4' },
    });
  });

  it('writes the same rows and other names when it is done again', async () => {
    await room.labelled('2026-02-12T08:00:00.000Z', 250);
    await room.plan();
    const first = await room.stored();
    expect((await room.plan('1-0')).versions.map(({ name }) => name)).toEqual([
      'launchway-test-flight-delays-s1a2b3c4d-v4-1-0',
      'launchway-test-flight-delays-s1a2b3c4d-v3-1-0',
    ]);
    expect(await room.stored()).toEqual(first);
  });

  it('counts files of labels that cannot be read', async () => {
    await room.labelled('2026-02-12T08:00:00.000Z', 250);
    await room.label('2026-02-19T00:00:00.000Z', 'nothing,of,use\n1,2,3\n');
    await room.plan();
    expect((await room.stored()).measuredOn).toMatchObject({ rows: 250, labelFilesLeftOut: 1 });
  });

  it('refuses to judge by few rows, and says what would have to come', async () => {
    await room.labelled('2026-02-12T08:00:00.000Z', 199);
    await expect(room.plan()).rejects.toMatchObject({
      name: 'TooFewLabelledRowsError',
      message:
        'expected 200 labelled predictions since 2026-02-10T10:00:00.000Z, got 199 of 199 in 1 of 1 capture files; ' +
        'what version 4 learnt from was uploaded at 2026-02-10T09:30:00.000Z, and only predictions after that are new to every version: upload labels, or wait',
    });
    expect(room.objects.keys('captures').filter((key) => key.includes('/staleness/'))).toEqual([]);
  });
});

const several = { type: 'multiclass-classification', target: 'delayed', classes: ['0', '1'], decisionThreshold: 0.5 };

/** What a transform that failed is described by. */
const failedJob = {
  TransformJobName: 'n',
  TransformJobStatus: 'Failed',
  FailureReason: 'AlgorithmError: no space left, password=hunter2',
};

describe('evaluateStaleness', () => {
  beforeEach(async () => {
    await room.labelled('2026-02-12T08:00:00.000Z', 400);
    await room.plan();
  });
  const report = async (): Promise<StalenessReport> =>
    JSON.parse(await room.objects.readText({ bucket: 'artifacts', key: `${FOLDER}/staleness.json` }));

  it('keeps a measurement as a row, a document, a page and an entry of the trail, once', async () => {
    // Version 4 is right nine times in ten, version 3 seven times.
    const right = (of: number) => (truth: number, i: number) => (i % 10 < of ? truth : 1 - truth);
    const answers = [await room.answers(4, right(9)), await room.answers(3, right(7))];
    const input = { answers: answers.map((answer) => ({ ...answer, seconds: 300 })) };
    expect(await room.evaluate(input)).toEqual({ status: 'Measured' });
    const { versions, ageing, inWords, costUsd } = await report();
    // Ten minutes of an ml.m5.large at 0.128 USD an hour, Ireland's list price.
    expect(costUsd).toBeCloseTo(0.128 / 6, 12);
    expect(versions.map(({ version, ageDays }) => [version, ageDays])).toEqual([
      [4, 10.104166666666666],
      [3, 31.083333333333332],
    ]);
    // Of answers that are 0 or 1, the share that is right, as the classes are even.
    expect(versions).toMatchObject([
      { intervals: { accuracy: { value: 0.9 } } },
      { intervals: { accuracy: { value: 0.7 } }, differences: { accuracy: { value: expect.closeTo(-0.2, 12) } } },
    ]);
    expect(ageing).toMatchObject({ older: 3, newer: 4, verdict: 'Worse' });
    expect(room.row).toMatchObject({
      status: 'Measured',
      measured: { champion: 4, rows: 400, page: { key: `${FOLDER}/report.html` } },
    });
    const page = await room.objects.readText({ bucket: 'artifacts', key: `${FOLDER}/report.html` });
    expect(page).toContain(inWords.replaceAll("'", '&#39;'));
    expect(page).not.toMatch(/<script|src=|href=/);
    expect(room.staleness.audit).toEqual([
      {
        ...{ type: 'StalenessMeasured', actor: 'launchway:evaluate-staleness', subject: `staleness/${ID}` },
        details: { champion: 4, rows: 400, measured: [4, 3], report: room.row.measured!.document.sha256 },
      },
    ]);
    expect(await room.evaluate(input)).toEqual({ status: 'Measured' });
    expect(await room.evaluate({ error: { Error: 'States.Timeout' } })).toEqual({ status: 'Measured' });
    expect(room.staleness.audit).toHaveLength(1);
  });

  it.each([
    [
      'did not answer',
      { version: 3, error: { Error: 'States.TaskFailed', Cause: JSON.stringify(failedJob) } },
      /^States\.TaskFailed: AlgorithmError: no space left, password=\*\*\*$/,
    ],
    [
      'failed with more than can be read as JSON',
      { version: 3, error: { Error: 'States.TaskFailed', Cause: `{"Environment":"${'x'.repeat(6000)}` } },
      /^States\.TaskFailed: \{"Environment":"x{983}…$/,
    ],
    ['was forgotten', { version: 2 }, /^NotAsked: the workflow has no answer of it$/],
    [
      'left nothing',
      { version: 3, outputUri: 's3://artifacts/nothing' },
      /^expected predictions at nothing\/features\.csv\.out/,
    ],
  ])('measures the others where one version %s', async (_, answer, why) => {
    await room.evaluate({ answers: [await room.answers(4, (truth) => truth), answer] });
    const { versions, inWords } = await report();
    expect(versions[1]).toMatchObject({ version: 3, notCompared: 'NotScored', why: expect.stringMatching(why) });
    expect(versions[0]).toMatchObject({ intervals: { auc: { value: 1 } } });
    expect(inWords).toContain('No other version could be measured');
  });

  it('shows what a container says as text, on the page and in a terminal', async () => {
    const Cause = JSON.stringify({ FailureReason: '<script>alert(1)</script>\u001b[2J\nline two' });
    const failed = { version: 3, error: { Error: 'States.TaskFailed', Cause } };
    await room.evaluate({ answers: [await room.answers(4, (truth) => truth), failed] });
    expect((await report()).versions[1]).toMatchObject({
      why: 'States.TaskFailed: <script>alert(1)</script>[2J line two',
    });
    const page = await room.objects.readText({ bucket: 'artifacts', key: `${FOLDER}/report.html` });
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).not.toContain('<script');
  });

  it('reads the probabilities of several classes from the column on that the definition names', async () => {
    room.definitions.set(4, {
      problem: several,
      serving: { response: { contentType: 'text/csv', scoreColumn: 1 } },
    } as unknown as ModelDefinition);
    room.definitions.set(3, room.definitions.get(4)!);
    await room.plan();
    const sure = (truth: number) => (truth === 1 ? 'label,0.1,0.9' : 'label,0.8,0.2');
    const wrong = (truth: number, i: number) => sure(i % 4 === 0 ? 1 - truth : truth);
    await room.evaluate({ answers: [await room.answers(4, sure), await room.answers(3, wrong)] });
    const { versions, metric, ageing } = await report();
    expect(metric).toBe('aucMacro');
    expect(versions).toMatchObject([
      { intervals: { accuracy: { value: 1 }, aucMacro: { value: 1 } } },
      { intervals: { accuracy: { value: 0.75 } }, differences: { accuracy: { value: -0.25 } } },
    ]);
    expect(ageing!.verdict).toBe('Worse');
  });

  it('takes no answer that is not a number for one', async () => {
    const nonsense = await room.answers(3, (_, i) => (i === 7 ? 'NaN' : 0.5));
    await room.evaluate({ answers: [await room.answers(4, (truth) => truth), nonsense] });
    expect((await report()).versions[1]).toMatchObject({
      notCompared: 'NotScored',
      why: 'expected a finite number in column 0 of the version 3\'s predictions, got "NaN" at row 8',
    });
  });

  it('keeps why there was nothing to measure, once', async () => {
    const error = {
      Error: 'TooFewLabelledRowsError',
      Cause: JSON.stringify({ errorType: 'TooFewLabelledRowsError', errorMessage: 'expected 200, got 12' }),
    };
    expect(await room.evaluate({ error })).toEqual({ status: 'Failed' });
    const failure = { error: 'TooFewLabelledRowsError', message: 'expected 200, got 12' };
    expect(room.row).toMatchObject({ status: 'Failed', failure, endedAt: '2026-02-20T12:00:00.000Z' });
    expect(await room.evaluate({ error })).toEqual({ status: 'Failed' });
    expect(room.staleness.audit).toMatchObject([{ type: 'StalenessNotMeasured', details: failure }]);
  });
});

describe('a request to measure', () => {
  const KEY = `models/${MODEL}/requests/now.json`;
  const wish = { schema: 'launchway/request/v1', action: 'measure-staleness', versions: 5, days: 30 };
  let world: ReleaseWorld;
  beforeEach(async () => {
    world = await new ReleaseWorld().withModel();
    const champion = { version: 1, endpointName: 'e', endpointConfigName: 'c', since: '2030-01-01T00:00:00.000Z' };
    world.ledger.models.set(MODEL, { ...(await world.ledger.getModel(MODEL)), champion });
  });
  const refusal = () => [...world.ledger.refusals.values()].map(({ message }) => message);

  it('is one measurement, however often it is announced, under the name of who uploaded it', async () => {
    const message = await world.upload(KEY, JSON.stringify(wish));
    await world.deliver(message, message);
    await world.deliver(message);
    const [row, ...more] = await world.staleness.list(MODEL, 9);
    expect(more).toEqual([]);
    expect(row).toMatchObject({ status: 'Asked', versions: 5, days: 30, askedBy: { person: 'dana' } });
    expect(world.staleness.started).toEqual([row!.executionName]);
    expect(row!.executionName).toMatch(/^flight-delays-staleness-\d{8}T\d{9}Z-[0-9a-f]{8}$/);
    expect(world.staleness.audit).toMatchObject([{ type: 'StalenessAsked', actor: 'dana', details: { versions: 5 } }]);
  });

  it('is granted four times a day, and says from when again', async () => {
    const messages = [];
    for (let i = 1; i <= 6; i++) {
      messages.push(await world.upload(`models/${MODEL}/requests/${i}.json`, JSON.stringify(wish)));
      await world.deliver(messages.at(-1)!);
    }
    expect(world.staleness.started).toHaveLength(4);
    expect(refusal()).toHaveLength(2);
    expect(refusal()[0]).toMatch(/4 times within a day, which is the most; again from 20\d\d-.*Z, or see the last one/);
    await world.deliver(messages[0]!);
    expect(refusal()).toHaveLength(2);

    world.clock.advance(86_400_000);
    await world.deliver(await world.upload(`models/${MODEL}/requests/7.json`, JSON.stringify(wish)));
    expect(world.staleness.started).toHaveLength(5);
  });

  it('goes back to the queue until its workflow is started', async () => {
    const message = await world.upload(KEY, JSON.stringify(wish));
    world.staleness.failStart = new Error('throttled');
    expect(await world.deliver(message)).toMatchObject({ batchItemFailures: [{}] });
    world.staleness.failStart = undefined;
    expect(await world.deliver(message)).toEqual({ batchItemFailures: [] });
    expect(world.staleness.started).toHaveLength(1);
    expect(world.staleness.audit).toHaveLength(1);
  });

  it.each([
    ['too many versions', { versions: 11 }, /versions: Too big/],
    ['one version alone', { versions: 1 }, /versions: Too small/],
    ['no days', { days: 0 }, /days: Too small/],
    ['something else besides', { model: 'other' }, /model/],
  ])('is refused with %s', async (_, change, why) => {
    await world.deliver(await world.upload(KEY, JSON.stringify({ ...wish, ...change })));
    expect(refusal()).toEqual([expect.stringMatching(why)]);
    expect(world.staleness.started).toEqual([]);
  });

  it('is refused to whoever is not of the team, and of a model that does not serve', async () => {
    await world.deliver(await world.upload(KEY, JSON.stringify(wish), 'AWS:stranger'));
    const { champion: _, ...idle } = await world.ledger.getModel(MODEL);
    world.ledger.models.set(MODEL, idle);
    await world.deliver(await world.upload(KEY, JSON.stringify(wish)));
    expect(refusal()).toEqual([
      expect.stringMatching(/may not act on flight-delays/),
      'flight-delays does not serve, so nothing was predicted that versions could be held against',
    ]);
    expect(world.staleness.started).toEqual([]);
  });
});

describe('a measurement by schedule', () => {
  const weekly = async () => {
    const scheduled = new QualityRoom({ stalenessEveryDays: 7 });
    await scheduled.release(4, '2026-02-11T00:00:00.000Z');
    scheduled.lineage.versions.set(`${MODEL}/3`, {
      ...scheduled.lineage.versions.get(`${MODEL}/3`)!,
      status: 'Retired',
    });
    return scheduled;
  };
  const asked = async ({ staleness }: QualityRoom) => (await staleness.list(MODEL, 9)).map(({ askedAt }) => askedAt);

  it('is asked for once in so many days, by monitoring, and whoever asks in between counts', async () => {
    const scheduled = await weekly();
    await scheduled.measure('2026-02-12T00:15:00.000Z');
    await scheduled.measure('2026-02-19T00:14:59.000Z');
    expect(await asked(scheduled)).toEqual(['2026-02-12T00:15:00.000Z']);
    await scheduled.measure('2026-02-19T00:15:00.000Z');
    expect(await asked(scheduled)).toEqual(['2026-02-19T00:15:00.000Z', '2026-02-12T00:15:00.000Z']);
    const [row] = await scheduled.staleness.list(MODEL, 1);
    expect(row).toMatchObject({ askedBy: { principal: 'launchway:measure-quality' }, versions: 5, days: 30 });
    expect(scheduled.staleness.started).toHaveLength(2);
    scheduled.staleness.rows.set(`${MODEL}/z`, {
      ...row!,
      id: 'z',
      askedAt: '2026-02-25T00:00:00.000Z',
      origin: 'upload/a#1',
    });
    await scheduled.measure('2026-02-27T00:15:00.000Z');
    expect(scheduled.staleness.started).toHaveLength(2);
  });

  it('is started when it is tried again, where its start was lost', async () => {
    const scheduled = await weekly();
    scheduled.staleness.failStart = new Error('throttled');
    await expect(scheduled.measure('2026-02-12T00:15:00.000Z')).rejects.toThrow('throttled');
    scheduled.staleness.failStart = undefined;
    await scheduled.measure('2026-02-12T00:15:00.000Z');
    expect(scheduled.staleness.started).toHaveLength(1);
    expect(scheduled.staleness.audit).toHaveLength(1);
  });

  it('is not asked for where nobody wants it, or there is no other version to hold against', async () => {
    for (const monitoring of [{}, { stalenessEveryDays: 7 }]) {
      const idle = new QualityRoom(monitoring);
      if (monitoring.stalenessEveryDays === undefined) await idle.release(4, '2026-02-11T00:00:00.000Z');
      await idle.measure('2026-02-12T00:15:00.000Z');
      expect(await asked(idle)).toEqual([]);
    }
  });
});
