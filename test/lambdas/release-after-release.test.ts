import { beforeEach, describe, expect, it } from '@jest/globals';
import type { DataReport } from '../../domain/tabular/data-report.ts';
import { ARTIFACTS, definitionText, flights, ReleaseWorld } from '../support/release-world.ts';

const MODEL = 'flight-delays';
const good = ([distance]: string[]) => Number(distance) / 1000;
const noisy = ([distance]: string[]) => ((Number(distance) * 7919) % 997) / 1000;
const against = (versus: string, more = '') =>
  definitionText((text) => `${text}validation: { gates: [{ metric: auc, versusChampion: ${versus}${more} }] }\n`);

describe('a release after a release', () => {
  let world: ReleaseWorld;
  beforeEach(async () => {
    world = await new ReleaseWorld().withModel();
  });

  const upload = async (rows: number, folder = 'data') =>
    world.deliver(await world.upload(`models/${MODEL}/${folder}/train-${rows}.csv`, flights(rows)));
  const define = async (text: string) => world.deliver(await world.upload(`models/${MODEL}/model.yaml`, text));

  /** From an admitted release to judged gates; `champion` scores the rows where there is one. */
  async function release(
    number: number,
    candidate: (features: string[]) => number,
    champion: (features: string[]) => number = good,
  ) {
    const at = { model: MODEL, release: number };
    await world.train(number);
    await world.sealArtifact(at);
    const plan = await world.planValidation({ ...at, attempt: '0-0' });
    await world.transform(plan.candidate.outputUri, plan.candidate.inputUri, candidate);
    if (plan.champion) await world.transform(plan.champion.outputUri, plan.champion.inputUri, champion);
    await world.evaluateModel({
      ...at,
      candidateOutputUri: plan.candidate.outputUri,
      ...(plan.champion && { championOutputUri: plan.champion.outputUri }),
    });
    return (await world.ledger.getRelease(MODEL, number)).steps.evaluation!;
  }
  /** What deployment leaves behind: the version serves, the lease is free. */
  async function serve(number: number) {
    const { version } = await world.ledger.getRelease(MODEL, number);
    const row = await world.ledger.getModel(MODEL);
    const { activeRelease: _, ...free } = row;
    const champion = { version: version!, endpointName: 'e', endpointConfigName: 'c', since: '2030-01-01T00:00:00Z' };
    world.ledger.models.set(MODEL, { ...free, champion });
  }
  const close = (number: number, outcome: 'Expired' | 'Refused' | 'Validated') =>
    world.closeRelease({ model: MODEL, release: number, outcome });

  it('is not worse where it is equal, and trained on more', async () => {
    await upload(1000);
    await release(1, good);
    await serve(1);
    await define(against('notWorse', ', margin: 0.03'));
    await upload(2000);
    expect((await release(2, good, (row) => good(row) + noisy(row) / 1e6)).gates).toContainEqual(
      expect.objectContaining({ metric: 'auc', verdict: 'Passed', why: expect.stringMatching(/than version 1's/) }),
    );
  });

  it('is refused where it is really worse, and passes `better` where it really is', async () => {
    await upload(1000);
    await release(1, good);
    await serve(1);
    await define(against('notWorse'));
    await upload(1500);
    const worse = await release(2, noisy);
    expect(worse).toMatchObject({ passed: false, comparedWith: 1 });
    await close(2, 'Refused');

    await define(against('better'));
    await upload(2000);
    const better = await release(3, good, noisy);
    expect(better.gates.find(({ needed }) => needed.startsWith('better'))).toMatchObject({ verdict: 'Passed' });
  });

  it('is not comparable with a champion that saw the hold-out', async () => {
    await upload(1000);
    await release(1, good);
    await serve(1);
    await define(against('notWorse').replace('data: {', 'data: { test: { split: time, fraction: 0.5 },'));
    await upload(1100);
    const evaluation = await release(2, noisy);
    expect(evaluation.passed).toBe(false); // the tier's own bar
    expect(evaluation.gates.find(({ needed }) => needed.startsWith('not worse'))).toMatchObject({
      verdict: 'NotComparable',
      why: expect.stringContaining('the champion was trained on part of it'),
    });
  });

  it('is refused before anything is trained where its hold-out cannot resolve the margin', async () => {
    await upload(1000);
    await release(1, good);
    await serve(1);
    await define(against('notWorse', ', margin: 0.0001'));
    await upload(1500);
    const at = { model: MODEL, release: 2 };
    await expect(world.train(2)).rejects.toMatchObject({
      name: 'MarginNotResolvableError',
      message: expect.stringMatching(
        /estimated from version 1's own.*expected a margin of 0\.\d+, or [\d,]+ rows of hold-out$/,
      ),
    });
    expect(world.trained).toHaveLength(1);
    const error = { Error: 'MarginNotResolvableError', Cause: 'gate auc …' };
    expect(await world.closeRelease({ ...at, outcome: 'Failed', step: 'Prepare Data', error })).toMatchObject({
      status: 'Refused',
    });
    expect(world.mailer.sent.at(-1)!.subject).toMatch(/stopped in Prepare Data — a gate: gate auc/);
    expect(world.mailer.sent.at(-1)!.text).toContain('widen the margin, or hold out more rows');
  });

  it('trains once for equal inputs, whatever happened to the gates or the approval in between', async () => {
    await upload(1000);
    await release(1, good);
    await serve(1);
    await define(definitionText((text) => `${text}validation: { gates: [{ metric: auc, atLeast: 0.6 }] }\n`));
    await upload(1000, 'data/again');
    await release(2, good);
    const [first, second] = [await world.ledger.getRelease(MODEL, 1), await world.ledger.getRelease(MODEL, 2)];
    expect(world.trained).toHaveLength(1);
    expect(second.steps.training).toMatchObject({ reusedFrom: 1, jobName: first.steps.training!.jobName });
    expect(second.steps.artifact).toEqual(first.steps.artifact);
    expect(second.version).toBe(2);
  });

  it('trains again where a hyperparameter changed', async () => {
    await upload(1000);
    await release(1, good);
    await serve(1);
    await define(
      definitionText((text) => text.replace('flight-delays:1"', 'flight-delays:1", hyperparameters: { seed: 8 }')),
    );
    await upload(1000, 'data/again');
    await release(2, good);
    expect(world.trained).toHaveLength(2);
    expect((await world.ledger.getRelease(MODEL, 2)).steps.training?.reusedFrom).toBeUndefined();
  });

  it('is entered into the model registry once, where its status follows it', async () => {
    await upload(1000);
    await release(1, good);
    const at = { model: MODEL, release: 1 };
    const version = await world.ledger.getVersion(MODEL, 1);
    const source = { bucket: ARTIFACTS, key: 'source.tar.gz', sha256: 'ab', commit: '0123abc' };
    world.ledger.versions.set(`${MODEL}/1`, { ...version, dataset: { ...version.dataset, source } });
    const { packageArn } = await world.registerModel(at);
    expect(await world.registerModel(at)).toEqual({ packageArn });
    expect([...world.registered.values()]).toEqual([
      expect.objectContaining({
        group: 'launchway-test-flight-delays',
        status: 'PendingManualApproval',
        stage: { stage: 'Validation', status: 'Passed' },
        baseline: {
          statisticsUri: expect.stringMatching(/\/prepared\/[0-9a-f]+\/statistics\.json$/),
          constraintsUri: expect.stringMatching(/\/constraints\.json$/),
        },
        metadata: expect.objectContaining({
          version: '1',
          release: '1',
          source: 'ab',
          commit: '0123abc',
          'metric.auc': expect.any(String),
        }),
      }),
    ]);
    await world.closeRelease({
      ...at,
      outcome: 'Failed',
      step: 'Deploy Model',
      error: { Error: 'X', Cause: 'broken' },
    });
    expect(world.registered.get(packageArn)).toMatchObject({
      status: 'Rejected',
      stage: { stage: 'Production', status: 'Failed' },
    });
  });

  it('is an experiment where the upload says so, and ends after validation', async () => {
    await upload(1000, 'experiments');
    expect(await world.ledger.getRelease(MODEL, 1)).toMatchObject({ purpose: 'experiment' });
    expect(
      await world.openRelease({
        model: MODEL,
        release: 1,
        executionName: (await world.ledger.getRelease(MODEL, 1)).executionName,
      }),
    ).toMatchObject({ experiment: true });
    await release(1, good);
    expect(await close(1, 'Validated')).toMatchObject({ status: 'Validated' });
    expect(world.mailer.sent.at(-1)!.subject).toMatch(/^\[flight-delays\] experiment 1 passed/);
    expect(world.mailer.sent.at(-1)!.text).toContain('launchway propose flight-delays/1');
  });

  const reportOf = async (number: number): Promise<DataReport> => {
    const { dataReport } = (await world.ledger.getRelease(MODEL, number)).steps;
    return JSON.parse(await world.objects.readText(dataReport!));
  };

  it('says how its training data differ from the champion’s', async () => {
    await upload(1000);
    await release(1, good);
    await serve(1);
    const far = flights(1000).replace(
      /,(\d+),(JFK|SFO|ORD),/g,
      (_, distance, origin) => `,${Number(distance) + 700},${origin},`,
    );
    await world.deliver(await world.upload(`models/${MODEL}/data/far.csv`, far));
    await release(2, good);
    expect(await reportOf(2)).toMatchObject({
      verdict: 'Accepted',
      drift: { againstVersion: 1, features: [{ feature: 'distance' }] },
      findings: [expect.stringContaining('distance differs from what version 1 was trained on')],
    });
  });

  it('says where labels and size differ from the champion’s', async () => {
    await upload(2500);
    await release(1, good);
    await serve(1);
    let i = 0;
    const late = flights(1000).replace(/,0\n/g, () => (i++ % 3 === 0 ? ',1\n' : ',0\n'));
    await world.deliver(await world.upload(`models/${MODEL}/data/late.csv`, late));
    await release(2, good);
    const { findings, drift } = await reportOf(2);
    expect(drift).toMatchObject({ againstVersion: 1, rows: 2500 });
    expect(findings.join('\n')).toMatch(
      /\d\d\.\d % of rows have delayed = "1"; \d\d\.\d % had in what version 1 was trained on\./,
    );
    expect(findings).toContain('There are 1000 rows; version 1 was made from 2500.');
  });

  it('leaves a report, a page and a copy in quarantine where its data are refused', async () => {
    const bad = flights(1000).replace(',919,', ',far <b>,');
    await world.deliver(await world.upload(`models/${MODEL}/data/bad.csv`, bad));
    const at = { model: MODEL, release: 1 };
    const { executionName } = await world.ledger.getRelease(MODEL, 1);
    await world.openRelease({ ...at, executionName });
    await world.sealDataset(at);
    await expect(world.prepareChannels(at)).rejects.toMatchObject({ name: 'DatasetRefusedError' });

    const report = await reportOf(1);
    expect(report).toMatchObject({
      verdict: 'Refused',
      rows: 1000,
      problemCount: 1,
      problems: [expect.stringMatching(/^row \d+ \(line \d+\): expected distance to be a number, got "far <b>"$/)],
    });
    const kept = report.quarantine!.replace(`s3://${ARTIFACTS}/`, '');
    expect(await world.objects.readText({ bucket: ARTIFACTS, key: kept })).toBe(bad);
    const folder = `operations/${MODEL}/releases/1`;
    const page = await world.objects.readText({ bucket: ARTIFACTS, key: `${folder}/data-report.html` });
    expect(page).toContain('far &lt;b&gt;');
    expect(page).not.toContain('<b>');

    const error = {
      Error: 'DatasetRefusedError',
      Cause: JSON.stringify({ errorType: 'DatasetRefusedError', errorMessage: report.problems[0] }),
    };
    expect(await world.closeRelease({ ...at, outcome: 'Failed', step: 'Prepare Data', error })).toMatchObject({
      status: 'Refused',
    });
    expect(world.mailer.sent.at(-1)!.text).toMatch(/row \d+ \(line \d+\)/);
    expect(world.mailer.sent.at(-1)!.text).toContain('data-report.html');
  });
});
