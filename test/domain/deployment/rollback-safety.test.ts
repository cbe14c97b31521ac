import { describe, expect, it } from '@jest/globals';
import { formerVersion } from '../../../domain/deployment/rollback.ts';
import { type RollbackFacts, rollbackSafety } from '../../../domain/deployment/rollback-safety.ts';
import type { Feature } from '../../../domain/model-definition.ts';
import type { VersionRow } from '../../../domain/version.ts';
import { DEFINITION, modelRow, versionRow } from '../../support/approval-fixtures.ts';

const approval = { requestId: 'q', digest: 'd', approvers: ['ada'], at: '2029-12-01T00:00:00.000Z' };
const { activeRelease: _none, ...model } = modelRow({
  champion: { version: 8, endpointName: 'e', endpointConfigName: 'c', since: '2029-12-31T00:00:00.000Z' },
});
const former = versionRow({ version: 7, status: 'Retired', approval });
const facts: RollbackFacts = {
  model,
  serving: { version: versionRow({ version: 8, status: 'Deployed', approval }), definition: DEFINITION },
  former: { version: former, definition: DEFINITION },
  archivePresent: true,
};
const withFeatures = (features: readonly Feature[]): RollbackFacts => ({
  ...facts,
  former: { version: former, definition: { ...DEFINITION, features } },
});
const [distance, origin] = DEFINITION.features as [Feature, Feature];

describe('whether going back is safe', () => {
  it('says so where the former version served, is approved, is there and is called in the same way', () => {
    expect(rollbackSafety(facts)).toEqual({
      verdict: 'safe',
      to: 7,
      inWords: expect.stringMatching(
        /^safe for callers: version 7 served before under its own approval.*the same 2 features/,
      ),
    });
  });

  it.each<[string, Partial<RollbackFacts>, RegExp]>([
    ['nothing serves', { model: modelRow() }, /^not possible: nothing serves$/],
    ['no version served before', { former: undefined as never }, /^not possible: no version served before this one$/],
    [
      'a release is being deployed',
      { active: { release: 14, status: 'Deploying' } },
      /^not possible now: release 14 is being/,
    ],
    ['its archive is gone', { archivePresent: false }, /the archive of version 7 is not where it was sealed/],
    ['another rollback runs', { model: { ...model, rollingBack: 3 } }, /rollback 3 is under way/],
    [
      'its approval was taken back',
      {
        former: {
          version: { ...former, approval: { ...approval, revoked: { by: 'ada', reason: 'leak', at: 'then' } } },
          definition: DEFINITION,
        },
      },
      /the approval of version 7 was taken back: leak/,
    ],
  ])('says that it is not possible where %s', (_, change, said) => {
    expect(rollbackSafety({ ...facts, ...change })).toMatchObject({
      verdict: 'impossible',
      inWords: expect.stringMatching(said),
    });
  });

  it.each<[string, RollbackFacts, string]>([
    ['reads less', withFeatures([distance]), 'does not read origin'],
    ['needs more', withFeatures([distance, origin, { name: 'carrier', type: 'categorical' }]), 'needs carrier'],
    ['reads in another order', withFeatures([origin, distance]), 'reads the features in another order'],
    [
      'takes another unit',
      withFeatures([{ ...distance, unit: 'km' }, origin]),
      'takes distance as another type or unit',
    ],
    [
      'answers otherwise',
      {
        ...facts,
        former: {
          version: former,
          definition: {
            ...DEFINITION,
            serving: { ...DEFINITION.serving, response: { contentType: 'text/csv', scoreColumn: 1 } },
          },
        },
      },
      'answers in another form',
    ],
  ])('says what callers would have to change where the former version %s', (_, given, said) => {
    expect(rollbackSafety(given)).toMatchObject({ verdict: 'unsafe', to: 7, inWords: expect.stringContaining(said) });
  });

  it('goes back to the newest version before that may serve', () => {
    const versions = [
      versionRow({ version: 5, status: 'Retired', approval }),
      versionRow({ version: 6, status: 'Retired', approval, withdrawn: { by: 'ada', reason: 'r', at: 't' } }),
      versionRow({ version: 7, status: 'Rejected' }),
      versionRow({ version: 9, status: 'Retired', approval }),
    ] satisfies VersionRow[];
    expect(formerVersion(model, versions)?.version).toBe(5);
  });
});
