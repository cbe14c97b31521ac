import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  afterDay,
  answerIncident,
  capture,
  type Deployed,
  day,
  deployedModel,
  MODEL,
  monitor,
  seasons,
  stormFor,
  stormOn,
} from '../support/monitored-model.ts';

let deployed: Deployed;
beforeEach(async () => {
  deployed = await deployedModel();
});

describe('monitoring a model', () => {
  it('tells other systems: of every window that drifted, and of the beginning and the end of an incident, once each', async () => {
    await stormFor(deployed, 3);
    for (const number of [5, 6]) {
      await capture(deployed, day(number).replace('T00', 'T10'), seasons.quiet);
      await monitor(deployed, afterDay(number));
    }
    const id = 'flight-delays/drift/2026-02-02T00:00:00.000Z';
    expect(deployed.events.published.map(({ type, detail }) => [type, detail.id])).toEqual([
      ['Drift Found', 'flight-delays/v7/2026-02-02T00:00:00.000Z'],
      ['Drift Found', 'flight-delays/v7/2026-02-03T00:00:00.000Z'],
      ['Incident Opened', `${id}/opened`],
      ['Drift Found', 'flight-delays/v7/2026-02-04T00:00:00.000Z'],
      ['Incident Closed', `${id}/closed`],
    ]);
    expect(deployed.events.published[2]!.detail).toMatchObject({
      ...{ incident: id, detector: 'drift', severity: 'page', version: 7, features: ['origin', 'destination'] },
    });
    expect(deployed.events.published[4]!.detail).toMatchObject({
      because: '2 windows in a row within their thresholds',
    });
  });

  describe('while the bus does not answer', () => {
    beforeEach(() => {
      deployed.events.isDown = true;
    });

    it('tells people in the same minute, and other systems of all of it once the bus answers, once each', async () => {
      await stormFor(deployed, 2);
      expect(deployed.mailer.sent).toHaveLength(1);
      expect(deployed.publisher.published).toMatchObject([{ event: 'trigger' }]);
      expect(deployed.events.published).toEqual([]);
      expect(deployed.unheard).not.toEqual([]);

      deployed.events.isDown = false;
      await stormOn(deployed, 4);
      await deployed.check({ model: MODEL, version: 7, windowStart: day(4) });
      const told = deployed.events.published.map(({ type, detail }) => [type, detail.id]);
      expect(told).toEqual([
        ['Drift Found', `${MODEL}/v7/${day(2)}`],
        ['Drift Found', `${MODEL}/v7/${day(3)}`],
        ['Incident Opened', `${MODEL}/drift/${day(2)}/opened`],
        ['Drift Found', `${MODEL}/v7/${day(4)}`],
      ]);
      expect(deployed.mailer.sent).toHaveLength(1);
      expect(deployed.monitoring.owed).toEqual([]);
    });

    it('ends a page, and takes an answer, as ever', async () => {
      await stormFor(deployed, 2);
      for (const number of [4, 5]) {
        await capture(deployed, day(number).replace('T00', 'T10'), seasons.quiet);
        await monitor(deployed, afterDay(number));
      }
      expect(deployed.publisher.published.map(({ event }) => event)).toEqual(['trigger', 'resolve']);
      expect([...deployed.monitoring.incidents.values()]).toMatchObject([{ status: 'Closed' }]);

      deployed = await deployedModel();
      deployed.events.isDown = true;
      await stormFor(deployed, 2);
      deployed.clock.advance(Date.parse(afterDay(3)) - deployed.clock.now().getTime());
      expect(
        (await answerIncident(deployed, { action: 'expected', until: '2026-02-06', note: 'winter' })).statusCode,
      ).toBe(200);
      expect(deployed.publisher.published.map(({ event }) => event)).toEqual(['trigger', 'resolve']);
      expect(deployed.monitoring.owed.at(-1)!.event).toMatchObject({
        type: 'Incident Closed',
        detail: { because: 'expected until 2026-02-06' },
      });
    });

    it('is not asked for more than two events in a call, and each of those again in the next', async () => {
      await stormFor(deployed, 3);
      const before = deployed.unheard.length;
      await deployed.check({ model: MODEL, version: 7, windowStart: day(4) });
      expect(deployed.unheard.length - before).toBe(2);
      expect(deployed.monitoring.owed).toHaveLength(4);
    });
  });

  it('tells other systems the rest where the bus took one event and not the next', async () => {
    await stormFor(deployed, 1);
    await capture(deployed, day(3).replace('T00', 'T10'), seasons.storm);
    deployed.events.failsAfter(1); // the window's event is taken, the incident's is not
    await monitor(deployed, afterDay(3));
    expect(deployed.events.published.map(({ type }) => type)).toEqual(['Drift Found', 'Drift Found']);
    expect(deployed.mailer.sent).toHaveLength(1);
    await deployed.check({ model: MODEL, version: 7, windowStart: day(3) });
    expect(deployed.events.published.map(({ type }) => type).slice(2)).toEqual(['Incident Opened']);
  });

  it('takes a window to its incidents in the next hour where the check died between the two, whichever detector speaks', async () => {
    const calls = { calls: 2_000, errors4xx: 0, errors5xx: 0 };
    deployed.service.counts = { ...calls, calls: 19 };
    deployed.service.before = calls;
    const { raiseIncident } = deployed.monitoring;
    deployed.monitoring.raiseIncident = async () => {
      throw new Error('the function died');
    };
    await expect(monitor(deployed, afterDay(1))).rejects.toThrow('the function died');
    expect(deployed.monitoring.windows.size).toBe(1);
    deployed.monitoring.raiseIncident = raiseIncident;

    const nextHour = new Date(Date.parse(afterDay(1)) + 3_600_000).toISOString();
    await monitor(deployed, nextHour);
    expect([...deployed.monitoring.incidents.values()]).toMatchObject([{ detector: 'usage', status: 'Open' }]);
    expect(deployed.mailer.sent).toHaveLength(1);
    expect(await monitor(deployed, nextHour)).toEqual([]);
  });
});
