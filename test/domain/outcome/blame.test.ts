import { describe, expect, it } from '@jest/globals';
import { adviceFor } from '../../../domain/outcome/advice.ts';
import { blame } from '../../../domain/outcome/blame.ts';
import type { ReleaseRow } from '../../../domain/release.ts';

describe('a version that was taken back while it took over', () => {
  const name = 'EndpointRolledBackError';
  const because = (reason: string) => blame({ name, message: `expected e-v7 to serve, got e-v6: ${reason}` });

  it('is its own code where an alarm went off, and nobody’s training log explains it', () => {
    expect(because('One or more alarms are in ALARM state: e-rollout-errors')).toEqual({
      status: 'Failed',
      whose: 'your code',
    });
  });

  it('is a quota where its instances did not come up', () => {
    expect(because('Unable to provision: InsufficientInstanceCapacity')).toMatchObject({ whose: 'quota or capacity' });
  });

  it('is answered by a look at what callers got', () => {
    const release = { model: 'flights', release: 7, outcome: { error: name } } as ReleaseRow;
    expect(adviceFor(release)).toContain('serving.rollout.alarms');
  });
});
