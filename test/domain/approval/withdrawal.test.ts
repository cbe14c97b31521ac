import { describe, expect, it } from '@jest/globals';
import { revokeApproval, withdrawRequest } from '../../../domain/approval/withdrawal.ts';
import { approvalRequest, CONFIG, versionRow } from '../../support/approval-fixtures.ts';

const NOW = new Date('2030-01-01T12:00:00.000Z');
const request = approvalRequest();
const withdraw = (person: string, reason = 'wrong file', change = {}) =>
  withdrawRequest(CONFIG, approvalRequest(change), { person, principal: `p-${person}` }, reason, NOW);

describe('a submitter', () => {
  it('takes the question back, with a reason', () => {
    expect(withdraw('dana')).toEqual({
      kind: 'Lawful',
      withdrawal: { by: 'dana', reason: 'wrong file', at: NOW.toISOString() },
    });
    for (const reason of ['', ' \n', '\u200b\u202e']) {
      expect(withdraw('dana', reason)).toEqual({ kind: 'Refused', refusal: { kind: 'ReasonNeeded' } });
    }
    expect(withdraw('dana', 'x'.repeat(2_001))).toMatchObject({ refusal: { kind: 'ReasonTooLong' } });
  });

  it('is who submitted it, under any of their names, and nobody else', () => {
    for (const person of ['ada', 'dan', 'nobody', '__proto__']) {
      expect(withdraw(person)).toEqual({ kind: 'Refused', refusal: { kind: 'NotTheSubmitter' } });
    }
    const twin = { name: 'D.', email: 'Dana+work@example.com', principals: [] };
    const config = { ...CONFIG, people: { ...CONFIG.people, twin } };
    const who = { person: 'twin', principal: 'x' };
    expect(withdrawRequest(config, request, who, 'mine', NOW)).toMatchObject({ kind: 'Lawful' });
  });

  it('is the same principal where no identity maps to it', () => {
    const unmapped = { submitter: { principal: 'AWS:AIDA1' } };
    const as = (principal: string) => withdrawRequest(CONFIG, approvalRequest(unmapped), { principal }, 'mine', NOW);
    expect(as('AWS:AIDA1')).toMatchObject({ withdrawal: { by: 'AWS:AIDA1' } });
    expect(as('AWS:AIDA2')).toMatchObject({ refusal: { kind: 'NotTheSubmitter' } });
  });

  it('is too late once it is decided or over', () => {
    for (const status of ['Approved', 'Rejected', 'Superseded', 'Expired'] as const) {
      expect(withdraw('dana', 'late', { status })).toEqual({ kind: 'Refused', refusal: { kind: 'Closed', status } });
    }
    expect(withdraw('dana', 'late', { expiresAt: NOW.toISOString() })).toMatchObject({
      refusal: { kind: 'Closed', status: 'Expired' },
    });
  });
});

describe('an approval', () => {
  const { requestId, digest } = request;
  const approval = { requestId, digest, approvers: ['ada', 'ben'], at: NOW.toISOString() };
  const approved = approvalRequest({ status: 'Approved' });
  const revoke = (person: string, reason = 'the labels were wrong', of = approved, row = versionRow({ approval })) =>
    revokeApproval(of, row, person, reason, NOW);

  it('is taken back by anyone who was asked, with a reason, once', () => {
    expect(revoke('abe')).toMatchObject({ kind: 'Lawful', withdrawal: { by: 'abe' } });
    expect(revoke('dana')).toMatchObject({ refusal: { kind: 'NotAnApprover' } });
    expect(revoke('abe', ' ')).toMatchObject({ refusal: { kind: 'ReasonNeeded' } });
    const revoked = { by: 'ada', reason: 'r', at: NOW.toISOString() };
    const row = versionRow({ approval: { ...approval, revoked } });
    expect(revoke('abe', 'again', approved, row)).toMatchObject({
      refusal: { kind: 'WithdrawnBefore', withdrawal: revoked },
    });
  });

  it('that there is not, or that is another request’s, cannot be taken back', () => {
    expect(revoke('ada', 'r', request)).toMatchObject({ refusal: { kind: 'NotApproved' } });
    const anothers = versionRow({ approval: { ...approval, requestId: 'another' } });
    expect(revoke('ada', 'r', approved, anothers)).toMatchObject({ refusal: { kind: 'NotApproved' } });
    expect(revoke('ada', 'r', approved, versionRow())).toMatchObject({ refusal: { kind: 'NotApproved' } });
  });
});
