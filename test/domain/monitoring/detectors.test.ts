import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { DETECTOR_RULES } from '../../../domain/monitoring/detectors.ts';
import { incidentOfPath, incidentPath } from '../../../domain/monitoring/incident-link.ts';
import { DETECTORS, type Finding } from '../../../domain/monitoring/rows.ts';

const runbook = readFileSync('docs/runbook.md', 'utf8');

describe.each(DETECTORS)('the detector %s', (detector) => {
  const start = '2026-02-02T00:00:00.000Z';
  const finding = {
    ...{ model: 'flights', version: 7, detector, start, windowStart: start, severity: 'mail' },
    ...{ summary: 'something is wrong', features: ['origin'], causes: [] },
  } satisfies Finding;

  it('has a runbook entry that says what it means, where to look and what to do', () => {
    const [, section] = new RegExp(`^## ${detector}\\n([\\s\\S]*?)(?=^## |$(?![\\s\\S]))`, 'm').exec(runbook) ?? [];
    for (const part of ['**Means**', '**Look at**', '**Do**']) expect(section).toContain(part);
  });

  it('has words for the subject, the heading and what to do', () => {
    const { subject, heading, advice } = DETECTOR_RULES[detector];
    for (const text of [subject(finding), heading(finding), ...advice(finding)]) expect(text).toMatch(/^\S.{10,}/);
    expect(subject(finding)).toMatch(new RegExp(`^${detector}: `));
  });

  it('has a page of its own', () => {
    expect(incidentOfPath(incidentPath(finding))).toEqual({ model: 'flights', detector, start });
  });
});
