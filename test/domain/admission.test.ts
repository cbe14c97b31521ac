import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decideAdmission, isNewer, paddedSequencer, standing } from '../../domain/admission.ts';
import type { ModelRow, QueuedUpload } from '../../domain/model.ts';
import { isEnd, lawfulBefore, RELEASE_TRANSITIONS, type ReleaseStatus } from '../../domain/release.ts';

const upload = (key: string, version: number, minute = version): QueuedUpload => ({
  dataset: { bucket: 'b', key, versionId: `v${version}` },
  submitter: { principal: 'p' },
  sequencer: paddedSequencer(version.toString(16)),
  uploadedAt: new Date(Date.UTC(2030, 0, 1, 0, minute)).toISOString(),
});

const model = (change: Partial<ModelRow> = {}): ModelRow => ({
  model: 'm',
  team: 't',
  tier: 's',
  owner: 'o@example.com',
  definition: { bucket: 'b', key: 'k', sha256: 'a' },
  releases: 0,
  versions: 0,
  ...change,
});

describe('an upload among others', () => {
  const uploads = fc.record({ key: fc.constantFrom('a', 'b'), version: fc.integer({ min: 1, max: 99 }) });

  it('is never newer than itself, and of two different ones exactly one is newer', () => {
    fc.assert(
      fc.property(uploads, uploads, (a, b) => {
        const [x, y] = [standing(upload(a.key, a.version)), standing(upload(b.key, b.version))];
        expect(isNewer(x, x)).toBe(false);
        if (a.version !== b.version) expect(isNewer(x, y)).toBe(!isNewer(y, x));
      }),
    );
  });

  it('in whatever order they are announced, the newest is the last that starts or waits', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([1, 2, 3, 4, 5, 6], { minLength: 6 }), fc.boolean(), (order, runs) => {
        let row = model(runs ? { activeRelease: 1 } : {});
        for (const version of order) {
          const arriving = upload('a', version);
          const admission = decideAdmission(row, arriving);
          if (admission === 'start') row = { ...row, activeRelease: 1, latest: standing(arriving) };
          if (admission === 'queue') row = { ...row, queued: arriving };
        }
        expect((row.queued ?? { sequencer: row.latest?.sequencer }).sequencer).toBe(upload('a', 6).sequencer);
      }),
    );
  });

  it('starts the one that waits once the model is free', () => {
    expect(decideAdmission(model({ queued: upload('a', 2) }), upload('a', 2))).toBe('start');
    expect(decideAdmission(model({ queued: upload('a', 2) }), upload('a', 1))).toBe('superseded');
  });
});

describe('an experiment', () => {
  const data = (version: number) => upload('models/flights/data/train.csv', version);
  const experiment = upload('models/flights/experiments/train.csv', 2);

  it('does not displace a release that waits, nor does a release displace it', () => {
    expect(decideAdmission(model({ activeRelease: 1, queuedExperiment: experiment }), data(1))).toBe('queue');
    expect(decideAdmission(model({ activeRelease: 1, queued: data(3) }), experiment)).toBe('queue');
    expect(decideAdmission(model({ latestExperiment: standing(experiment) }), data(1))).toBe('start');
    expect(decideAdmission(model({ latest: standing(data(3)) }), experiment)).toBe('start');
  });
});

describe('the transitions of a release', () => {
  const statuses = Object.keys(RELEASE_TRANSITIONS) as ReleaseStatus[];

  it('never lead back: every walk ends, and ends stay', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 20, maxLength: 20 }), (choices) => {
        const seen = new Set<ReleaseStatus>(['Admitted']);
        let status: ReleaseStatus = 'Admitted';
        for (const choice of choices) {
          const next: readonly ReleaseStatus[] = RELEASE_TRANSITIONS[status];
          if (next.length === 0) break;
          status = next[choice % next.length]!;
          expect(seen.has(status)).toBe(false);
          seen.add(status);
        }
        expect(isEnd(status)).toBe(true);
      }),
    );
  });

  it('reach Deployed through an approval only', () => {
    expect(lawfulBefore('Deployed')).toEqual(['Deploying']);
    expect(lawfulBefore('Deploying')).toEqual(['AwaitingApproval']);
    for (const status of statuses.filter((candidate) => !isEnd(candidate)))
      expect(RELEASE_TRANSITIONS[status]).toContain('Failed');
  });
});
