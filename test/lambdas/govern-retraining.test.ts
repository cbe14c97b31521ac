import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { IncidentRow } from '../../domain/monitoring/rows.ts';
import type { ReleaseRow } from '../../domain/release.ts';
import { definitionText, flights, ReleaseWorld } from '../support/release-world.ts';

const MODEL = 'flight-delays';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const AUDIT = { type: 'T', actor: 'a', subject: 's' };

const governed = (retrain = 'cooldownHours: 24', onDrift = 'retrain') =>
  definitionText(
    (text) => `${text}release: { startOn: schedule }\nmonitoring: { onDrift: ${onDrift}, retrain: { ${retrain} } }\n`,
  );

class GovernedWorld extends ReleaseWorld {
  #incidents = 0;

  govern = () => this.governRetraining({ model: MODEL });
  upload$ = async (rows: number) =>
    this.deliver(await this.upload(`models/${MODEL}/data/train-${rows}.csv`, flights(rows)));

  /** What a release's end leaves behind. */
  async end(number: number, cost = 1, status: ReleaseRow['status'] = 'Deployed'): Promise<void> {
    const row = await this.ledger.getRelease(MODEL, number);
    const steps = { ...row.steps, training: { costUsd: cost } as ReleaseRow['steps']['training'] };
    const endedAt = this.clock.now().toISOString();
    this.ledger.releases.set(`${MODEL}/${number}`, { ...row, status, endedAt, steps } as ReleaseRow);
    const { activeRelease: _, ...model } = await this.ledger.getModel(MODEL);
    if (status !== 'Deployed') return void this.ledger.models.set(MODEL, model);
    const champion = { version: number, endpointName: 'e', endpointConfigName: 'c', since: endedAt };
    this.ledger.models.set(MODEL, { ...model, champion });
    this.ledger.versions.set(`${MODEL}/${number}`, {
      model: MODEL,
      version: number,
      release: number,
      training: {},
    } as never);
  }

