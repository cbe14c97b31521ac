import { beforeEach, describe, expect, it } from '@jest/globals';
import { sha256Hex } from '../../adapters/sha256.ts';
import type { Evaluation } from '../../domain/evaluation/evaluate.ts';
import { APPROVED, definitionText, flights, ReleaseWorld } from '../support/release-world.ts';

const MODEL = 'flight-delays';
const AT = { model: MODEL, release: 1 };
/** Looks at the distance alone. */
const byDistance = ([distance]: string[]) => Number(distance) / 1000;
const withValidation = (validation: string) => definitionText((text) => `${text}validation: ${validation}\n`);

describe('the evaluation of a model', () => {
  let world: ReleaseWorld;
  const released = async (text = definitionText(), files?: Readonly<Record<string, string>>) => {
    world = await new ReleaseWorld().withModel(text);
    await world.deliver(await world.upload(`models/${MODEL}/data/train.csv`, flights(1000)));
    await world.train(1, files);
    await world.sealArtifact(AT);
  };
  const evaluation = async (): Promise<Evaluation> => {
    const { steps } = await world.ledger.getRelease(MODEL, 1);
    return JSON.parse(await world.objects.readText(steps.evaluation!.document));
  };
  const gate = async (metric: string) => (await evaluation()).gates.find((one) => one.metric === metric);
  beforeEach(() => released());

  it('finds what the model rests on: all on distance, nothing on origin', async () => {
    await world.validate(1, byDistance);
    const { importance } = await evaluation();
    expect(importance).toMatchObject({ metric: 'auc', rows: 200, repeats: 5 });
    if (!importance || 'why' in importance) throw new Error(importance?.why);
    const [first, second] = importance.features;
    expect(first).toMatchObject({ feature: 'distance', share: 1 });
    expect(first!.low).toBeGreaterThan(0.05);
    expect(second).toEqual({ feature: 'origin', loss: 0, standardError: 0, low: 0, high: 0, share: 0 });
  });

  it('copies the hold-out once for every version that is validated on it', async () => {
    const copies = () => world.objects.keys(APPROVED).filter((key) => key.includes('/permuted/'));
    await world.validate(1, byDistance);
    expect(copies()).toEqual([expect.stringMatching(/\/prepared\/[0-9a-f]{64}\/permuted\/v1-200x5\/features\.csv$/)]);
    const [key] = copies();
    const text = await world.objects.readText({ bucket: APPROVED, key: key! });
    const rows = text.trimEnd().split('\n');
    expect(rows).toHaveLength(2 * 5 * 200);
    const holdOut = await world.objects.readText({
      bucket: APPROVED,
      key: key!.replace(/permuted.*/, 'holdout/features.csv'),
    });
    const cells = (lines: string[], column: number) => lines.map((line) => line.split(',')[column]).sort();
    const original = holdOut.trimEnd().split('\n');
    // A copy deals out one column anew and keeps the other as it is.
    expect(cells(rows.slice(0, 200), 0)).toEqual(cells(original, 0));
    expect(rows.slice(0, 200).map((line) => line.split(',')[1])).toEqual(original.map((line) => line.split(',')[1]));
    expect(rows.slice(0, 200)).not.toEqual(original);
    expect(rows.slice(1000, 1200).map((line) => line.split(',')[0])).toEqual(
      original.map((line) => line.split(',')[0]),
    );
  });

  it('says why there is no importance, and goes on, where copies were answered wrongly or not asked for', async () => {
    const plan = await world.planValidation({ ...AT, attempt: '0-0' });
    await world.transform(plan.candidate.outputUri, plan.candidate.inputUri, byDistance);
    await world.transform(plan.copies!.outputUri, plan.copies!.inputUri, () => 'NaN');
    const { passed } = await world.evaluateModel({
      ...AT,
      candidateOutputUri: plan.candidate.outputUri,
      copiesOutputUri: plan.copies!.outputUri,
      importance: plan.importance,
    });
    expect(passed).toBe(true);
    expect((await evaluation()).importance).toEqual({ why: expect.stringContaining('expected a finite number') });

    await released(withValidation('{ importanceRows: 0 }'));
    expect(await world.planValidation({ ...AT, attempt: '0-0' })).not.toHaveProperty('copies');
    await world.validate(1, byDistance);
    expect((await evaluation()).importance).toEqual({ why: 'validation.importanceRows is 0.' });
  });

  it('keeps what decisions of a multiclass model came to, by their confidence, for estimates without outcomes', async () => {
    const text = definitionText((one) =>
      one.replace(
        /problem: .*/,
        'problem: { type: multiclass-classification, target: delayed, classes: ["0", "1", "2"] }',
      ),
    );
    world = await new ReleaseWorld().withModel(text);
    const data = flights(1000).replace(/,([01])$/gm, (line, late, at) => (late === '1' && at % 2 === 0 ? ',2' : line));
    await world.deliver(await world.upload(`models/${MODEL}/data/train.csv`, data));
    await world.train(1);
    await world.sealArtifact(AT);
    await world.validate(1, ([distance]) => (Number(distance) > 500 ? '0.05,0.8,0.15' : '0.9,0.05,0.05'));
    const { steps } = await world.ledger.getRelease(MODEL, 1);
    const stored = JSON.parse(await world.objects.readText(steps.evaluation!.scoreOutcomes!));
    const places = (counts: number[]) => counts.flatMap((count, i) => (count > 0 ? [i] : []));
    expect(places(stored.rows)).toEqual([90, 180]);
    expect(stored.rows[90] + stored.rows[180]).toBe(200);
    const { metrics } = await evaluation().then(({ candidate }) => candidate);
    expect((stored.hits[90] + stored.hits[180]) / 200).toBeCloseTo(metrics.accuracy!, 12);
    expect(stored.confusion.reduce((sum: number, count: number) => sum + count, 0)).toBe(200);
    const baseline = JSON.parse(await world.objects.readText(steps.baseline!));
    expect(baseline.prediction.classes).toBe(3);
  });

  it('keeps a page of it, written once, with its digest', async () => {
    await world.validate(1, byDistance);
    const { evaluation: result } = (await world.ledger.getRelease(MODEL, 1)).steps;
    const page = await world.objects.readText(result!.page!);
    expect(result!.page).toMatchObject({
      key: `operations/flight-delays/releases/1/evaluation-${sha256Hex(page)}.html`,
      sha256: sha256Hex(page),
    });
    expect(page).toContain('<h1>flight-delays version 1: passes all 2 gates</h1>');
    expect(page).toContain(result!.sha256);
  });

  it('judges latency and size, measured on the largest transform', async () => {
    await released(
      withValidation('{ gates: [{ metric: latencyMsPerRow, atMost: 30 }, { metric: artifactMb, atMost: 0.00001 }] }'),
    );
    await world.validate(1, byDistance);
    expect((await evaluation()).operation).toMatchObject({
      instanceType: 'ml.m5.large',
      holdOut: { rows: 200, seconds: 20 },
      transform: { rows: 2000, seconds: 50 },
      // 70 s of ml.m5.large in Ireland at 0.128 USD an hour.
      costUsd: expect.closeTo(0.00249, 5),
    });
    expect(await gate('latencyMsPerRow')).toMatchObject({ verdict: 'Passed', measured: 25, needed: 'at most 30' });
    expect(await gate('artifactMb')).toMatchObject({ verdict: 'Failed' });
  });

  it('judges what the training program reported in metrics.json', async () => {
    const gates = withValidation(
      '{ gates: [{ metric: "custom:lift.top10", atLeast: 2 }, { metric: "custom:none", atMost: 1 }] }',
    );
    await released(gates, { 'model.json': '{}', 'metrics.json': '{"lift.top10": 2.5, "note": "fine"}' });
    await world.validate(1, byDistance);
    expect((await evaluation()).custom).toEqual({ 'lift.top10': 2.5 });
    expect(await gate('custom:lift.top10')).toMatchObject({ verdict: 'Passed', measured: 2.5 });
    expect(await gate('custom:none')).toMatchObject({
      verdict: 'Undefined',
      reason: 'NotReported',
      why: 'custom:none is undefined: it is not in the metrics.json that training wrote.',
    });
    expect((await world.ledger.getRelease(MODEL, 1)).steps.artifact!.findings).toEqual([
      'metrics.json of the training job: "note" (string) left out; expected names of letters, digits, "_", "." and "-", and finite numbers.',
    ]);
  });
});
