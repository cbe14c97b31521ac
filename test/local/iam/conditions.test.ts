import { describe, expect, it } from '@jest/globals';
import { conditionsHold } from '../../../local/iam/conditions.ts';

const holds = (operator: string, wanted: string | string[], given: string | string[] | undefined) =>
  conditionsHold({ [operator]: { 'aws:Key': [wanted].flat() } }, { 'aws:key': given });

describe('condition operators', () => {
  it.each([
    ['StringEquals', 'a', 'a', 'A'],
    ['StringNotEquals', 'a', 'b', 'a'],
    ['StringEqualsIgnoreCase', 'a', 'A', 'b'],
    ['StringNotEqualsIgnoreCase', 'a', 'b', 'A'],
    ['StringLike', 'team-*', 'team-a', 'a-team'],
    ['StringNotLike', 'team-*', 'a-team', 'team-a'],
    ['NumericEquals', '1.0', '1', '2'],
    ['NumericNotEquals', '1', '2', '1'],
    ['NumericLessThan', '10', '9', '10'],
    ['NumericLessThanEquals', '10', '10', '11'],
    ['NumericGreaterThan', '10', '11', '10'],
    ['NumericGreaterThanEquals', '10', '10', '9'],
    ['DateEquals', '2026-01-01T00:00:00Z', '1767225600', '1767225601'],
    ['DateNotEquals', '2026-01-01T00:00:00Z', '1767225601', '1767225600'],
    ['DateLessThan', '2026-01-02', '2026-01-01', '2026-01-02'],
    ['DateLessThanEquals', '2026-01-02', '2026-01-02', '2026-01-03'],
    ['DateGreaterThan', '2026-01-02', '2026-01-03', '2026-01-02'],
    ['DateGreaterThanEquals', '2026-01-02', '2026-01-02', '2026-01-01'],
    ['Bool', 'true', 'True', 'false'],
    ['BinaryEquals', 'QQ==', 'QQ==', 'Qg=='],
    ['IpAddress', '10.0.0.0/8', '10.1.2.3', '11.0.0.1'],
    ['NotIpAddress', '10.0.0.0/8', '11.0.0.1', '10.1.2.3'],
    ['IpAddress', '2001:db8::/32', '2001:db8::1', '2001:db9::1'],
    ['ArnEquals', 'arn:aws:s3:::a*', 'arn:aws:s3:::ab', 'arn:aws:s3:::b'],
    [
      'ArnLike',
      'arn:aws:states:*:1:execution:m:*',
      'arn:aws:states:r:1:execution:m:x',
      'arn:aws:states:r:2:execution:m:x',
    ],
    ['ArnNotLike', 'arn:aws:s3:::a*', 'arn:aws:s3:::b', 'arn:aws:s3:::ab'],
    ['ArnNotEquals', 'arn:aws:s3:::a', 'arn:aws:s3:::b', 'arn:aws:s3:::a'],
  ])('%s %j holds for %j, not for %j', (operator, wanted, yes, no) => {
    expect(holds(operator, wanted, yes)).toBe(true);
    expect(holds(operator, wanted, no)).toBe(false);
  });

  it('keeps wildcards of an ARN within their part', () => {
    expect(holds('ArnLike', 'arn:aws:s*:::o', 'arn:aws:sns:r:::o')).toBe(false);
    expect(holds('ArnLike', 'arn:aws:lambda:*:*:function:f', 'arn:aws:lambda:r:1:function:f')).toBe(true);
  });

  it('takes any of the listed values, and none of them where negated', () => {
    expect(holds('StringEquals', ['a', 'b'], 'b')).toBe(true);
    expect(holds('StringNotEquals', ['a', 'b'], 'b')).toBe(false);
    expect(holds('StringNotEquals', ['a', 'b'], 'c')).toBe(true);
  });

  it('needs all operators and all keys', () => {
    const both = { StringEquals: { 'aws:A': ['1'], 'aws:B': ['2'] }, Bool: { 'aws:C': ['true'] } };
    expect(conditionsHold(both, { 'aws:A': '1', 'aws:B': '2', 'aws:C': 'true' })).toBe(true);
    expect(conditionsHold(both, { 'aws:A': '1', 'aws:B': '3', 'aws:C': 'true' })).toBe(false);
    expect(conditionsHold(both, { 'aws:A': '1', 'aws:B': '2', 'aws:C': 'false' })).toBe(false);
  });

  it('throws for an operator that does not exist', () => {
    expect(() => holds('StringMatches', 'a', 'a')).toThrow('NotImplemented: iam:Policy Condition StringMatches');
  });
});

describe('a key that the request does not carry', () => {
  it.each([
    ['StringEquals', false],
    ['StringNotEquals', true],
    ['StringEqualsIfExists', true],
    ['StringNotEqualsIfExists', true],
    ['Bool', false],
    ['BoolIfExists', true],
    ['ForAllValues:StringEquals', true],
    ['ForAnyValue:StringEquals', false],
    ['ForAnyValue:StringEqualsIfExists', false],
  ])('%s: %j', (operator, expected) => {
    expect(holds(operator, 'true', undefined)).toBe(expected);
  });

  it('is what Null asks for', () => {
    expect(holds('Null', 'true', undefined)).toBe(true);
    expect(holds('Null', 'true', 'x')).toBe(false);
    expect(holds('Null', 'false', 'x')).toBe(true);
  });

  it('carries over nothing from objects: __proto__ and constructor are absent keys', () => {
    expect(conditionsHold({ Null: { constructor: ['true'] } }, {})).toBe(true);
  });
});

describe('several values in the request', () => {
  it('must all match for ForAllValues', () => {
    expect(holds('ForAllValues:StringLike', ['a*', 'b'], ['a1', 'b'])).toBe(true);
    expect(holds('ForAllValues:StringLike', ['a*', 'b'], ['a1', 'c'])).toBe(false);
  });

  it('need one match for ForAnyValue', () => {
    expect(holds('ForAnyValue:StringEquals', ['b'], ['a', 'b'])).toBe(true);
    expect(holds('ForAnyValue:StringEquals', ['b'], ['a', 'c'])).toBe(false);
    expect(holds('ForAnyValue:StringNotEquals', ['b'], ['b', 'c'])).toBe(true);
  });
});
