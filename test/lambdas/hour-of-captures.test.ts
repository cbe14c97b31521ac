import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BaselineBuilder } from '../../domain/drift/baseline.ts';
import type { CategoricalProfile, NumericProfile } from '../../domain/drift/profile.ts';
import { baselineToJson, profileFromJson } from '../../domain/drift/profile-json.ts';
import { NotFoundError } from '../../domain/errors.ts';
import type { ModelRow, ObjectRef } from '../../domain/model.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { VersionRow } from '../../domain/version.ts';
import { mergeHour } from '../../lambdas/merge-hour/merge-hour.ts';
import { profileBatch } from '../../lambdas/profile-batch/profile-batch.ts';
import { profileCaptures } from '../../lambdas/profile-captures/profile-captures.ts';
import { FixedClock, InMemoryLineageStore, InMemoryObjectStore } from '../support/in-memory.ts';
import { InMemoryMonitoringStore } from '../support/in-memory-monitoring-store.ts';
import { InMemoryQualityStore } from '../support/in-memory-quality-store.ts';

const MODEL = 'flights';
const HOUR = '2026-02-01T10';
const FOLDER = 'ops/flights/v7/e/live/2026/02/01';
const buckets = { captures: 'captures', artifacts: 'artifacts' };
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

const baseline = (() => {
  const builder = new BaselineBuilder([
    { name: 'distance', type: 'numeric' },
    { name: 'origin', type: 'categorical' },
  ]);
  for (let i = 0; i < 300; i++) builder.row([i / 4, i % 3 === 0 ? 'ORD' : 'DTW']);
  return builder.finish();
})();

/** A store in which files can vanish between being listed and being read. */
class LeakyObjectStore extends InMemoryObjectStore {
  readonly vanished = new Set<string>();

  override async read(object: ObjectRef) {
    if (this.vanished.has(object.key)) throw new NotFoundError(`expected ${object.key}, got none`);
    return super.read(object);
  }
}

/** What a line of a file is, and what is to be counted of it. */
interface Line {
  readonly text: string;
  readonly reason?: 'not-json' | 'no-input' | 'bad-payload' | 'unknown-encoding';
  readonly smoke?: boolean;
  /** As they were sent; a row of another number of fields is none. */
  readonly rows: readonly (readonly string[])[];
  /** One per row, or none. */
  readonly scores?: readonly string[];
}

let eventIds = 0;
const sent = (rows: readonly (readonly string[])[], scores: readonly string[] | undefined, time: string, id?: string) =>
  JSON.stringify({
    captureData: {
      endpointInput: {
        ...{ observedContentType: 'text/csv', mode: 'INPUT', encoding: 'CSV' },
        data: rows.map((fields) => fields.join(',')).join('\n'),
      },
      ...(scores && {
        endpointOutput: {
          ...{ observedContentType: 'text/csv', mode: 'OUTPUT', encoding: 'CSV' },
          data: scores.join('\n'),
        },
      }),
    },
    eventMetadata: { eventId: `event-${eventIds++}`, ...(id && { inferenceId: id }), inferenceTime: time },
    eventVersion: '0',
  });

// Clocks of endpoints are not ours: a record may say any time, and counts where it lies.
const time = fc.constantFrom(`${HOUR}:30:00Z`, '2026-02-01T09:59:59Z', '2026-02-01T11:00:01Z', '1970-01-01', 'never');
const fields = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(fc.nat(99).map(String), fc.constantFrom('ORD', 'DTW', 'SFO', '')) },
  { weight: 1, arbitrary: fc.constantFrom(['', 'ORD'], ['oops', 'DTW'], ['inf', 'DTW'], ['1'], ['1', 'ORD', 'more']) },
);
const request = fc
  .tuple(
    fc.array(fc.tuple(fields, fc.nat(100)), { minLength: 1, maxLength: 3 }),
    time,
    fc.constantFrom('answered', 'answered', 'answered', 'smoke', 'unanswered', 'misanswered'),
  )
  .map(([all, at, kind]): Omit<Line, 'text'> & { readonly text: () => string } => {
    const rows = all.map(([one]) => one);
    const scores = all.map(([, score]) => String(score / 100));
    const answers = kind === 'unanswered' ? undefined : kind === 'misanswered' ? [...scores, '0.5'] : scores;
    return {
      text: () => sent(rows, answers, at, kind === 'smoke' ? 'launchway-smoke-1' : undefined),
      rows,
      ...(kind === 'smoke' ? { smoke: true } : kind === 'answered' ? { scores } : {}),
    };
  });
const junk = fc.constantFrom<Omit<Line, 'text'> & { readonly text: () => string }>(
  { text: () => `no json ${eventIds++}`, reason: 'not-json', rows: [] },
  { text: () => `[${eventIds++}]`, reason: 'not-json', rows: [] },
  { text: () => `{"eventVersion":"${eventIds++}"}`, reason: 'no-input', rows: [] },
  {
    text: () => sent([], undefined, 't').replace('"CSV"', '"PROTOBUF"'),
    ...{ reason: 'unknown-encoding', rows: [] },
  },
  {
    text: () => sent([['{']], undefined, 't').replace('"CSV"', '"JSON"'),
    ...{ reason: 'bad-payload', rows: [] },
  },
);
const lines = fc.array(fc.oneof({ weight: 6, arbitrary: request }, { weight: 1, arbitrary: junk }), { maxLength: 5 });

