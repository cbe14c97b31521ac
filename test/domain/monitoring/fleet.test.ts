import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fleetOf, fleetSubject, groupOf } from '../../../domain/monitoring/fleet.ts';
import { fleetMail } from '../../../domain/monitoring/fleet-mail.ts';
import { type IncidentRow, incidentId } from '../../../domain/monitoring/rows.ts';

const at = (minutes: number): string => new Date(Date.UTC(2026, 1, 3, 0, minutes)).toISOString();
const incident = (model: string, change: Partial<IncidentRow> = {}): IncidentRow => ({
  ...{ model, version: 1, detector: 'drift', start: at(-1440), windowStart: at(-1440), severity: 'mail', summary: 's' },
  ...{ features: ['origin'], causes: [], status: 'Open', openedAt: at(15) },
  ...change,
});
const grouped = (one: IncidentRow, ...others: IncidentRow[]) => groupOf(one, [one, ...others]);

describe('incidents of one thing', () => {
  it('are those of models that saw the same feature move, or that learnt from the same dataset', () => {
    const alone = incident('a');
    expect(grouped(alone, incident('b', { features: ['carrier'] }))).toBeUndefined();
    expect(grouped(alone, incident('b', { features: ['carrier', 'origin'] }))).toMatchObject({
      shared: { kind: 'feature', name: 'origin' },
      group: [{ model: 'a' }, { model: 'b' }],
    });
    const learnt = (model: string, features: string[]) => incident(model, { dataset: 'd1', features });
    expect(grouped(learnt('a', ['x']), learnt('b', ['y']))).toMatchObject({ shared: { kind: 'dataset', name: 'd1' } });
  });

  it('take what most of them share', () => {
    const one = incident('a', { features: ['origin', 'weather'] });
    const group = grouped(
      one,
      incident('b'),
      incident('c', { features: ['weather'] }),
      incident('d', { features: ['weather'] }),
    );
    expect(group).toMatchObject({
      shared: { name: 'weather' },
      group: [{ model: 'a' }, { model: 'c' }, { model: 'd' }],
    });
  });

  it('are of one detector, of one day, and more than the predictions, which are each model’s own', () => {
    expect(grouped(incident('a'), incident('b', { detector: 'skew' }))).toBeUndefined();
    expect(grouped(incident('a'), incident('b', { openedAt: at(15 + 1441) }))).toBeUndefined();
    const predictions = { features: ['(prediction)'] };
    expect(grouped(incident('a', predictions), incident('b', predictions))).toBeUndefined();
  });

  it('have one name, whichever of them is looked at first', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 600 }), { minLength: 2, maxLength: 12 }), (minutes) => {
        const all = minutes.map((minute, i) => incident(`m${i}`, { openedAt: at(minute) }));
        const names = all.map((one) => fleetOf('drift', groupOf(one, all)!).id);
        expect(new Set(names).size).toBe(1);
      }),
      { numRuns: 50 },
    );
  });

  it('join the fleet incident that one of them belongs to, and are as loud as the loudest', () => {
    const group = grouped(
      incident('a', { severity: 'digest' }),
      incident('b', { fleet: 'drift/feature/origin/then' }),
    )!;
    expect(fleetOf('drift', group)).toMatchObject({
      id: 'drift/feature/origin/then',
      severity: 'mail',
      children: new Set(group.group.map(incidentId)),
    });
    expect(fleetOf('drift', grouped(incident('a', { severity: 'page' }), incident('b'))!).severity).toBe('page');
    const quiet = grouped(incident('a', { severity: 'digest' }), incident('b', { severity: 'digest' }))!;
    expect(fleetOf('drift', quiet).severity).toBe('mail');
  });
});

describe('the mail of a fleet incident', () => {
  const all = Array.from({ length: 12 }, (_, i) => incident(`model-${i}`));
  const fleet = fleetOf('drift', groupOf(all[0]!, all)!);
  const around = { servingNow: 'version 1', changes: [], neighbours: [], rollback: 'not possible: nothing before' };
  const safety = { verdict: 'impossible' as const };
  const mail = fleetMail(
    ['a@example.com', 'ops@example.com'],
    fleet,
    all.map((one) => ({
      incident: one,
      owner: 'a@example.com',
      around,
      safety,
      link: `https://pages.example.com/incidents/${one.model}`,
    })),
  );

  it('says in its subject how many models and what they share', () => {
    expect(mail.subject).toBe('[12 models] drift: origin moved in model-0, model-1, model-2 and 9 more');
    expect(
      fleetSubject(
        fleetOf('drift', grouped(incident('a', { dataset: 'd', features: [] }), incident('b', { dataset: 'd' }))!),
        [],
      ),
    ).toBe('[2 models] drift of models that learnt from one dataset');
  });

  it('lists every model, and links to pages of some', () => {
    for (const { model } of all) expect(mail.text).toContain(model);
    expect(mail.text.match(/https:\S+/g)).toHaveLength(8);
    expect(mail.text.replace(/\s+/g, ' ')).toContain('look at what feeds it before you look at any model');
    expect(mail.text).toContain('models/MODEL/data/');
  });
});
