import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { holds } from '../../../../local/services/dynamodb/expression.ts';

const compare = (left: string, sign: string, right: string) =>
  holds({ type: sign, args: [['n'], { N: right }] }, { n: { N: left } });

/** A number of up to 38 digits, as an integer scaled by a power of ten. */
const number = fc.record({
  digits: fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n }),
  power: fc.integer({ min: -20, max: 20 }),
});
const text = ({ digits, power }: { digits: bigint; power: number }) => `${digits}e${power}`;
const scaled = ({ digits, power }: { digits: bigint; power: number }) => digits * 10n ** BigInt(power + 20);

describe('numbers', () => {
  it('compare exactly, to 38 digits', () => {
    fc.assert(
      fc.property(number, number, (a, b) => {
        expect(compare(text(a), '=', text(b))).toBe(scaled(a) === scaled(b));
        expect(compare(text(a), '<', text(b))).toBe(scaled(a) < scaled(b));
        expect(compare(text(a), '>=', text(b))).toBe(scaled(a) >= scaled(b));
      }),
    );
  });

  it('differ by their last digit alone', () => {
    const digits = '12345678901234567890123456789012345678';
    const next = '12345678901234567890123456789012345679';
    expect(compare(digits, '<', next)).toBe(true);
    expect(compare(next, '=', digits)).toBe(false);
  });

  it.each([
    ['1', '1.00'],
    ['0', '-0.0'],
    ['100', '1e2'],
    ['0.001', '1E-3'],
    ['-5', '-05'],
  ])('%s is %s', (a, b) => {
    expect(compare(a, '=', b)).toBe(true);
  });
});

describe('values of different types', () => {
  it('are never equal, never in order', () => {
    const item = { n: { N: '1' } };
    for (const sign of ['=', '<', '<=', '>', '>=']) {
      expect(holds({ type: sign, args: [['n'], { S: '1' }] }, item)).toBe(false);
      expect(holds({ type: sign, args: [['missing'], { N: '1' }] }, item)).toBe(false);
    }
    expect(holds({ type: '<>', args: [['n'], { S: '1' }] }, item)).toBe(true);
  });

  it('inherit nothing from objects: constructor is no attribute', () => {
    expect(holds({ type: 'function', name: 'attribute_exists', args: [['constructor']] }, {})).toBe(false);
    expect(holds({ type: 'function', name: 'attribute_exists', args: [['m', '__proto__']] }, { m: { M: {} } })).toBe(
      false,
    );
  });
});