interface CaptureFileSpec {
  readonly lines: readonly Line[];
  readonly gzip: boolean;
  /** Whether the last line breaks off. */
  readonly torn: boolean;
  readonly fate: 'read' | 'vanishes' | 'copied' | 'late' | 'copied late';
  readonly name: string;
}
const file = fc.record({
  lines: lines.map((all) => all.map((line): Line => ({ ...line, text: line.text() }))),
  gzip: fc.boolean(),
  torn: fc.boolean(),
  fate: fc.constantFrom<CaptureFileSpec['fate']>('read', 'read', 'vanishes', 'copied', 'late', 'copied late'),
  name: fc.constantFrom('.jsonl', '.jsonl', '.jsonl.gz', ''),
});

function bytesOf({ lines: all, gzip, torn }: CaptureFileSpec): Uint8Array {
  const whole = all.map(({ text }) => `${text}\n`).join('');
  const text = torn && all.length > 0 ? whole.slice(0, -2) : whole;
  return gzip ? Uint8Array.from(gzipSync(text)) : utf8(text);
}

function world(hoursAtOnceBytes: number) {
  const { now } = new FixedClock('2026-02-01T11:15:00.000Z');
  const objects = new LeakyObjectStore(now);
  const monitoring = new InMemoryMonitoringStore();
  const lineage = new InMemoryLineageStore(now);
  const champion = { version: 7, endpointName: 'e', since: '2026-02-01T09:30:00.000Z' };
  lineage.models.set(MODEL, { model: MODEL, team: 'ops', champion } as unknown as ModelRow);
  const definition = {
    serving: { response: { scoreColumn: 0 } },
    monitoring: { windowHours: 24, onDrift: 'alert' },
  } as unknown as ModelDefinition;
  const dependencies = {
    ...{ lineage, monitoring, objects, buckets, now, labels: new InMemoryQualityStore() },
    readDefinition: async () => definition,
    limits: { hoursAtOnceBytes, batchBytes: 700 },
  };
  return {
    ...{ objects, monitoring },
    put: (name: string, bytes: Uint8Array) =>
      objects.put({ bucket: 'captures', key: `${FOLDER}/${name}` }, bytes, 'application/jsonlines'),
    /** An occurrence of the schedule, hot hours read as their state machine reads them. */
    profile: async (): Promise<void> => {
      const stored = await objects.put({ bucket: 'approved', key: 'b.json' }, baselineToJson(baseline), 'text/json');
      lineage.versions.set(`${MODEL}/7`, {
        model: MODEL,
        version: 7,
        team: 'ops',
        baseline: stored,
      } as unknown as VersionRow);
      const { hotHours } = await profileCaptures(dependencies)({ model: MODEL, scheduledTime: '2026-02-01T11:15:00Z' });
      for (const { plan, batches } of hotHours) {
        for (let batch = 0; batch < batches; batch++) await profileBatch(dependencies)({ plan, batch });
        await mergeHour(dependencies)({ plan });
      }
    },
    row: () => monitoring.profiles.get(`${MODEL}/7/${HOUR}:00:00.000Z`),
  };
}

/** What there is to count, line by line, value by value. */
function oracle(files: readonly CaptureFileSpec[]) {
  const tally = { records: 0, rows: 0, smokeRecords: 0, rowsWithoutPrediction: 0 };
  const unread: Record<string, number> = {};
  const unreadable = (reason: string) => {
    unread[reason] = (unread[reason] ?? 0) + 1;
  };
  const [distances, origins, scores]: [string[], string[], string[]] = [[], [], []];
  const count = (rows: Line['rows'], answers: Line['scores']) => {
    for (const [i, row] of rows.entries()) {
      if (row.length !== 2) {
        unreadable('wrong-field-count');
        continue;
      }
      tally.rows += 1;
      distances.push(row[0]!);
      origins.push(row[1]!);
      if (answers) scores.push(answers[i]!);
      else tally.rowsWithoutPrediction += 1;
    }
  };
  for (const { lines: all, torn } of files) {
    for (const [i, { smoke, reason, rows, scores: answers }] of all.entries()) {
      if (torn && i === all.length - 1) unreadable('torn-line');
      else if (reason === 'not-json') unreadable(reason);
      else {
        tally.records += 1;
        if (smoke) tally.smokeRecords += 1;
        else if (reason) unreadable(reason);
        else count(rows, answers);
      }
    }
  }
  return { tally, unread, distances, origins, scores };
}

const counted = (values: readonly string[]): Record<string, number> =>
  Object.fromEntries(
    Map.groupBy(values, (value) => value)
      .entries()
      .map(([value, all]) => [value, all.length]),
  );

