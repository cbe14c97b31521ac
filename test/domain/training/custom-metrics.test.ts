import { describe, expect, it } from '@jest/globals';
import { parseCustomMetrics } from '../../../domain/training/custom-metrics.ts';

describe('metrics.json of a training program', () => {
  it('is names and finite numbers', () => {
    expect(parseCustomMetrics('{"lift": 2.5, "a.b-c_d": -1e-9}')).toEqual({
      metrics: { lift: 2.5, 'a.b-c_d': -1e-9 },
      findings: [],
    });
  });
  it.each([
    ['no JSON', '{"lift": NaN}', 'is no JSON'],
    ['a list', '[1, 2]', 'is no object of names and numbers'],
    ['null', 'null', 'is no object of names and numbers'],
    ['too large to be read', undefined, 'is larger than 64 KiB'],
  ])('is told of where it is %s', (_what, text, why) => {
    expect(parseCustomMetrics(text)).toEqual({ metrics: {}, findings: [expect.stringContaining(why)] });
  });
  it.each(['"yes"', 'null', '[1]', '{"a": 1}', 'true', '1e999'])('leaves out the value %s', (value) => {
    expect(parseCustomMetrics(`{"x": ${value}, "y": 1}`)).toEqual({
      metrics: { y: 1 },
      findings: [expect.stringContaining('"x"')],
    });
  });
  it.each(['__proto__', '', '1st', 'a b', 'é', 'a'.repeat(65)])('leaves out the name %j', (name) => {
    const { metrics, findings } = parseCustomMetrics(`{${JSON.stringify(name)}: 1, "y": 1}`);
    expect(Object.keys(metrics)).toEqual(['y']);
    expect(findings).toHaveLength(1);
  });
  it('is read up to 50 names', () => {
    const many = JSON.stringify(Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`m${i}`, i])));
    const { metrics, findings } = parseCustomMetrics(many);
    expect(Object.keys(metrics)).toHaveLength(50);
    expect(findings).toEqual(['metrics.json holds 60 metrics; the first 50 were read.']);
  });
});
