import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { activeOf, decideAdmission } from '../../domain/admission.ts';
import { ReleaseSupersededError } from '../../domain/errors.ts';
import type { ModelRow, QueuedUpload } from '../../domain/model.ts';
import { isEnd, type ReleasePurpose, type ReleaseRow, type ReleaseStatus } from '../../domain/release.ts';
import { modelRow, releaseRow } from '../support/approval-fixtures.ts';
import { InMemoryLineageStore } from '../support/in-memory-lineage-store.ts';

const M = 'flight-delays';
const audit = { type: 'Happened', actor: 'test', subject: 'release/1' };
const BEFORE_ASKING: readonly ReleaseStatus[] = ['Admitted', 'Validating'];

type Step = { readonly event: 'upload' | 'experiment' | 'ask' | 'deploy' | 'end' | 'fail'; readonly at: number };

/** One model whose releases are moved by events in any order; every rule is looked at after each. */
class Story {
  readonly ledger = new InMemoryLineageStore();
  readonly deployed: number[] = [];
  #uploads = 0;

  constructor() {
    const { activeRelease: _active, ...free } = modelRow();
    this.ledger.models.set(M, { ...free, releases: 0, versions: 0 });
  }

  get model(): ModelRow {
    return this.ledger.models.get(M)!;
  }

  get open(): ReleaseRow[] {
    return [...this.ledger.releases.values()].filter(({ status }) => !isEnd(status));
  }

  set(release: number, status: ReleaseStatus): void {
    const row = this.ledger.releases.get(`${M}/${release}`)!;
    this.ledger.releases.set(`${M}/${release}`, { ...row, status });
  }

  async upload(purpose: ReleasePurpose): Promise<'start' | 'queue' | 'superseded'> {
    this.#uploads += 1;
    const key = `models/${M}/${purpose === 'release' ? 'data' : 'experiments'}/train.csv`;
    const upload: QueuedUpload = {
      dataset: { bucket: 'intake', key, versionId: `v${this.#uploads}` },
      submitter: { principal: 'p' },
      sequencer: String(this.#uploads).padStart(32, '0'),
      uploadedAt: new Date(Date.UTC(2030, 0, 1, 0, this.#uploads)).toISOString(),
    };
    const admission = decideAdmission(this.model, upload, await activeOf(this.ledger, this.model));
    const release = this.model.releases + 1;
    const row = releaseRow({ release, status: 'Admitted', purpose });
    if (admission === 'start') expect(await this.ledger.admit(row, upload, this.model, audit)).toBe(true);
    return admission;
  }

  async take({ event, at }: Step): Promise<void> {
    if (event === 'upload' || event === 'experiment') {
      await this.upload(event === 'upload' ? 'release' : 'experiment');
      return;
    }
    const row = this.open[at % Math.max(1, this.open.length)];
    if (!row) return;
    if (event === 'ask') this.#ask(row);
    if (event === 'deploy' && row.status === 'AwaitingApproval') await this.#deploy(row);
    if (event === 'end' && row.status === 'Deploying') await this.#end(row.release, 'Deployed');
    if (event === 'fail') await this.#end(row.release, 'Failed');
  }

  /** Older requests are superseded by then; one that was approved before may still be on its way. */
  #ask({ release, status, purpose }: ReleaseRow): void {
    if (!BEFORE_ASKING.includes(status) || purpose === 'experiment') return;
    this.set(release, 'AwaitingApproval');
    const newestAsked = Math.max(release, this.model.newestAsked ?? 0);
    this.ledger.models.set(M, { ...this.model, newestAsked });
  }

  async #deploy({ release }: ReleaseRow): Promise<void> {
    try {
      await this.ledger.beginDeployment(M, release, audit);
      this.deployed.push(release);
    } catch (error) {
      if (!(error instanceof ReleaseSupersededError)) throw error;
      await this.#end(release, 'Superseded');
    }
  }

  #end(release: number, status: ReleaseStatus) {
    return this.ledger.endRelease(M, release, status, { status, message: 'm' }, '2030-01-01T00:00:00Z', audit);
  }

  async finish(): Promise<void> {
    for (const { release } of this.open) await this.#end(release, 'Failed');
  }
}

const steps = fc.array(
  fc.record({
    event: fc.constantFrom<Step['event']>('upload', 'upload', 'experiment', 'ask', 'ask', 'deploy', 'end', 'fail'),
    at: fc.nat(4),
  }),
  { minLength: 5, maxLength: 40 },
);

describe("a model's lease", () => {
  it('in whatever order things happen: never two deployments at once, never old over new, nothing stuck', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (story) => {
        const told = new Story();
        for (const step of story) {
          await told.take(step);
          const deploying = told.open.filter(({ status }) => status === 'Deploying');
          expect(deploying.length).toBeLessThanOrEqual(1);
          if (deploying[0]) expect(told.model.activeRelease).toBe(deploying[0].release);
        }
        expect(told.deployed).toEqual(told.deployed.toSorted((a, b) => a - b));
        await told.finish();
        expect(told.model.activeRelease).toBeUndefined();
        expect(await told.upload('release')).toBe('start');
      }),
      { numRuns: 300 },
    );
  });

  it('goes to a newer upload while people are asked, and its end does not disturb the newer one', async () => {
    const told = new Story();
    await told.take({ event: 'upload', at: 0 });
    await told.take({ event: 'ask', at: 0 });
    expect(await told.upload('release')).toBe('start');
    expect(told.model.activeRelease).toBe(2);
    await told.take({ event: 'deploy', at: 0 });
    expect((await told.ledger.getRelease(M, 1)).status).toBe('Superseded');
    expect(told.model.activeRelease).toBe(2);
    expect(told.deployed).toEqual([]);
  });

  it('goes back to the older release where the newer one failed before people were asked', async () => {
    const told = new Story();
    await told.take({ event: 'upload', at: 0 });
    await told.take({ event: 'ask', at: 0 });
    await told.upload('release');
    await told.take({ event: 'fail', at: 1 });
    await told.take({ event: 'deploy', at: 0 });
    expect(told.deployed).toEqual([1]);
    expect(await told.upload('release')).toBe('queue');
  });
});
