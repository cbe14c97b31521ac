import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { LocalCloud } from '../../local/cloud.ts';
import { StoppingError } from '../../local/service.ts';
import { SmallCloud } from './support/small-cloud.ts';

const open = (reported: string[] = []) =>
  new LocalCloud({
    stateDir: mkdtempSync(join(tmpdir(), 'launchway-cloud-')),
    report: (line) => reported.push(line),
  });

describe('a stop of the local cloud', () => {
  it('keeps the store open for work that is under way', async () => {
    const reported: string[] = [];
    const cloud = open(reported);
    const work = (async () => {
      for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
      cloud.store.put('test', 'late', true);
      return cloud.store.get('test', 'late');
    })();
    void cloud.track(work);
    await cloud.stop();
    expect(await work).toBe(true);
    expect(reported).toEqual([]);
  });

  it('does not call a failure what the next start goes on with', async () => {
    const reported: string[] = [];
    const cloud = open(reported);
    cloud.track(Promise.reject(new StoppingError())).catch(() => {});
    cloud.track(Promise.reject(new RangeError('expected one, got two'))).catch(() => {});
    await cloud.stop();
    expect(reported).toEqual(['background work failed: RangeError: expected one, got two']);
  });
});

describe('a paused clock', () => {
  it('is paused and resumed over its control endpoints, and is still paused after a restart', async () => {
    const small = await SmallCloud.start();
    const ask = async (what: string) =>
      (await (
        await fetch(`${small.cloud.url}/_launchway/${what}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: '{}',
        })
      ).json()) as { now: string; paused: boolean };
    const { now, paused } = await ask('pause');
    expect(paused).toBe(true);
    await small.restart();
    expect(small.cloud.clock.date().toISOString()).toBe(now);
    expect(await ask('resume')).toMatchObject({ paused: false });
    expect(small.cloud.clock.paused).toBe(false);
    await small.stop();
  });
});
