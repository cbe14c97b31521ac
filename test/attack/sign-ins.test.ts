import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { synthesizeWithIssuer } from '../support/synthesize-once.ts';
import type { AttackResult } from './attack-case.ts';
import { brokenChains, canarySightings, isRefused, runAttacks } from './run-attacks.ts';
import { signInAttacks } from './sign-in-attacks.ts';
import { type SignedInCloud, signedInCloud } from './signed-in-cloud.ts';

/** `npm run attack -- approvals` tries all; here it is every so manieth of a group, none of which is left out. */
const EVERY = 6;

let signedIn: SignedInCloud;
let results: AttackResult[];

beforeAll(async () => {
  signedIn = await signedInCloud(undefined, synthesizeWithIssuer);
  const attacks = signInAttacks(signedIn.issuer);
  results = await runAttacks(signedIn.cloud, attacks, undefined, (_, i) => i % EVERY === 0);
}, 240_000);

afterAll(() => signedIn?.remove());

describe('attacks on sign-ins, sessions, commands and channels', () => {
  it('are refused and change nothing, one in six of them', () => {
    expect(results.length).toBeGreaterThan(20);
    expect(results.filter((result) => !isRefused(result))).toEqual([]);
  });

  it('find no task token in pages, mails, rows or logs, and leave every audit chain whole', async () => {
    expect(await canarySightings(signedIn.cloud)).toEqual([]);
    expect(await brokenChains(signedIn.cloud)).toEqual([]);
  });
});
