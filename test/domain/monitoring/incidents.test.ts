import { describe, expect, it } from '@jest/globals';
import type { RollbackRow } from '../../../domain/deployment/rollback.ts';
import type { ModelRow } from '../../../domain/model.ts';
import { precisionInWords, precisionOf } from '../../../domain/monitoring/answers.ts';
import { findingsOf, isExpected, isQuiet, isToBeTold } from '../../../domain/monitoring/findings.ts';
import { incidentOfPath, incidentPath } from '../../../domain/monitoring/incident-link.ts';
import { surroundings } from '../../../domain/monitoring/recent-changes.ts';
import type { IncidentRow, WindowRow } from '../../../domain/monitoring/rows.ts';
import { severityOf } from '../../../domain/monitoring/severity.ts';
import type { ReleaseRow } from '../../../domain/release.ts';

const START = '2026-02-02T00:00:00.000Z';
const AT = new Date('2026-02-03T12:00:00.000Z');

const window = {
  ...{ model: 'flights', version: 7, start: START, end: '2026-02-03T00:00:00.000Z', countsFrom: START, rows: 1_000 },
  ...{ persistent: ['origin'], skewed: ['hour'], causes: ['new-category:origin', 'unit-change:hour'] },
  moved: [{ name: 'origin', strength: 4 }],
} as unknown as WindowRow;

const incident = { ...findingsOf(window)[0]!, status: 'Open', openedAt: START } as IncidentRow;

describe('severity', () => {
  it.each([
    [{ strength: 4, rowsPerDay: 1_000 }, 'page'],
    [{ strength: 4, rowsPerDay: 100 }, 'mail'],
    [{ strength: 1.2, rowsPerDay: 10_000 }, 'mail'],
    [{ strength: 4, rowsPerDay: 1_000, importance: 0.06 }, 'page'],
    [{ strength: 4, rowsPerDay: 1_000, importance: 0.03 }, 'mail'],
    [{ strength: 1.2, rowsPerDay: 1_000, importance: 0.01 }, 'digest'],
    [{ strength: 9, rowsPerDay: 10 }, 'digest'],
  ])('of %j is %s', (weight, severity) => {
    expect(severityOf(weight)).toBe(severity);
  });
});

describe('findings of a window', () => {
  it('keep drift and skew apart, each with its own causes', () => {
    expect(findingsOf(window)).toMatchObject([
      { detector: 'drift', features: ['origin'], severity: 'page', causes: ['new-category:origin'] },
      { detector: 'skew', features: ['hour'], causes: ['unit-change:hour'] },
    ]);
  });

  it('weigh what the model decides by, where it was measured', () => {
    const [drift] = findingsOf(window, { importance: new Map([['origin', 0.01]]), dataset: 'd1' });
    expect(drift).toMatchObject({ severity: 'digest', dataset: 'd1' });
    expect(findingsOf(window, { importance: new Map([['origin', 0.3]]) })[0]).toMatchObject({ severity: 'page' });
    const predictions = { ...window, persistent: ['(prediction)'], moved: [{ name: '(prediction)', strength: 4 }] };
    expect(findingsOf(predictions as unknown as WindowRow, { importance: new Map() })[0]).toMatchObject({
      severity: 'page',
    });
  });

  it('wait while a release is open that may answer them, for a day at most', () => {
    const open = { ...incident, openedAt: '2026-02-03T00:00:00.000Z' };
    const release = (status: string, purpose?: string) => ({ status, purpose }) as unknown as ReleaseRow;
    expect(isQuiet(open, undefined, AT)).toBe(false);
    expect(isQuiet(open, release('AwaitingApproval'), AT)).toBe(true);
    expect(isQuiet(open, release('Training'), AT)).toBe(true);
    expect(isQuiet(open, release('Training', 'experiment'), AT)).toBe(false);
    expect(isQuiet(open, release('Deployed'), AT)).toBe(false);
    expect(isQuiet({ ...open, detector: 'monitoring' }, release('Training'), AT)).toBe(false);
    expect(isQuiet(open, release('AwaitingApproval'), new Date('2026-02-04T00:00:00Z'))).toBe(false);
  });

  it('are to be told until someone was, unless they wait for the digest', () => {
    expect(isToBeTold(incident)).toBe(true);
    expect(isToBeTold({ ...incident, notifiedAt: START })).toBe(false);
    expect(isToBeTold({ ...incident, severity: 'digest' })).toBe(false);
    expect(isToBeTold({ ...incident, status: 'Closed' })).toBe(false);
  });

  it('are none where somebody said that all of it is expected for now', () => {
    const [drift] = findingsOf(window);
    const until = (day: string, features: string[]) => ({
      expected: { features, until: `2026-02-${day}T00:00:00Z`, by: 'x' },
    });
    expect(isExpected(drift!, {}, AT)).toBe(false);
    expect(isExpected(drift!, until('10', ['origin', 'hour']), AT)).toBe(true);
    expect(isExpected(drift!, until('03', ['origin']), AT)).toBe(false);
    expect(isExpected(drift!, until('10', ['hour']), AT)).toBe(false);
  });
});