  async drift(): Promise<IncidentRow> {
    this.#incidents += 1;
    const start = new Date(Date.UTC(2029, 0, this.#incidents)).toISOString();
    const incident: IncidentRow = {
      ...{ model: MODEL, version: 1, detector: 'drift', start, windowStart: start, severity: 'mail', summary: 's' },
      ...{ features: ['origin'], causes: [], status: 'Open', openedAt: this.clock.now().toISOString() },
    };
    await this.monitoring.raiseIncident(incident, AUDIT);
    return incident;
  }

  close = (incident: IncidentRow) => this.monitoring.closeIncident(incident, 'now', 'over', AUDIT);
  retrainings = async () => (await this.ledger.listReleases(MODEL)).filter(({ retraining }) => retraining);
}

async function serving(text = governed()): Promise<GovernedWorld> {
  const world = new GovernedWorld();
  await world.withModel(text);
  await world.upload$(1_000);
  await world.end(1);
  world.clock.advance(2 * DAY_MS);
  return world;
}

let world: GovernedWorld;
beforeEach(async () => {
  world = await serving();
});

describe('a model whose releases start on a schedule', () => {
  it('releases its first dataset, and then lets the newest wait', async () => {
    expect(await world.ledger.getRelease(MODEL, 1)).toMatchObject({
      reason: 'upload of models/flight-delays/data/train-1000.csv',
    });
    await world.upload$(1_100);
    await world.upload$(1_200);
    const row = await world.ledger.getModel(MODEL);
    expect(row.releases).toBe(1);
    expect(row.queued?.dataset.key).toBe('models/flight-delays/data/train-1200.csv');
  });
});

describe('the governor', () => {
  it('starts one release of an open incident, which carries it as its reason', async () => {
    await world.upload$(1_100);
    const incident = await world.drift();
    expect(await world.govern()).toEqual({
      decisions: [`incident/drift/${incident.start}: started release 2`],
    });
    const release = await world.ledger.getRelease(MODEL, 2);
    expect(release.reason).toBe(
      `drift: origin moved since 2029-01-01 (incident flight-delays/drift/${incident.start}); data: models/flight-delays/data/train-1100.csv`,
    );
    expect(release.retraining).toEqual({ kind: 'incident', incident: `flight-delays/drift/${incident.start}` });
    expect(release.submitter.person).toBe('dana');
    expect(world.started.map(({ release: number }) => number)).toEqual([1, 2]);
    expect((await world.ledger.getModel(MODEL)).queued).toBeUndefined();
  });

  it('says no, keeps why, tells the audit once, and says yes once it may', async () => {
    const incident = await world.drift();
    for (let hour = 0; hour < 3; hour++) await world.govern();
    expect(await world.monitoring.listRetrainDecisions(MODEL)).toMatchObject([
      { id: `incident/drift/${incident.start}`, decision: 'refused', rule: 'no-labelled-rows', asked: 3 },
    ]);
    expect(world.monitoring.audit.map(({ type }) => type)).toEqual(['T', 'RetrainingRefused']);

    await world.upload$(1_100);
    await world.govern();
    expect(await world.monitoring.listRetrainDecisions(MODEL)).toMatchObject([
      { decision: 'started', release: 2, asked: 4 },
    ]);
    expect(world.monitoring.audit.map(({ type }) => type)).toEqual(['T', 'RetrainingRefused', 'RetrainingStarted']);
  });

  it('asks nothing for skew, nor where the owner wants alerts only', async () => {
    await world.upload$(1_100);
    const incident = await world.drift();
    await world.close(incident);
    await world.monitoring.raiseIncident({ ...incident, detector: 'skew' }, AUDIT);
    expect(await world.govern()).toEqual({ decisions: [] });

    const alerting = await serving(governed('schedule: weekly', 'alert'));
    await alerting.upload$(1_100);
    await alerting.drift();
    expect((await alerting.govern()).decisions.join()).not.toContain('incident');
  });

  it('trains on a schedule as well, once an occurrence', async () => {
    world = await serving(governed('schedule: weekly', 'alert'));
    world.clock.advance(7 * DAY_MS);
    await world.upload$(1_100);
    const occurrence = new Date(Date.UTC(2030, 0, 7)).toISOString();
    expect(await world.govern()).toEqual({ decisions: [`schedule/${occurrence}: started release 2`] });
    expect((await world.ledger.getRelease(MODEL, 2)).reason).toContain('weekly retraining of 2030-01-07');
    await world.end(2);
    await world.upload$(1_200);
    expect(await world.govern()).toEqual({ decisions: [] });
  });

  it('waits with a schedule while a release is open, and lets an occurrence without new rows pass', async () => {
    world = await serving(governed('schedule: weekly', 'alert'));
    world.clock.advance(7 * DAY_MS);
    expect((await world.govern()).decisions.join()).toContain('refused (no-labelled-rows)');
    expect(await world.govern()).toEqual({ decisions: [] });
    world.clock.advance(7 * DAY_MS);
    await world.upload$(1_100);
    await world.deliver(await world.upload(`models/${MODEL}/experiments/e.csv`, flights(1_000)));
    expect((await world.govern()).decisions.join()).toContain('refused (release-open)');
    await world.end(2, 1, 'Validated');
    expect((await world.govern()).decisions.join()).toContain('started release 3');
  });

  it('answers a person who asks, by the same rules', async () => {
    const ask = async (name: string) =>
      world.deliver(
        await world.upload(
          `models/${MODEL}/requests/${name}.json`,
          JSON.stringify({ schema: 'launchway/request/v1', action: 'retrain', reason: 'new fares' }),
        ),
      );
    await ask('first');
    expect(await world.monitoring.listRetrainDecisions(MODEL)).toMatchObject([{ rule: 'no-labelled-rows' }]);
    await world.upload$(1_100);
    const again = await world.upload(
      `models/${MODEL}/requests/second.json`,
      JSON.stringify({ schema: 'launchway/request/v1', action: 'retrain', reason: 'new fares' }),
    );
    await world.deliver(again, again);
    await world.deliver(again);
    expect((await world.retrainings()).map(({ reason }) => reason)).toEqual([
      'asked for by dana: new fares; data: models/flight-delays/data/train-1100.csv',
    ]);
    expect(await world.monitoring.listRetrainDecisions(MODEL)).toMatchObject([{}, { decision: 'started', release: 2 }]);
  });

  it('starts at most one release however many ask at once', async () => {
    await world.upload$(1_100);
    await world.drift();
    await Promise.all(Array.from({ length: 200 }, world.govern));
    expect(await world.retrainings()).toHaveLength(1);
    await world.end(2);
    await world.upload$(1_200);
    world.clock.advance(3 * DAY_MS);
    await Promise.all(Array.from({ length: 200 }, world.govern));
    expect(await world.retrainings()).toHaveLength(1);
  });
});

describe('whatever happens', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('wait' as const), hours: fc.integer({ min: 1, max: 90 }) }),
    fc.record({ kind: fc.constantFrom('upload' as const, 'drift' as const, 'alarm' as const, 'clear' as const) }),
    fc.record({ kind: fc.constant('end' as const), cost: fc.integer({ min: 0, max: 9 }), deployed: fc.boolean() }),
  );

  it('one incident starts at most one release, and no cap is exceeded', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
        const room = await serving(governed('cooldownHours: 24, maxPerWeek: 2, monthlyBudgetUsd: 20'));
        let open: IncidentRow | undefined;
        let rows = 1_000;
        for (const one of steps) {
          const { activeRelease } = await room.ledger.getModel(MODEL);
          if (one.kind === 'wait') room.clock.advance(one.hours * HOUR_MS);
          else if (one.kind === 'upload') {
            rows += 1;
            await room.upload$(rows);
          } else if (one.kind === 'drift') open ??= await room.drift();
          else if (one.kind === 'clear' && open) {
            await room.close(open);
            open = undefined;
          } else if (one.kind === 'end' && activeRelease !== undefined)
            await room.end(activeRelease, one.cost, one.deployed ? 'Deployed' : 'Rejected');
          if (one.kind === 'alarm') await Promise.all([room.govern(), room.govern(), room.govern()]);
        }
        const started = await room.retrainings();
        const incidents = started.map(({ retraining }) => JSON.stringify(retraining));
        expect(new Set(incidents).size).toBe(incidents.length);
        const times = started.map(({ admittedAt }) => Date.parse(admittedAt));
        for (const at of times)
          expect(times.filter((t) => t > at - 7 * DAY_MS && t <= at).length).toBeLessThanOrEqual(2);
        for (const [i, { endedAt }] of started.entries()) {
          if (i + 1 < started.length) expect(times[i + 1]! - Date.parse(endedAt!)).toBeGreaterThanOrEqual(24 * HOUR_MS);
        }
        for (const [
          i,
          {
            admittedAt,
            steps: { training },
          },
        ] of started.entries()) {
          const month = admittedAt.slice(0, 7);
          const before = started.slice(0, i).filter((row) => row.admittedAt.startsWith(month));
          const spent = before.reduce((sum, row) => sum + (row.steps.training?.costUsd ?? 0), 0);
          // What a training will cost is known afterwards: nothing starts once the budget is spent.
          expect(spent).toBeLessThanOrEqual(20);
          expect(training?.costUsd ?? 0).toBeLessThanOrEqual(9);
        }
      }),
      { numRuns: 40 },
    );
  });
});
