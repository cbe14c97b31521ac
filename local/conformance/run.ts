import { recordedCases } from './cases.ts';
import { replayAll } from './replay.ts';

/** Differences allowed beside the recordings that mix in JSONPath states. */
const MOST_DIFFERENT = 4;

/** Another file of recordings may be given: `npm run conformance -- file.json`. */
const cases = recordedCases(process.argv[2]);
if (!cases) {
  console.log(
    'conformance: the recorded executions are not there (../shared/data/step-functions-recorded), nothing to compare',
  );
} else {
  const verdicts = await replayAll(cases);
  const reproduced = verdicts.filter(({ outcome }) => outcome === 'reproduced').length;
  console.log(`${reproduced}/${cases.length} recorded executions reproduced`);
  for (const { id, outcome, reason } of verdicts) {
    if (outcome !== 'reproduced') console.log(`- ${id} (${outcome}): ${reason}`);
  }
  const different = verdicts.filter(({ outcome }) => outcome === 'different').length;
  process.exitCode = different > MOST_DIFFERENT ? 1 : 0;
}
