import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ReleaseLedger } from '../../domain/admission.ts';
import type { ModelRow, QueuedUpload } from '../../domain/model.ts';
import type { ReleaseRow } from '../../domain/release.ts';
import type { SealedArtifact } from '../../domain/step-results.ts';
import type { VersionRow } from '../../domain/version.ts';

const sha = 'a'.repeat(64);
const definition = { bucket: 'approved', key: 'd', sha256: sha };
const event = { type: 'Happened', actor: 'test', subject: 'release/1' };

const model = (name: string): ModelRow => ({
  model: name,
  team: 'operations',
  tier: 'standard',
  owner: 'owner@example.com',
  definition,
  training: { image: 'launchway/x:1' },
  releases: 0,
  versions: 0,
});

const upload = (number: number): QueuedUpload => ({
  dataset: { bucket: 'intake', key: 'models/m/data/train.csv', versionId: `v${number}` },
  submitter: { principal: 'AWS:dana', person: 'dana' },
  sequencer: String(number).padStart(32, '0'),
  uploadedAt: new Date(Date.UTC(2030, 0, 1) + number * 1000).toISOString(),
});

const releaseRow = (name: string, release: number, of: QueuedUpload): ReleaseRow => ({
  model: name,
  release,
  team: 'operations',
  status: 'Admitted',
  executionName: `${name}-x${release}`,
  submitter: of.submitter,
  admittedAt: '2030-01-01T00:00:00.000Z',
  reason: 'upload',
  inputs: { definition, dataset: of.dataset },
  steps: {},
});

const artifact: SealedArtifact = {
  object: { bucket: 'approved', key: 'm', sha256: sha },
  bytes: 1,
  files: 1,
  findings: [],
};

const version = (release: number): Omit<VersionRow, 'version' | 'model'> => ({
  release,
  team: 'operations',
  status: 'Sealed',
  artifact,
  image: 'image',
  dataset: { object: { bucket: 'approved', key: 'x', sha256: sha }, bytes: 1 },
  prepared: { uri: 's3://a/b', recipe: 'r', trainRows: 1, holdoutRows: 1, holdoutSha256: sha, findings: [] },
  baseline: { bucket: 'approved', key: 'b' },
  definition,
  training: { jobName: 'j', jobArn: 'a', image: 'i', artifactUri: 's3://a/b', seconds: 1, instanceType: 'ml.m5.large' },
  createdAt: '2030-01-01T00:00:00.000Z',
});

