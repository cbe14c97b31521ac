import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListTrainingJobsCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { assertResumable } from '../../cli/commands/resume.ts';
import { type Connection, connectTo } from '../../cli/connection.ts';
import { approveByMail } from '../../cli/demo/approve-by-mail.ts';
import { LocalClock } from '../../cli/demo/local-clock.ts';
import { predict } from '../../cli/demo/predict.ts';
import { resubmitDataset, submitDefinition, submitModel } from '../../cli/submit-model.ts';
import { watchRelease } from '../../cli/watch-release.ts';
import type { ReleaseRow } from '../../domain/release.ts';
import { bankData, example, FIRST_CONTACTS, readContacts } from '../../examples/bank-marketing/example.ts';
import { findPython } from '../../local/services/sagemaker/container/image.ts';
import { type DeployedCloud, deployedCloud } from '../support/deployed-cloud.ts';

const MODEL = 'bank-marketing';
const DAY = 86_400_000;
const python = await findPython('sklearn');
const missing = python ? (bankData() ? undefined : "UCI's file is not here") : 'no Python here imports sklearn';
if (missing) console.warn(`skipped: ${missing}`);
const onBank = missing ? describe.skip : describe;

/** Every customer's answer goes to another customer: what is learned is noise. */
const SHUFFLED = `    target = numpy.random.default_rng(arguments.seed).permutation(target)
    pipeline = build_pipeline(`;

onBank('a scikit-learn model in script mode, from release to release', () => {
  let cloud: DeployedCloud;
  let connection: Connection;
  let clock: LocalClock;
  let folder: string;
  const contacts = missing ? undefined : readContacts();

  beforeAll(async () => {
    cloud = await deployedCloud();
    connection = await connectTo(cloud.url, 'launchway-local', example.submitter);
    clock = new LocalClock(cloud.url);
    folder = mkdtempSync(join(tmpdir(), 'launchway-bank-'));
    cpSync(example.folder, folder, { recursive: true });
  }, 240_000);
  afterAll(async () => {
    await cloud?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const edit = (file: string, change: (text: string) => string) =>
    writeFileSync(join(folder, file), change(readFileSync(join(folder, file), 'utf8')));
  const now = async () => new Date(await clock.now());
  const submit = async (rows: number, purpose: 'release' | 'experiment' = 'release') => {
    const trainingFile = { name: 'train.csv', text: () => contacts!.first(rows) };
    return end((await submitModel(connection, { folder, trainingFile, purpose }, await now())).release);
  };
  const again = async (number: number) => {
    const row = await connection.lineage.getRelease(MODEL, number);
    return end((await resubmitDataset(connection, MODEL, row, 'release', await now())).release);
  };
  let answer: 'approve' | 'nobody' = 'approve';
  const end = (release: number | 'queued'): Promise<ReleaseRow> =>
    watchRelease(connection, MODEL, release as number, () => {}, {
      every: 100,
      fastForward: () => clock.advance(30_000),
      onAwaitingApproval: async () => {
        if (answer === 'approve') await approveByMail(cloud.url, 'ada@example.com', 'gates passed');
        else await clock.advance(7 * DAY);
      },
    });
  const trainingJobs = async () => {
    const client = new SageMakerClient(connection.client);
    return (await client.send(new ListTrainingJobsCommand({ NameContains: MODEL }))).TrainingJobSummaries!.length;
  };

  it('trains, validates, asks, deploys and predicts', async () => {
    const release = await submit(FIRST_CONTACTS);
    expect(release.outcome?.message).toBe('version 1 serves');
    expect(release.status).toBe('Deployed');
    expect(release.steps.training?.image).toContain('sagemaker-scikit-learn');
    expect(release.steps.evaluation?.metrics.auc).toBeCloseTo(0.61, 2);
    const scores = await predict(
      connection.client,
      'launchway-local-bank-marketing',
      contacts!.requests(FIRST_CONTACTS, FIRST_CONTACTS + 20),
    );
    expect(scores.every((score) => score > 0 && score < 1)).toBe(true);
  }, 180_000);

  it('finds an equal model trained on 4,000 more rows not worse, and does not refuse it', async () => {
    answer = 'nobody';
    const release = await submit(FIRST_CONTACTS + 4000);
    expect(release.status).toBe('Expired');
    const [gate] = release.steps.evaluation!.gates;
    expect(gate).toMatchObject({ metric: 'auc', verdict: 'Passed' });
    expect(gate!.why).toMatch(/than version 1's on the same \d{4} rows/);
    expect(Math.abs(gate!.measured!)).toBeLessThan(0.01);
    expect(await trainingJobs()).toBe(2);
  }, 180_000);

  it('asks again for what expired without training again', async () => {
    answer = 'approve';
    const expired = await connection.lineage.getRelease(MODEL, 2);
    expect(() => assertResumable(expired, 'approve')).not.toThrow();
    const release = await again(2);
    expect(release).toMatchObject({ release: 3, status: 'Deployed' });
    expect(release.steps.training).toMatchObject({ reusedFrom: 2, jobName: expired.steps.training!.jobName });
    expect(release.steps.artifact).toEqual(expired.steps.artifact);
    expect(await trainingJobs()).toBe(2);
  }, 180_000);

  it('refuses a model that is really worse, and goes on from a changed gate without training again', async () => {
    edit('src/train.py', (text) => text.replace('    pipeline = build_pipeline(', SHUFFLED));
    const worse = await submit(FIRST_CONTACTS + 4000);
    expect(worse.status).toBe('Refused');
    expect(worse.outcome).toMatchObject({ whose: 'a gate', message: expect.stringContaining('worse than version') });
    expect(await trainingJobs()).toBe(3);

    edit('model.yaml', (text) => `${text}validation: { gates: [{ metric: auc, atLeast: 0.4 }] }\n`);
    await submitDefinition(connection, folder);
    const resumed = await again(4);
    expect(resumed).toMatchObject({ status: 'Deployed', steps: { training: { reusedFrom: 4 } } });
    expect(await trainingJobs()).toBe(3);
  }, 240_000);

  it('ends an experiment after validation, asks nobody, and reuses its training when it is proposed', async () => {
    edit('src/train.py', (text) => text.replace(SHUFFLED, '    pipeline = build_pipeline('));
    edit('model.yaml', (text) =>
      text
        .replace('atLeast: 0.4', 'versusChampion: better')
        .replace('hyperparameters: { c: 0.1', 'hyperparameters: { c: 0.2'),
    );
    const experiment = await submit(FIRST_CONTACTS + 4000, 'experiment');
    expect(experiment).toMatchObject({ status: 'Validated', purpose: 'experiment' });
    expect(experiment.steps.approval).toBeUndefined();
    expect(experiment.steps.evaluation!.gates[0]).toMatchObject({ verdict: 'Passed' });
    expect(experiment.steps.evaluation!.gates[0]!.needed).toMatch(/^better than the champion/);
    const proposed = await again(experiment.release);
    expect(proposed).toMatchObject({ status: 'Deployed', purpose: 'release' });
    expect(proposed.steps.training).toMatchObject({ reusedFrom: experiment.release });
    expect(await trainingJobs()).toBe(4);
    expect(cloud.cloud.iam.denials).toEqual([]);
  }, 240_000);
});
