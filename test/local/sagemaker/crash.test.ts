import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { CloudWithFakes } from './cloud-with-fakes.ts';
import { archive, describeEndpoint, invoke } from './served-models.ts';

const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    // What nobody waits for stays in the process table, without a command line.
    return process.platform !== 'linux' || readFileSync(`/proc/${pid}/cmdline`).length > 0;
  } catch {
    return false;
  }
};

describe('after a kill -9 of the local cloud', () => {
  it('nothing is orphaned, nothing captured is lost, and jobs and endpoints go on', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'launchway-crash-'));
    const doomed = spawn(
      process.execPath,
      ['--no-warnings', fileURLToPath(new URL('./doomed-cloud.ts', import.meta.url)), directory],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const [said] = await once(createInterface(doomed.stdout), 'line');
    const server = Number(String(said).split('=')[1]);
    doomed.kill('SIGKILL');
    await once(doomed, 'exit');
    while (lives(server)) await new Promise((resolve) => setImmediate(resolve));

    const fakes = new CloudWithFakes(directory);
    fakes.put('data/train/train.csv', 'a');
    fakes.put('artifacts/v1/model.tar.gz', await archive({ 'model.txt': 'v1' }));
    fakes.image('slow', { train: '#!/bin/sh\ncp "$SM_CHANNEL_TRAIN/train.csv" "$SM_MODEL_DIR"' });
    await fakes.cloud.resume();
    await fakes.cloud.clock.advance(60_000);
    const [captured] = [...fakes.objects.keys()].filter((key) => key.startsWith('captures/'));
    expect(JSON.parse(fakes.text(captured!)).captureData.endpointInput.data).toBe('a');
    expect(await fakes.call('DescribeTrainingJob', { TrainingJobName: 'job-1' })).toMatchObject({
      TrainingJobStatus: 'Completed',
    });
    expect(await describeEndpoint(fakes)).toMatchObject({ EndpointStatus: 'InService' });
    expect(await invoke(fakes, 'b')).toBe('v1:b');
    await fakes.close();
  });
});