/** What every release ledger does, the fake as well as the real one. */
export function describeReleaseLedger(name: string, create: () => Promise<ReleaseLedger>): void {
  describe(name, () => {
    let ledger: ReleaseLedger;
    let m: string;
    let count = 0;

    beforeEach(async () => {
      ledger = await create();
      count += 1;
      m = `model-${count}`;
      const claim = { model: m, key: 'model.yaml', versionId: 'v1', became: { kind: 'definition' as const } };
      expect(await ledger.saveDefinition(model(m), undefined, claim, event)).toBe(true);
    });

    const admit = async (number: number) => {
      const seen = await ledger.getModel(m);
      const of = upload(number);
      return ledger.admit(releaseRow(m, seen.releases + 1, of), of, seen, event);
    };

    it('claims a definition once, and changes only what a definition decides', async () => {
      const seen = await ledger.getModel(m);
      const claim = { model: m, key: 'model.yaml', versionId: 'v2', became: { kind: 'definition' as const } };
      const next = { ...seen, owner: 'new@example.com', releases: 99 };
      expect(await ledger.saveDefinition(next, seen, claim, event)).toBe(true);
      expect(await ledger.saveDefinition(next, seen, claim, event)).toBe(false);
      expect(await ledger.getModel(m)).toMatchObject({ owner: 'new@example.com', releases: 0 });
      expect(await ledger.findClaim(m, 'model.yaml', 'v2')).toEqual(claim);
    });

    it('admits one release at a time, whoever is first', async () => {
      const seen = await ledger.getModel(m);
      const both = await Promise.all(
        [1, 2].map((number) => ledger.admit(releaseRow(m, 1, upload(number)), upload(number), seen, event)),
      );
      expect(both.filter(Boolean)).toHaveLength(1);
      expect(await ledger.getModel(m)).toMatchObject({ releases: 1, activeRelease: 1 });
      expect(await ledger.listReleases(m)).toHaveLength(1);
    });

    it('lets an upload wait, replaces it by a newer one, and starts that one when the lease is free', async () => {
      await admit(1);
      expect(await ledger.queue(upload(2), await ledger.getModel(m), event)).toBe(true);
      expect(await ledger.queue(upload(3), await ledger.getModel(m), event)).toBe(true);
      expect((await ledger.getModel(m)).queued).toEqual(upload(3));
      await ledger.endRelease(
        m,
        1,
        'Failed',
        { status: 'Failed', message: 'broke' },
        '2030-01-02T00:00:00.000Z',
        event,
      );
      const free = await ledger.getModel(m);
      expect(free.activeRelease).toBeUndefined();
      expect(await ledger.admit(releaseRow(m, 2, upload(3)), upload(3), free, event)).toBe(true);
      const after = await ledger.getModel(m);
      expect(after.queued).toBeUndefined();
      expect(after).toMatchObject({ activeRelease: 2, releases: 2, latest: { sequencer: upload(3).sequencer } });
      expect((await ledger.findClaim(m, upload(3).dataset.key, 'v3'))?.became).toEqual({ kind: 'release', release: 2 });
    });

    it('does not queue on a row that has changed since it was read', async () => {
      await admit(1);
      const stale = await ledger.getModel(m);
      expect(await ledger.queue(upload(2), stale, event)).toBe(true);
      expect(await ledger.queue(upload(3), stale, event)).toBe(false);
      expect(await ledger.supersede(upload(3), stale, event)).toBe(true);
      expect(await ledger.supersede(upload(3), stale, event)).toBe(false);
    });

    it('moves a release along its lawful path only; repeating a move is nothing', async () => {
      await admit(1);
      await ledger.moveRelease(m, 1, 'Preparing', {}, event);
      await ledger.moveRelease(m, 1, 'Preparing', {}, event);
      await expect(ledger.moveRelease(m, 1, 'Deployed', {}, event)).rejects.toMatchObject({
        name: 'UnlawfulTransitionError',
      });
      await expect(ledger.moveRelease(m, 9, 'Preparing', {}, event)).rejects.toMatchObject({ name: 'NotFoundError' });
      expect(await ledger.getRelease(m, 1)).toMatchObject({ status: 'Preparing' });
    });

    it('writes each step once', async () => {
      await admit(1);
      const first = { bucket: 'b', key: 'first' };
      await ledger.recordSteps(m, 1, { baseline: first }, event);
      await ledger.recordSteps(m, 1, { baseline: { bucket: 'b', key: 'second' } }, event);
      await ledger.recordSteps(m, 1, { baseline: { bucket: 'b', key: 'third' }, artifact }, event);
      expect((await ledger.getRelease(m, 1)).steps).toEqual({ baseline: first, artifact });
    });

    it('numbers a version once per release, and moves it lawfully', async () => {
      await admit(1);
      await ledger.moveRelease(m, 1, 'Preparing', {}, event);
      await ledger.moveRelease(m, 1, 'Training', {}, event);
      await expect(ledger.sealVersion(version(1), m, artifact, () => event)).rejects.toMatchObject({
        name: 'UnlawfulTransitionError',
      });
      await ledger.moveRelease(m, 1, 'Sealing', {}, event);
      expect(await ledger.sealVersion(version(1), m, artifact, () => event)).toBe(1);
      expect(await ledger.sealVersion(version(1), m, artifact, () => event)).toBe(1);
      expect(await ledger.getRelease(m, 1)).toMatchObject({ version: 1, steps: { artifact } });
      await ledger.moveVersion(m, 1, 'Validated', {}, event);
      await ledger.moveVersion(m, 1, 'Validated', {}, event);
      await expect(ledger.moveVersion(m, 1, 'Deployed', {}, event)).rejects.toMatchObject({
        name: 'UnlawfulTransitionError',
      });
      expect(await ledger.listVersions(m)).toHaveLength(1);
    });

    it('ends a release once and gives its lease back once', async () => {
      await admit(1);
      const outcome = { status: 'Failed' as const, message: 'first' };
      const at = '2030-01-02T00:00:00.000Z';
      await ledger.endRelease(m, 1, 'Failed', outcome, at, event);
      await admit(2);
      const again = await ledger.endRelease(m, 1, 'Failed', { ...outcome, message: 'second' }, at, event);
      expect(again).toMatchObject({ status: 'Failed', endedAt: at, outcome: { message: 'first' } });
      expect(await ledger.getModel(m)).toMatchObject({ activeRelease: 2 });
    });

    it('drops a queued upload that cannot be started', async () => {
      await admit(1);
      await ledger.queue(upload(2), await ledger.getModel(m), event);
      const refusal = {
        id: `${m}-r`,
        model: m,
        object: upload(2).dataset,
        submitter: upload(2).submitter,
        at: '2030-01-01T00:00:00.000Z',
        message: 'no image',
        problems: [],
        toldTo: ['owner@example.com'],
      };
      expect(await ledger.dropQueued(m, upload(2), refusal, event)).toBe(true);
      expect(await ledger.dropQueued(m, upload(2), refusal, event)).toBe(false);
      expect((await ledger.getModel(m)).queued).toBeUndefined();
    });
  });
}
