/** Rooms whose test files take longest, because they deploy, kill or attack a local cloud, or synthesize. */
const LONG = ['crash/', 'attack/', 'integration/', 'browser/', 'state-machines/', 'cli/', 'lib/', 'examples/'];

/**
 * Begins with the files that take longest, so that no core waits at the end for one of them. Jest would begin with the largest files
 * where it has no times of an earlier run, as in a fresh checkout.
 */
export default class LongestFirst {
  sort(tests) {
    return [...tests].sort((a, b) => rankOf(a.path) - rankOf(b.path) || (a.path < b.path ? -1 : 1));
  }

  allFailedTests(tests) {
    return tests;
  }

  cacheResults() {}
}

function rankOf(path) {
  const room = path.split('/test/').at(-1);
  const rank = LONG.findIndex((prefix) => room.startsWith(prefix));
  return rank === -1 ? LONG.length : rank;
}
