import { beforeEach, describe, expect, it } from '@jest/globals';
import { sha256Hex } from '../../adapters/sha256.ts';
import { MAX_DEFINITION_BYTES } from '../../adapters/yaml-model-definition.ts';
import { compareReproduction } from '../../domain/training/reproduction.ts';
import { parquetOf } from '../support/parquet-files.ts';
import {
  APPROVED,
  ARTIFACTS,
  definitionText,
  flights,
  ReleaseWorld,
  tarGz,
  trainingJob,
} from '../support/release-world.ts';

const AT = { model: 'flight-delays', release: 1 };

describe('the way from an upload to an evaluated model', () => {
  let world: ReleaseWorld;
  beforeEach(async () => {
    world = await new ReleaseWorld().withModel();
    await world.deliver(await world.upload('models/flight-delays/data/2001-01-31/train.csv', flights(1000)));
  });

  it('admits, seals, prepares, trains, seals and evaluates, with an audit entry for each', async () => {
    await world.train(1, { 'model.json': '{}', 'encoder.pkl': 'x' });
    const sealed = await world.sealArtifact(AT);
    const plan = await world.planValidation({ ...AT, attempt: '0-0' });
    await world.transform(plan.candidate.outputUri, plan.candidate.inputUri, ([distance]) => Number(distance) / 1000);
    const { passed } = await world.evaluateModel({ ...AT, candidateOutputUri: plan.candidate.outputUri });

    expect(passed).toBe(true);
    expect(sealed.version).toBe(1);
    const release = await world.ledger.getRelease('flight-delays', 1);
    expect(release).toMatchObject({ status: 'Validating', version: 1, submitter: { person: 'dana' } });
    expect(release.steps.prepared).toMatchObject({ trainRows: 800, holdoutRows: 200, split: { kind: 'time' } });
    expect(release.steps.artifact?.findings).toEqual([expect.stringContaining('encoder.pkl')]);
    expect(release.steps.evaluation?.metrics.auc).toBeGreaterThan(0.55);
    expect(await world.ledger.getVersion('flight-delays', 1)).toMatchObject({ status: 'Validated' });
    expect(world.ledger.audit.map(({ type }) => type)).toEqual([
      'ModelCreated',
      'ReleaseAdmitted',
      'ReleaseOpened',
      'DatasetSealed',
      'DataPrepared',
      'BaselineProfiled',
      'TrainingPlanned',
      'ModelTrained',
      'SealingBegun',
      'VersionSealed',
      'ValidationPlanned',
      'ModelEvaluated',
      'VersionValidated',
    ]);
  });

  it('writes the channels and the hold-out where the documents say', async () => {
    await world.train(1);
    const { steps } = await world.ledger.getRelease('flight-delays', 1);
    const folder = steps.prepared!.uri.replace(`s3://${APPROVED}/`, '');
    const read = (name: string) => world.objects.readText({ bucket: APPROVED, key: `${folder}/${name}` });
    expect((await read('train/train.csv')).split('\n')[0]).toBe('distance,origin,delayed');
    expect((await read('holdout/features.csv')).split('\n')[0]).toMatch(/^\d+,(JFK|SFO|ORD)$/);
    expect((await read('holdout/labels.csv')).split('\n')[0]).toBe('row_id,target,carrier');
    expect(JSON.parse(await read('schema/schema.json'))).toEqual({
      features: [
        { name: 'distance', type: 'numeric' },
        { name: 'origin', type: 'categorical' },
      ],
      target: 'delayed',
      positiveClass: '1',
      problem: 'binary-classification',
    });
  });

  it('makes the same channels and hold-out of Parquet as of CSV', async () => {
    const prepared = async (format: string, body: string | Uint8Array) => {
      const other = await new ReleaseWorld().withModel(
        definitionText((text) => text.replace('data: {', `data: { format: ${format},`)),
      );
      await other.deliver(await other.upload(`models/flight-delays/data/train.${format}`, body));
      await other.train(1);
      const { steps } = await other.ledger.getRelease('flight-delays', 1);
      expect(steps.dataset?.object.key).toMatch(new RegExp(`/datasets/[0-9a-f]{64}/train\\.${format}$`));
      const folder = steps.prepared!.uri.replace(`s3://${APPROVED}/`, '');
      const files = ['train/train.csv', 'schema/schema.json', 'holdout/features.csv', 'holdout/labels.csv'];
      return Promise.all(files.map((name) => other.objects.readText({ bucket: APPROVED, key: `${folder}/${name}` })));
    };
    const parquet = await parquetOf(flights(1000), 'compression zstd, row_group_size 2048');
    expect(await prepared('parquet', parquet)).toEqual(await prepared('csv', flights(1000)));
  });

  it('F11: plans the largest definition there may be within what Step Functions hands from state to state', async () => {
    const values = Array.from({ length: 30 }, (_, i) => `    value_${i}: ${'x'.repeat(1_950)}\n`).join('');
    const large = definitionText((text) =>
      text.replace(
        'training: { image: "launchway/flight-delays:1" }',
        `training:\n  image: "launchway/flight-delays:1"\n  hyperparameters:\n${values}`,
      ),
    );
    expect(large.length).toBeGreaterThan(0.9 * MAX_DEFINITION_BYTES);
    const other = await new ReleaseWorld().withModel(large);
    await other.deliver(await other.upload('models/flight-delays/data/train.csv', flights(1000)));
    await other.prepare(1);
    const plan = await other.planTraining({ ...AT, attempt: '0-0' });
    expect(Object.keys(plan.hyperparameters)).toHaveLength(30);
    // A state hands on at most 262,144 bytes; beyond it ends in an error that no workflow can catch.
    expect(Buffer.byteLength(JSON.stringify(plan))).toBeLessThan(131_072);
  });

  it('gives a built-in algorithm what it reads: numbers without a header, the target first, and nothing else', async () => {
    const algorithm = definitionText((text) =>
      text
        .replace('  - { name: origin, type: categorical }\n', '')
        .replace('origin', 'carrier')
        .replace('[carrier]', '[carrier, origin]')
        .replace('image: "launchway/flight-delays:1"', 'algorithm: xgboost-1.7, hyperparameters: { num_round: 20 }'),
    );
    const other = await new ReleaseWorld().withModel(algorithm);
    await other.deliver(await other.upload('models/flight-delays/data/train.csv', flights(1000)));
    await other.prepare(1);
    const plan = await other.planTraining({ ...AT, attempt: '0-0' });
    expect(plan.hyperparameters).toEqual({ objective: 'binary:logistic', num_round: '20' });
    expect(plan.image).toMatch(/^141502667606\.dkr\.ecr\.eu-west-1\.amazonaws\.com\/sagemaker-xgboost@sha256:/);
    const [only, ...others] = plan.channels;
    expect({ name: only!.ChannelName, others }).toEqual({ name: 'train', others: [] });
    const { S3Uri } = only!.DataSource.S3DataSource;
    const read = await other.objects.readText({
      bucket: APPROVED,
      key: `${S3Uri.replace(`s3://${APPROVED}/`, '')}train.csv`,
    });
    // Rows 0 and 1 of `flights`: distances 0 and 919, none of them late by the rule there but what it says.
    const rows = flights(2)
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','));
    expect(read.split('\n').slice(0, 2)).toEqual(rows.map((cells) => `${cells[5]},${cells[3]}`));
    expect(read.trimEnd().split('\n')).toHaveLength(800);
  });

  describe('a release that is trained again', () => {
    const ask = (release: number) => world.upload(`models/flight-delays/reproductions/${release}/now.json`, '{}');
    const trained = async () => {
      await world.train(1);
      await world.sealArtifact(AT);
      await world.validate(1, ([distance]) => Number(distance) / 1000);
      await world.closeRelease({ ...AT, outcome: 'Failed', error: { Error: 'X', Cause: 'y' } });
    };

    it('is made of what it was made of, whatever the model is made of now, and does train', async () => {
      await trained();
      await world.withModel(
        definitionText((text) =>
          text.replace('tier: standard', 'tier: standard\ndescription: Another definition than then.'),
        ),
      );
      await world.deliver(await ask(1));
      const [first, again] = [1, 2].map((release) => world.ledger.releases.get(`flight-delays/${release}`)!);
      expect(again).toMatchObject({ purpose: 'experiment', reproduces: 1, inputs: first!.inputs });
      expect(again!.executionName).not.toBe(first!.executionName);
      await world.train(2);
      expect(world.trained).toHaveLength(2);
      await world.sealArtifact({ ...AT, release: 2 });
      await world.validate(2, ([distance]) => Number(distance) / 1000);
      const rows = [
        await world.ledger.getRelease('flight-delays', 1),
        await world.ledger.getRelease('flight-delays', 2),
      ];
      expect(compareReproduction(rows[0]!, rows[1]!)).toMatchObject({
        verdict: 'equal',
        // Packed within the same second they are the same archive, otherwise the same contents.
        artifact: { isEqual: expect.stringMatching(/^(archive|contents)$/) },
      });
      await world.closeRelease({ ...AT, release: 2, outcome: 'Validated' });
      expect(world.mailer.sent.at(-1)!.text).toContain('launchway reproduce flight-delays/1 --against 2');
      // Data that comes later is not overtaken by it, and reuses the original's training rather than this one's.
      await world.withModel();
      await world.deliver(await world.upload('models/flight-delays/data/again/train.csv', flights(1000)));
      await world.train(3);
      expect((await world.ledger.getRelease('flight-delays', 3)).steps.training).toMatchObject({ reusedFrom: 1 });
    });

    it('waits for the release that runs, as any experiment', async () => {
      await world.deliver(await ask(1));
      expect((await world.ledger.getModel('flight-delays')).queuedExperiment?.dataset.key).toContain(
        '/reproductions/1/',
      );
    });

    it('is refused where nothing was trained', async () => {
      await world.closeRelease({ ...AT, outcome: 'Failed', error: { Error: 'X', Cause: 'y' } });
      await world.deliver(await ask(1), await ask(7));
      expect([...world.ledger.refusals.values()].map(({ message }) => message)).toEqual([
        'release 1 of flight-delays trained nothing that could be trained again',
        'there is no release 7 of flight-delays to train again',
      ]);
    });
  });

  describe('a model that was trained elsewhere', () => {
    const brought = definitionText((text) =>
      text
        .replace('image: "launchway/flight-delays:1"', 'artifact: model.tar.gz')
        .replace('data: {', 'data: { test: { split: file },')
        .concat('serving: { image: "launchway/flight-delays:1" }\n'),
    );
    const upload = async (other: ReleaseWorld) => {
      await other.deliver(await other.upload('models/flight-delays/data/test.csv', flights(300, 1000)));
      await other.deliver(await other.upload('models/flight-delays/data/train.csv', flights(1000)));
    };

    it('is sealed at the version that its release pinned, judged, and never said to be trained here', async () => {
      const other = await new ReleaseWorld().withModel(brought);
      const archive = await tarGz({ 'model.json': '{"trained": "elsewhere"}' });
      await other.deliver(await other.upload('models/flight-delays/model.tar.gz', archive));
      await upload(other);
      await other.upload('models/flight-delays/model.tar.gz', await tarGz({ 'model.json': '{"newer": 1}' }));
      const { executionName } = await other.ledger.getRelease('flight-delays', 1);
      expect(await other.openRelease({ ...AT, executionName })).toMatchObject({ isBrought: true });
      await other.sealDataset(AT);
      await other.prepareChannels(AT);
      await other.profileBaseline(AT);
      expect(await other.sealArtifact(AT)).toMatchObject({ sha256: sha256Hex(archive) });
      await other.validate(1, ([distance]) => Number(distance) / 1000);
      const version = await other.ledger.getVersion('flight-delays', 1);
      expect(version).toMatchObject({ status: 'Validated', prepared: { trainRows: 1000, holdoutRows: 300 } });
      expect(version.training).toBeUndefined();
      expect(version.artifact.findings).toEqual([expect.stringMatching(/^Not trained here/)]);
      expect(version.image).toContain('@sha256:');
      const page = await other.objects.readText(version.evaluation!.page!);
      expect(page).toContain('none: trained elsewhere');
    });

    it('is refused where it was never uploaded, or where the model trains here', async () => {
      const other = await new ReleaseWorld().withModel(brought);
      await upload(other);
      expect([...other.ledger.refusals.values()].map(({ message }) => message)).toEqual([
        expect.stringContaining('upload models/flight-delays/model.tar.gz first'),
      ]);
      await world.deliver(await world.upload('models/flight-delays/model.tar.gz', 'x'));
      expect([...world.ledger.refusals.values()].map(({ message }) => message)).toEqual([
        'model flight-delays trains with its own image, which holds its code: model.tar.gz is not used',
      ]);
    });
  });

  it.each([
    ['csv', 'parquet', 'a Parquet file; set data.format: parquet'],
    ['parquet', 'csv', 'is it CSV? then say so (data.format: csv, --format csv)'],
  ])('refuses another format than %s', async (format, got, message) => {
    const other = await new ReleaseWorld().withModel(
      definitionText((text) => text.replace('data: {', `data: { format: ${format},`)),
    );
    const body = got === 'csv' ? flights(1000) : await parquetOf(flights(1000));
    await other.deliver(await other.upload(`models/flight-delays/data/train.${got}`, body));
    await expect(other.train(1)).rejects.toMatchObject({
      name: 'DatasetRefusedError',
      message: expect.stringContaining(message),
    });
    expect(other.trained).toEqual([]);
    expect(other.objects.keys(ARTIFACTS)).toContain(`operations/flight-delays/quarantine/release-1/train.${got}`);
  });

  it('keeps what training ran with, and a digest of contents that packing does not change', async () => {
    await world.train(1, { 'versions.json': '{"numpy": "2.1.0"}', 'model.json': '{}' });
    await world.sealArtifact(AT);
    const { artifact } = (await world.ledger.getRelease('flight-delays', 1)).steps;
    const fileDigests = Object.entries({ 'model.json': '{}', 'versions.json': '{"numpy": "2.1.0"}' }).map(
      ([name, text]) => [name, sha256Hex(text)],
    );
    expect(artifact).toMatchObject({
      libraries: { numpy: '2.1.0' },
      contentsSha256: sha256Hex(JSON.stringify(fileDigests)),
    });
  });

  it('can repeat every step without doing anything twice', async () => {
    await world.train(1);
    const first = await world.sealArtifact(AT);
    const entries = world.ledger.audit.length;
    const keys = world.objects.keys(APPROVED);

    expect(await world.sealArtifact(AT)).toEqual(first);
    await world.sealDataset(AT);
    await world.prepareChannels(AT);
    expect(world.objects.keys(APPROVED)).toEqual(keys);
    expect(world.ledger.audit).toHaveLength(entries);
  });

  it('adopts a job of the same inputs instead of paying twice, and takes another name where it failed', async () => {
    const { executionName } = await world.ledger.getRelease('flight-delays', 1);
    await world.openRelease({ ...AT, executionName });
    await world.sealDataset(AT);
    await world.prepareChannels(AT);
    const plan = await world.planTraining({ ...AT, attempt: '0-0' });
    expect(plan).toMatchObject({
      action: 'create',
      jobName: 'launchway-test-flight-delays-r1-0-0',
      roleArn: 'arn:aws:iam::000000000000:role/launchway-test-operations-train',
      outputUri: `s3://${ARTIFACTS}/operations/flight-delays/releases/1/training`,
      maxRuntimeSeconds: 3600,
    });
    const tags = new Map(plan.tags.map(({ Key, Value }) => [Key, Value]));

    world.jobs.set(plan.jobName, trainingJob(plan.jobName, { status: 'InProgress', tags }));
    expect(await world.planTraining({ ...AT, attempt: '0-0' })).toMatchObject({
      action: 'adopt',
      jobName: plan.jobName,
    });
    expect(await world.planTraining({ ...AT, attempt: '1-0' })).toMatchObject({
      action: 'adopt',
      jobName: plan.jobName,
    });

    world.jobs.set(plan.jobName, trainingJob(plan.jobName, { status: 'Failed', tags }));
    expect(await world.planTraining({ ...AT, attempt: '0-0' })).toMatchObject({
      action: 'create',
      jobName: 'launchway-test-flight-delays-r1-0-0-2',
    });
    world.jobs.set(plan.jobName, trainingJob(plan.jobName, { tags: new Map([['launchway:inputs', 'others']]) }));
    expect(await world.planTraining({ ...AT, attempt: '0-0' })).toMatchObject({ action: 'create' });
  });

  it('compares with the champion on rows that neither was trained on', async () => {
    await world.train(1);
    await world.sealArtifact(AT);
    const model = await world.ledger.getModel('flight-delays');
    const champion = { version: 1, endpointName: 'e', endpointConfigName: 'c', since: '2030-01-01T00:00:00.000Z' };
    const { activeRelease: _ended, ...free } = model;
    world.ledger.models.set('flight-delays', { ...free, champion });
    await world.deliver(await world.upload('models/flight-delays/data/2001-02-28/train.csv', flights(1000, 500)));
    await world.train(2);
    await world.sealArtifact({ ...AT, release: 2 });
    const plan = await world.planValidation({ ...AT, release: 2, attempt: '0-0' });
    await world.transform(plan.candidate.outputUri, plan.candidate.inputUri, ([distance]) => Number(distance) / 1000);
    await world.transform(plan.champion!.outputUri, plan.champion!.inputUri, ([distance]) => Number(distance) / 1000);
    const input = { ...AT, release: 2, candidateOutputUri: plan.candidate.outputUri };
    await world.evaluateModel({ ...input, championOutputUri: plan.champion!.outputUri });

    const { evaluation } = (await world.ledger.getRelease('flight-delays', 2)).steps;
    expect(evaluation).toMatchObject({ passed: true, comparedWith: 1 });
    expect(evaluation?.gates.map(({ verdict }) => verdict)).toEqual(['Passed', 'Passed']);
    const document = JSON.parse(await world.objects.readText(evaluation!.document));
    expect(document).toMatchObject({ schema: 'launchway/evaluation/v1', changedDecisions: { changed: 0 }, version: 2 });
  });

  it.each([
    [
      'a line too few',
      (_: string[], i: number) => (i === 0 ? undefined : '0.5'),
      'PredictionCountError',
      'one prediction',
    ],
    [
      'not a number',
      (_: string[], i: number) => (i === 3 ? 'nan' : '0.5'),
      'PredictionNotANumberError',
      'finite number',
    ],
  ])('refuses to judge predictions with %s', async (_name, line, name, message) => {
    await world.train(1);
    await world.sealArtifact(AT);
    const plan = await world.planValidation({ ...AT, attempt: '0-0' });
    const lines = Array.from({ length: 200 }, (_, i) => line([], i)).filter((text) => text !== undefined);
    const out = new URL(`${plan.candidate.outputUri}/features.csv.out`);
    await world.objects.put({ bucket: out.host, key: out.pathname.slice(1) }, lines.join('\n'), 'text/csv');
    await expect(world.evaluateModel({ ...AT, candidateOutputUri: plan.candidate.outputUri })).rejects.toMatchObject({
      name,
      message: expect.stringContaining(message),
    });
  });

  it('refuses a model that no gate would pass, and says which gate', async () => {
    await world.train(1);
    await world.sealArtifact(AT);
    const plan = await world.planValidation({ ...AT, attempt: '0-0' });
    await world.transform(
      plan.candidate.outputUri,
      plan.candidate.inputUri,
      ([distance]) => 1 - Number(distance) / 1000,
    );
    expect(await world.evaluateModel({ ...AT, candidateOutputUri: plan.candidate.outputUri })).toEqual({
      passed: false,
    });
    expect(await world.ledger.getVersion('flight-delays', 1)).toMatchObject({ status: 'Refused' });

    expect(await world.closeRelease({ ...AT, outcome: 'Refused' })).toMatchObject({
      status: 'Refused',
      message: expect.stringContaining('at least 0.55 is needed'),
    });
    expect(world.mailer.sent.at(-1)).toMatchObject({ to: ['owner@example.com', 'dana@example.com'] });
  });

  it('refuses an archive with a link, and a model from elsewhere', async () => {
    await world.train(1);
    const { steps } = await world.ledger.getRelease('flight-delays', 1);
    const key = steps.training!.artifactUri.replace(`s3://${ARTIFACTS}/`, '');
    await world.objects.put({ bucket: ARTIFACTS, key }, 'not an archive', 'application/gzip');
    await expect(world.sealArtifact(AT)).rejects.toMatchObject({ name: 'ArtifactRefusedError' });
    const row = await world.ledger.getRelease('flight-delays', 1);
    const training = {
      ...steps.training!,
      artifactUri: `s3://${ARTIFACTS}/lending/other/releases/1/training/x/model.tar.gz`,
    };
    world.ledger.releases.set('flight-delays/1', { ...row, steps: { ...row.steps, training } });
    await expect(world.sealArtifact(AT)).rejects.toThrow('expected the model under');
  });

  it('throws what SageMaker said of a failed job, and records what it cost', async () => {
    const tags = new Map([['launchway:release', '1']]);
    const failure = {
      status: 'Failed' as const,
      failureReason: "AlgorithmError: KeyError: 'origin'",
      seconds: 3600,
      tags,
    };
    world.jobs.set('j', trainingJob('j', failure));
    await expect(world.recordTraining({ ...AT, jobName: 'j' })).rejects.toMatchObject({
      name: 'TrainingFailedError',
      message: expect.stringContaining("KeyError: 'origin'"),
    });
    expect((await world.ledger.getRelease('flight-delays', 1)).steps.failedTraining).toMatchObject({
      seconds: 3600,
      costUsd: expect.any(Number),
    });
    world.jobs.set('j', trainingJob('j', { status: 'InProgress' }));
    expect(await world.recordTraining({ ...AT, jobName: 'j' })).toEqual({ status: 'InProgress' });
    await expect(world.recordTraining({ ...AT, jobName: 'none' })).rejects.toMatchObject({ name: 'NotFoundError' });
  });

  it('goes on with the next instance type where one has no capacity, and says so', async () => {
    const types = definitionText((text) =>
      text.replace('delays:1"', 'delays:1", instance: { types: [ml.m5.large, ml.m6i.large] }'),
    );
    const other = await new ReleaseWorld()
      .allowing({ instanceTypes: ['ml.m5.large', 'ml.m6i.large'] })
      .withModel(types);
    await other.deliver(await other.upload('models/flight-delays/data/train.csv', flights(1000)));
    await other.prepare(1);
    const first = await other.planTraining({ ...AT, attempt: '0-0' });
    expect(first).toMatchObject({ instanceType: 'ml.m5.large', withoutCapacity: [], typesLeft: 1 });
    const tags = new Map(first.tags.map(({ Key, Value }) => [Key, Value]));
    const failureReason = 'CapacityError: Unable to provision requested ML compute capacity.';
    other.jobs.set(first.jobName, trainingJob(first.jobName, { status: 'Failed', failureReason, tags }));
    const { jobName } = first;
    expect(await other.recordTraining({ ...AT, jobName, typesLeft: 1 })).toEqual({ status: 'NoCapacity' });

    const second = await other.planTraining({ ...AT, attempt: '0-0', withoutCapacity: 1 });
    expect(second).toMatchObject({
      action: 'create',
      jobName: `${first.jobName}-2`,
      instanceType: 'ml.m6i.large',
      withoutCapacity: ['ml.m5.large'],
      typesLeft: 0,
      // Which type had capacity does not decide what is computed.
      tags: first.tags,
    });
    const completed = { instanceType: 'ml.m6i.large', artifactUri: 's3://a/model.tar.gz', tags };
    other.jobs.set(second.jobName, trainingJob(second.jobName, completed));
    await other.recordTraining({ ...AT, jobName: second.jobName, withoutCapacity: ['ml.m5.large'] });
    expect((await other.ledger.getRelease('flight-delays', 1)).steps.training).toMatchObject({
      instanceType: 'ml.m6i.large',
      withoutCapacity: ['ml.m5.large'],
    });
    await expect(other.recordTraining({ ...AT, jobName, typesLeft: 0 })).rejects.toMatchObject({
      name: 'CapacityUnavailableError',
    });
  });

  it('trains on spot instances with checkpoints under the team’s prefix, and records what that saved', async () => {
    const spot = definitionText((text) => text.replace('delays:1"', 'delays:1", spot: true, inputMode: fastFile'));
    const other = await new ReleaseWorld().withModel(spot);
    await other.deliver(await other.upload('models/flight-delays/data/train.csv', flights(1000)));
    await other.prepare(1);
    const plan = await other.planTraining({ ...AT, attempt: '0-0' });
    const inputs = plan.tags.find(({ Key }) => Key === 'launchway:inputs')!.Value;
    expect(plan.settings).toEqual({
      EnableManagedSpotTraining: true,
      StoppingCondition: { MaxRuntimeInSeconds: 3600, MaxWaitTimeInSeconds: 7200 },
      CheckpointConfig: {
        S3Uri: `s3://${ARTIFACTS}/operations/flight-delays/checkpoints/${inputs}/`,
        LocalPath: '/opt/ml/checkpoints',
      },
    });
    expect(plan.inputMode).toBe('FastFile');
    expect(plan.channels.map(({ InputMode }) => InputMode)).toEqual([undefined, 'File']);
    const job = {
      artifactUri: 's3://a/model.tar.gz',
      isSpot: true,
      trainingSeconds: 100,
      seconds: 40,
      interruptions: 1,
    };
    other.jobs.set(plan.jobName, trainingJob(plan.jobName, job));
    await other.recordTraining({ ...AT, jobName: plan.jobName });
    expect((await other.ledger.getRelease('flight-delays', 1)).steps.training).toMatchObject({
      seconds: 40,
      trainingSeconds: 100,
      isSpot: true,
      interruptions: 1,
    });
  });

  it('does not begin work for an execution that is not the release’s own', async () => {
    await expect(world.openRelease({ ...AT, executionName: 'another' })).rejects.toMatchObject({
      name: 'UnlawfulTransitionError',
    });
  });

  it('trains a framework model with AWS’s image and its code as a channel', async () => {
    const framework = definitionText((text) =>
      text.replace(
        'image: "launchway/flight-delays:1"',
        'framework: sklearn-1.2, source: src, entryPoint: train.py, hyperparameters: { depth: 6 }',
      ),
    );
    const other = await new ReleaseWorld().withModel(framework);
    await other.deliver(await other.upload('models/flight-delays/source.tar.gz', 'code'));
    await other.deliver(await other.upload('models/flight-delays/data/train.csv', flights(1000)));
    await other.train(1);
    const plan = await other.planTraining({ ...AT, attempt: '0-0' });
    expect(plan.image).toMatch(
      /^141502667606\.dkr\.ecr\.eu-west-1\.amazonaws\.com\/sagemaker-scikit-learn@sha256:[0-9a-f]{64}$/,
    );
    expect(plan.channels.map(({ ChannelName }) => ChannelName)).toEqual(['train', 'schema', 'code']);
    expect(plan.hyperparameters).toMatchObject({
      depth: '6',
      sagemaker_program: '"train.py"',
      sagemaker_submit_directory: '"/opt/ml/input/data/code/sourcedir.tar.gz"',
    });
    await other.sealArtifact(AT);
    const { candidate } = await other.planValidation({ ...AT, attempt: '0-0' });
    expect(candidate.environment).toMatchObject({
      SAGEMAKER_PROGRAM: 'train.py',
      SAGEMAKER_SUBMIT_DIRECTORY: '/opt/ml/model/code',
    });
  });

  it.each([
    ['framework: pytorch-2.3, source: src, entryPoint: train.py', 'pytorch-training', 'pytorch-inference'],
    [
      'image: "launchway/flight-delays:1" }\nserving: { image: "launchway/flight-delays:serve"',
      'launchway/flight-delays',
      'launchway/flight-delays',
    ],
  ])('trains and serves with images of their own: %s', async (training, trains, serves) => {
    const text = definitionText((t) => t.replace('image: "launchway/flight-delays:1"', training));
    const other = await new ReleaseWorld().withModel(text);
    if (training.startsWith('framework'))
      await other.deliver(await other.upload('models/flight-delays/source.tar.gz', 'code'));
    await other.deliver(await other.upload('models/flight-delays/data/train.csv', flights(1000)));
    const { inputs } = await other.ledger.getRelease('flight-delays', 1);
    expect(inputs.image).toContain(`/${trains}@sha256:`);
    expect(inputs.servingImage).toContain(`/${serves}@sha256:`);
    await other.train(1);
    expect((await other.planTraining({ ...AT, attempt: '0-0' })).image).toBe(inputs.image);
    await other.sealArtifact(AT);
    expect((await other.ledger.getVersion('flight-delays', 1)).image).toBe(inputs.servingImage);
  });
});