describe('precision', () => {
  it('counts the answers of each rule; silence says nothing', () => {
    const answer = { by: 'x', at: START, note: '' };
    const counted = precisionOf([
      { ...incident, acknowledged: answer },
      { ...incident, acknowledged: answer, causes: [] },
      { ...incident, acknowledged: answer, expected: { ...answer, until: START } },
      incident,
    ]);
    expect(counted).toEqual([
      { of: 'drift', real: 2, expected: 1 },
      { of: 'new-category', real: 1, expected: 1 },
    ]);
    expect(precisionInWords(counted[0]!)).toBe('drift: 2 of 3 answered incidents were real');
  });
});

describe("an incident's path", () => {
  it('names it, and nothing else is read as one', () => {
    expect(incidentOfPath(incidentPath(incident))).toEqual({ model: 'flights', detector: 'drift', start: START });
    for (const text of [
      '',
      'flights/drift',
      `flights/other/${START}`,
      `../drift/${START}`,
      `flights/drift/${START}/x`,
    ]) {
      expect(incidentOfPath(Buffer.from(text).toString('base64url'))).toBeUndefined();
    }
  });
});

describe('what stands before an incident', () => {
  const champion = { version: 7, endpointName: 'e', endpointConfigName: 'c', since: '2026-02-03T00:00:00.000Z' };
  const model = { model: 'flights', team: 'operations', champion } as ModelRow;
  const release = {
    ...{ release: 14, status: 'Deployed', submitter: { principal: 'p', person: 'alice' }, reason: 'upload' },
    ...{ admittedAt: '2026-02-02T13:00:00.000Z', endedAt: '2026-02-03T00:00:00.000Z' },
  } as unknown as ReleaseRow;
  const rollback = {
    ...{
      rollback: 2,
      from: 8,
      to: 7,
      status: 'RolledBack',
      reason: 'nonsense',
      requestedBy: { principal: 'p', person: 'ada' },
    },
    requestedAt: '2026-02-03T01:00:00.000Z',
  } as unknown as RollbackRow;

  it('lists the last 24 hours in order, and nothing older', () => {
    const old = {
      ...release,
      release: 13,
      admittedAt: '2026-02-01T00:00:00.000Z',
      endedAt: '2026-02-01T01:00:00.000Z',
    };
    const around = surroundings(
      model,
      [release, old],
      [rollback],
      { served: [], incidents: [] },
      { inWords: 'safe' },
      AT,
    );
    expect(around.changes).toEqual([
      '2026-02-02 13:00 UTC: release 14 was started by alice: upload',
      '2026-02-03 00:00 UTC: version 7 began to serve',
      '2026-02-03 00:00 UTC: release 14 ended: Deployed',
      '2026-02-03 01:00 UTC: rollback 2 from version 8 to 7 was done, asked for by ada: nonsense',
    ]);
    expect(around).toMatchObject({ servingNow: 'version 7 on e since 2026-02-03 00:00 UTC', rollback: 'safe' });
  });

  it('lists what changed on the other models of its team, and says nothing of other teams', () => {
    const served = [
      { model: 'delays', team: 'operations', champion: { ...champion, version: 3 } },
      { model: 'quiet', team: 'operations', champion: { ...champion, since: '2026-01-01T00:00:00.000Z' } },
      { model: 'loans', team: 'lending', champion },
    ];
    const opened = (of: string) => ({ ...incident, model: of, openedAt: '2026-02-03T00:20:00.000Z' });
    const neighbourhood = { served, incidents: [opened('flights'), opened('quiet'), opened('loans')] };
    expect(surroundings(model, [], [], neighbourhood, { inWords: 'safe' }, AT).neighbours).toEqual([
      '2026-02-03 00:00 UTC: delays: version 3 began to serve',
      '2026-02-03 00:20 UTC: quiet: drift: origin moved since 2026-02-02',
    ]);
  });
});