function expectNumbers(profile: NumericProfile, values: readonly string[]): void {
  const numbers = values.filter((value) => /^[\d.]+$/.test(value)).map(Number);
  const bins = new Array<number>(profile.edges.length + 1).fill(0);
  for (const number of numbers) bins[profile.edges.filter((edge) => edge <= number).length]! += 1;
  expect(profile.counts.reduce((sum, count) => sum + count, 0)).toBe(numbers.length);
  expect(profile.counts).toEqual(bins);
  expect(profile).toMatchObject({
    n: numbers.length,
    missing: values.filter((value) => value === '').length,
    nonFinite: values.filter((value) => value === 'inf').length,
    unreadable: values.filter((value) => value === 'oops').length,
    min: Math.min(...numbers, Number.POSITIVE_INFINITY),
    max: Math.max(...numbers, Number.NEGATIVE_INFINITY),
  });
  expect(profile.sum).toBeCloseTo(
    numbers.reduce((sum, number) => sum + number, 0),
    9,
  );
}

describe('an hour of captures, whatever its files are', () => {
  it('has the profile of what can be read, each delivery once, and everything else by reason', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(file, { maxLength: 6 }), fc.boolean(), async (files, isHot) => {
        const room = world(isHot ? 0 : 1e9);
        const nameOf = (i: number) => `10/${10 + i}-${i}${files[i]!.name}`;
        for (const [i, one] of files.entries()) {
          if (one.fate.endsWith('late')) continue;
          await room.put(nameOf(i), bytesOf(one));
          if (one.fate === 'copied') await room.put(`10/copy-${i}`, bytesOf(one));
          if (one.fate === 'vanishes') room.objects.vanished.add(`${FOLDER}/${nameOf(i)}`);
        }
        // Of other hours, and of none.
        await room.put('11/other.jsonl', utf8(`${sent([['1', 'ORD']], ['0.5'], `${HOUR}:00:00Z`)}\n`));
        await room.put('10/', new Uint8Array(0));
        await room.profile();
        const first = room.row();
        await room.profile();
        expect(room.row()).toEqual(first);

        const late = files.filter(({ fate }) => fate.endsWith('late'));
        for (const one of late) {
          await room.put(nameOf(files.indexOf(one)), bytesOf(one));
          if (one.fate === 'copied late') await room.put(`10/copy-${files.indexOf(one)}`, bytesOf(one));
        }
        await room.profile();
        const row = room.row();
        if (files.length === 0) {
          expect(row).toBeUndefined();
          return;
        }
        const readable = files.filter(({ fate }) => fate !== 'vanishes');
        const expected = oracle(readable);
        const { unread, ...tally } = row!.tally;
        expect(tally).toEqual(expected.tally);
        expect(Object.fromEntries(Object.entries(unread).filter(([, count]) => count > 0))).toEqual(expected.unread);
        const copies = files.filter((one) => one.fate.startsWith('copied'));
        const delivered = [...readable, ...copies].map((one) => Buffer.from(bytesOf(one)).toString('base64'));
        const known = delivered.filter((bytes) => bytes !== '');
        expect(row).toMatchObject({
          files: files.length + copies.length,
          vanishedFiles: files.length - readable.length,
          repeatedFiles: known.length - new Set(known).size,
        });

        const profile = profileFromJson(await room.objects.readText(row!.document));
        expect(profile.rows).toBe(expected.tally.rows);
        expectNumbers(profile.features.get('distance') as NumericProfile, expected.distances);
        expectNumbers(profile.prediction!, expected.scores);
        const { '': missing = 0, ...named } = counted(expected.origins);
        const origin = profile.features.get('origin') as CategoricalProfile;
        expect([Object.fromEntries(origin.counts), origin.missing]).toEqual([named, missing]);
      }),
      { numRuns: 150 },
    );
  });

  it('with a packed file that breaks off has all of the others, and what came before the break at most', async () => {
    await fc.assert(
      fc.asyncProperty(file, file, fc.double({ min: 0, max: 0.99, noNaN: true }), async (whole, broken, where) => {
        const room = world(1e9);
        await room.put('10/a.jsonl', bytesOf({ ...whole, torn: false }));
        const packed = bytesOf({ ...broken, gzip: true, torn: false });
        await room.put('10/b.jsonl', packed.subarray(0, Math.floor(where * packed.length)));
        await room.profile();
        const { tally } = room.row()!;
        const [others, all] = [
          oracle([{ ...whole, torn: false }]),
          oracle([whole, broken].map((one) => ({ ...one, torn: false }))),
        ];
        expect(tally.records).toBeGreaterThanOrEqual(others.tally.records);
        expect(tally.records).toBeLessThanOrEqual(all.tally.records);
        // Two bytes say that it is gzip; of fewer there is nothing to say but that they are no record, and of none nothing.
        const said = tally.unread['torn-line'] + tally.unread['not-json'] - (others.unread['not-json'] ?? 0);
        expect(said > 0).toBe(Math.floor(where * packed.length) > 0);
      }),
      { numRuns: 100 },
    );
  });
});
