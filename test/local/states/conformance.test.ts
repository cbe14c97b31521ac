import { describe, expect, it } from '@jest/globals';
import { recordedCases } from '../../../local/conformance/cases.ts';
import { replayAll } from '../../../local/conformance/replay.ts';

const cases = recordedCases();
if (!cases) console.log('skipped: ../shared/data/step-functions-recorded/cases.json is not there');

describe('executions recorded on the real Step Functions', () => {
  (cases ? it : it.skip)('end here as they ended there, but for those that mix in JSONPath states', async () => {
    const verdicts = await replayAll(cases!);
    expect(verdicts.filter(({ outcome }) => outcome === 'different')).toEqual([]);
    expect(verdicts.filter(({ outcome }) => outcome === 'reproduced').length).toBeGreaterThanOrEqual(60);
  });
});
