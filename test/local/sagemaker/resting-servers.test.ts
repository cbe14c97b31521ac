import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { CloudWithFakes } from './cloud-with-fakes.ts';
import { createConfig } from './served-models.ts';

let fakes: CloudWithFakes;
beforeEach(() => {
  fakes = new CloudWithFakes();
});
afterEach(() => fakes.close());

const pidOf = async (endpoint: string): Promise<number> => {
  const { CustomAttributes } = await fakes.call('InvokeEndpoint', { EndpointName: endpoint, Body: Buffer.from('a') });
  return Number(CustomAttributes.split('=')[1]);
};

const runs = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || readFileSync(`/proc/${pid}/cmdline`).length > 0;
  } catch {
    return false;
  }
};

it('of many endpoints without requests eight keep their process, and the others start one with the next request', async () => {
  const names = Array.from({ length: 9 }, (_, i) => `v${i}`);
  const pids: number[] = [];
  for (const name of names) {
    await createConfig(fakes, name);
    await fakes.call('CreateEndpoint', { EndpointName: name, EndpointConfigName: name });
    await fakes.cloud.idle();
    pids.push(await pidOf(name));
  }
  while (runs(pids[0]!)) await new Promise((resolve) => setImmediate(resolve));
  expect(pids.map(runs)).toEqual([false, ...names.slice(1).map(() => true)]);

  const again = await pidOf('v0');
  expect(again).not.toBe(pids[0]);
  expect(runs(again)).toBe(true);
});
