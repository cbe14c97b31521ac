import { describe, expect, it } from '@jest/globals';
import { BaselineBuilder } from '../../domain/drift/baseline.ts';
import { baselineToJson } from '../../domain/drift/profile-json.ts';
import { planBatches } from '../../domain/monitoring/capture-batches.ts';
import type { VersionRow } from '../../domain/version.ts';
import { mergeHour } from '../../lambdas/merge-hour/merge-hour.ts';
import { profileBatch } from '../../lambdas/profile-batch/profile-batch.ts';
import type { ProfileCapturesDependencies } from '../../lambdas/profile-captures/profile-captures.ts';
import { planHour, profileHour } from '../../lambdas/profile-captures/profile-hour.ts';
import { FixedClock, InMemoryObjectStore } from '../support/in-memory.ts';
import { InMemoryMonitoringStore } from '../support/in-memory-monitoring-store.ts';

const buckets = { captures: 'captures', artifacts: 'artifacts' };
const served = { team: 'operations', model: 'flight-delays', version: 7, endpointName: 'e' };
const HOUR = '2026-02-01T10:00:00.000Z';

const baseline = (() => {
  const builder = new BaselineBuilder([
    { name: 'distance', type: 'numeric' },
    { name: 'origin', type: 'categorical' },
  ]);
  for (let i = 0; i < 500; i++) builder.row([((i * 37) % 211) / 7, i % 3 === 0 ? 'ORD' : 'DTW']);
  return builder.finish();
})();

const record = (i: number): string =>
  `{"captureData":{"endpointInput":{"observedContentType":"text/csv","mode":"INPUT","data":"${(i * 13.7) % 99},X${i % 5}","encoding":"CSV"},"endpointOutput":{"observedContentType":"text/csv","mode":"OUTPUT","data":"0.${i}","encoding":"CSV"}},"eventMetadata":{"eventId":"e","inferenceTime":"t"},"eventVersion":"0"}\n`;

/** An hour of twelve files, in stores of their own, read in batches of three. */
async function hotHour() {
  const { now } = new FixedClock();
  const objects = new InMemoryObjectStore(now);
  const monitoring = new InMemoryMonitoringStore();
  const files = Array.from({ length: 12 }, (_, file) => ({ key: `live/${12 - file}.jsonl`, bytes: 100 }));
  for (const [file, { key }] of files.entries()) {
    const lines = Array.from({ length: 40 }, (_, i) => record(file * 40 + i));
    await objects.put({ bucket: 'captures', key }, lines.join(''), 'application/jsonlines');
  }
  const stored = await objects.put({ bucket: 'approved', key: 'baseline.json' }, baselineToJson(baseline), 'text/json');
  const dependencies = {
    ...{ objects, monitoring, buckets, now },
    limits: { hoursAtOnceBytes: 1, batchBytes: 300 },
  } as unknown as ProfileCapturesDependencies;
  const hour = { hour: HOUR, files: [...files, { key: 'live/gone.jsonl', bytes: 100 }], revision: 'r1', served };
  const version = { baseline: stored } as unknown as VersionRow;
  const saved = async () => {
    const during = { start: HOUR, end: '2026-02-01T11:00:00.000Z' };
    const [row] = await monitoring.listProfiles('flight-delays', 7, during);
    return { row: row!, text: await objects.readText(row!.document) };
  };
  return { dependencies, hour: { ...hour, seen: undefined }, version, saved };
}

describe('an hour too large for one function', () => {
  it('has the profile that a single pass gives, to the last bit', async () => {
    const single = await hotHour();
    await profileHour(single.dependencies, baseline, 0, single.hour);
    const once = await single.saved();

    const many = await hotHour();
    const planned = await planHour(many.dependencies, many.version, 0, many.hour);
    expect(planned).toMatchObject({ hour: HOUR, batches: 5 });
    // In no order, and one of them twice, as a Distributed Map may run them.
    for (const batch of [3, 0, 4, 1, 2, 1]) await profileBatch(many.dependencies)({ plan: planned.plan, batch });
    expect(await mergeHour(many.dependencies)({ plan: planned.plan })).toEqual({ records: 480 });
    const merged = await many.saved();

    expect(merged.text).toBe(once.text);
    expect(merged.row).toMatchObject({ tally: once.row.tally, vanishedFiles: 1, files: 13, revision: 'r1' });
    expect(once.row.vanishedFiles).toBe(1);
  });

  it('is not stored while a batch is missing', async () => {
    const { dependencies, hour, version } = await hotHour();
    const { plan } = await planHour(dependencies, version, 0, hour);
    await profileBatch(dependencies)({ plan, batch: 0 });
    await expect(mergeHour(dependencies)({ plan })).rejects.toMatchObject({ name: 'NotFoundError' });
    await expect(profileBatch(dependencies)({ plan, batch: 5 })).rejects.toThrow('expected one of 5 batches, got 5');
  });

  it('is cut into batches in the order of its keys, a large file by itself', () => {
    const files = ['d', 'a', 'c', 'b'].map((key) => ({ key, bytes: key === 'b' ? 900 : 100 }));
    expect(planBatches(files, 250).map((batch) => batch.map(({ key }) => key))).toEqual([['a'], ['b'], ['c', 'd']]);
    expect(planBatches([], 250)).toEqual([]);
  });
});
