import { describe, expect, it } from '@jest/globals';
import { approvalDigest, approvalSubject, differingMembers } from '../../../domain/approval/approval-subject.ts';
import { approvalRequest, DEFINITION, versionRow } from '../../support/approval-fixtures.ts';

describe('what an approval is bound to', () => {
  const { subject, seats, digest } = approvalRequest();
  const { evaluation, artifact, dataset, prepared, definition } = versionRow();
  const digestOf = (version = versionRow(), model = DEFINITION, people = seats) =>
    approvalDigest(approvalSubject(version, model, people));

  it('has the same digest for the same rows', () => {
    expect(digestOf()).toBe(digest);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each([
    [
      'artifactSha256',
      digestOf(versionRow({ artifact: { ...artifact, object: { ...artifact.object, sha256: 'x' } } })),
    ],
    ['image', digestOf(versionRow({ image: 'other' }))],
    ['definitionSha256', digestOf(versionRow({ definition: { ...definition, sha256: 'x' } }))],
    ['datasetSha256', digestOf(versionRow({ dataset: { ...dataset, object: { ...dataset.object, sha256: 'x' } } }))],
    ['holdoutSha256', digestOf(versionRow({ prepared: { ...prepared, holdoutSha256: 'x' } }))],
    ['evaluationSha256', digestOf(versionRow({ evaluation: { ...evaluation!, sha256: 'x' } }))],
    ['comparedWith', digestOf(versionRow({ evaluation: { ...evaluation!, comparedWith: 6 } }))],
    [
      'metrics',
      digestOf(versionRow({ evaluation: { ...evaluation!, metrics: { ...evaluation!.metrics, auc: 0.9 } } })),
    ],
    ['gates', digestOf(versionRow(), { ...DEFINITION, validation: { ...DEFINITION.validation, gates: [] } })],
    ['release', digestOf(versionRow({ release: 15 }))],
    ['version', digestOf(versionRow({ version: 8 }))],
    [
      'serving',
      digestOf(versionRow(), {
        ...DEFINITION,
        serving: { ...DEFINITION.serving, realtime: { ...DEFINITION.serving.realtime, minInstances: 3 } },
      }),
    ],
    ['policy', digestOf(versionRow(), DEFINITION, [{ role: 'business', people: 1 }])],
    ['tier', digestOf(versionRow(), { ...DEFINITION, tier: 'standard' })],
  ])('has another digest for another %s', (_member, changed) => {
    expect(changed).not.toBe(digest);
  });

  it('F20a: is for a request of before what it was then', () => {
    expect(approvalDigest(approvalSubject(versionRow(), DEFINITION, seats, 'launchway/approval/v1'))).toBe(
      'd5ce33b78a66106346f7f9c528a3f256dd58075959dcaa5c206fee2231394b86',
    );
  });

  it('names the members that differ', () => {
    expect(differingMembers(subject, { ...subject, image: 'x', comparedWith: 3 })).toEqual(['comparedWith', 'image']);
    expect(differingMembers(subject, structuredClone(subject))).toEqual([]);
  });

  it('needs an evaluation', () => {
    const { evaluation: _none, ...unevaluated } = versionRow();
    expect(() => approvalSubject(unevaluated, DEFINITION, seats)).toThrow(
      'expected version 7 to be evaluated, got none',
    );
  });
});
