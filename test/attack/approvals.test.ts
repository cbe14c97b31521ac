import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type DeployedCloud, deployedCloud } from '../support/deployed-cloud.ts';
import { approvalAttacks } from './approval-attacks.ts';
import type { AttackResult } from './attack-case.ts';
import { AttackedCloud } from './attacked-cloud.ts';
import { brokenChains, canarySightings, isRefused, runAttacks } from './run-attacks.ts';

/** `npm run attack -- approvals` tries all; here it is every so manieth of a group. */
const EVERY = 4;

let deployed: DeployedCloud;
let cloud: AttackedCloud;
let results: AttackResult[];

beforeAll(async () => {
  deployed = await deployedCloud();
  cloud = await AttackedCloud.over(deployed);
  results = await runAttacks(cloud, approvalAttacks, undefined, (_, i) => i % EVERY === 0);
}, 240_000);

afterAll(() => deployed?.remove());

describe('attacks on approvals', () => {
  it('are refused and change nothing, one in four of them', () => {
    expect(results.length).toBeGreaterThan(50);
    expect(results.filter((result) => !isRefused(result))).toEqual([]);
  });

  it('are at least a hundred', () => {
    expect(approvalAttacks.flatMap(({ cases }) => cases).length).toBeGreaterThanOrEqual(100);
    const names = approvalAttacks.flatMap(({ name, cases }) => cases.map((one) => `${name}: ${one.name}`));
    expect(names.length).toBe(new Set(names).size);
  });

  it('find no task token in pages, mails, rows, objects, metrics or logs', async () => {
    expect(await canarySightings(cloud)).toEqual([]);
  });

  it('leave every audit chain whole', async () => {
    expect(await brokenChains(cloud)).toEqual([]);
  });
});
