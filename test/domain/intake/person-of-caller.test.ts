import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { personOfCaller } from '../../../domain/intake/person-of-caller.ts';

const person = (...principals: string[]) => ({ name: 'x', email: 'x@example.com', principals });
const OURS = '111111111111';
const config = {
  people: {
    dana: person('arn:aws:iam::*:user/team/dana'),
    robot: person('arn:aws:iam::111111111111:role/path/ci'),
    once: person('arn:aws:sts::*:assumed-role/shared/once'),
    abroad: person('arn:aws:iam::222222222222:user/eve'),
    unique: person('AWS:AROAUNIQUE:alex', 'AIDAALEX'),
    two: person('arn:aws:iam::*:user/twins'),
    three: person('arn:aws:iam::*:user/twins'),
  },
};
const caller = (userArn: string, callerId = 'AIDAX') => ({ userArn, callerId, accountId: userArn.split(':')[4]! });

describe('the person behind a signed request', () => {
  it.each([
    ['arn:aws:iam::111111111111:user/team/dana', 'dana'],
    ['arn:aws:iam::222222222222:user/team/dana', undefined],
    ['arn:aws:iam::111111111111:user/dana', undefined],
    ['arn:aws:iam::111111111111:user/team/Dana', undefined],
    ['arn:aws:sts::111111111111:assumed-role/ci/any', 'robot'],
    ['arn:aws:sts::222222222222:assumed-role/ci/any', undefined],
    ['arn:aws:iam::111111111111:user/path/ci', undefined],
    ['arn:aws:sts::111111111111:assumed-role/shared/once', 'once'],
    ['arn:aws:sts::111111111111:assumed-role/shared/twice', undefined],
    ['arn:aws:iam::222222222222:user/eve', 'abroad'],
    ['arn:aws:iam::111111111111:user/eve', undefined],
    ['arn:aws:iam::111111111111:user/twins', undefined],
    ['arn:aws:iam::111111111111:root', undefined],
    ['', undefined],
  ])('%j is %p', (userArn, expected) => {
    expect(personOfCaller(caller(userArn), config, OURS)).toBe(expected);
  });

  it.each([
    ['AROAUNIQUE:alex', 'unique'],
    ['AROAUNIQUE:sam', undefined],
    ['AIDAALEX', 'unique'],
    ['AIDAALEXA', undefined],
  ])('with the unique id %j is %p', (callerId, expected) => {
    expect(personOfCaller(caller('arn:aws:iam::111111111111:user/x', callerId), config, OURS)).toBe(expected);
  });

  it('is nobody for whatever else it may be', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (userArn, callerId) => {
        fc.pre(!/AIDAALEX|AROAUNIQUE/.test(callerId));
        expect(personOfCaller({ userArn, callerId, accountId: OURS }, config, OURS)).toBeUndefined();
      }),
    );
  });
});
