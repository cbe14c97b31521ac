import { describe, expect, it } from '@jest/globals';
import { checkPattern, matchesPattern } from '../../../local/event-pattern.ts';

const event = {
  source: 'aws.sagemaker',
  'detail-type': 'SageMaker Training Job State Change',
  detail: {
    name: 'flights-1',
    status: 'Failed',
    seconds: 12,
    tags: ['a', 'b'],
    nested: { empty: null },
    list: [{ x: 1 }, { x: 2 }],
  },
};

describe('an event pattern', () => {
  it.each<[string, object, boolean]>([
    ['an exact value', { source: ['aws.sagemaker'] }, true],
    ['one of several', { detail: { status: ['Stopped', 'Failed'] } }, true],
    ['all fields', { source: ['aws.sagemaker'], detail: { status: ['Completed'] } }, false],
    ['any element of a list', { detail: { tags: ['b'] } }, true],
    ['objects within a list', { detail: { list: { x: [2] } } }, true],
    ['null', { detail: { nested: { empty: [null] } } }, true],
    ['a number, not its text', { detail: { seconds: ['12'] } }, false],
    ['a prefix', { detail: { name: [{ prefix: 'flights' }] } }, true],
    ['a prefix in any case', { detail: { name: [{ prefix: { 'equals-ignore-case': 'FLIGHTS' } }] } }, true],
    ['a suffix', { detail: { name: [{ suffix: '-2' }] } }, false],
    ['any case', { detail: { status: [{ 'equals-ignore-case': 'failed' }] } }, true],
    ['anything but a value', { detail: { status: [{ 'anything-but': 'Failed' }] } }, false],
    ['anything but values', { detail: { status: [{ 'anything-but': ['Completed', 'Stopped'] }] } }, true],
    ['anything but a prefix', { detail: { name: [{ 'anything-but': { prefix: 'trains' } }] } }, true],
    ['a range', { detail: { seconds: [{ numeric: ['>', 10, '<=', 12] }] } }, true],
    ['outside a range', { detail: { seconds: [{ numeric: ['<', 12] }] } }, false],
    ['presence', { detail: { status: [{ exists: true }] } }, true],
    ['absence', { detail: { reason: [{ exists: false }] } }, true],
    ['absence of what is there', { detail: { status: [{ exists: false }] } }, false],
    ['a wildcard', { detail: { name: [{ wildcard: 'f*ts-*' }] } }, true],
    ['a wildcard that would overlap', { detail: { name: [{ wildcard: 'flights-1*1' }] } }, false],
    ['alternatives', { $or: [{ source: ['other'] }, { detail: { seconds: [12] } }] }, true],
    ['an inherited name', { constructor: [{ exists: true }] }, false],
  ])('matches by %s', (_, pattern, expected) => {
    expect(matchesPattern(checkPattern(pattern), event)).toBe(expected);
  });

  it.each([{}, { source: 'aws.sagemaker' }, { source: [] }, { a: [{ numeric: ['>'] }] }, { a: [{ prefix: 1 }] }])(
    'is refused: %j',
    (pattern) => {
      expect(() => checkPattern(pattern)).toThrow(RangeError);
    },
  );

  it('is refused loudly for a condition that is not implemented', () => {
    expect(() => checkPattern({ ip: [{ cidr: '10.0.0.0/8' }] })).toThrow('NotImplemented');
  });
});
