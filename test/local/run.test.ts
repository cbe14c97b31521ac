import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { processIdentity } from '../../local/process-identity.ts';
import { findRunning } from '../../local/run.ts';

it('a killed local cloud is not taken for running because its process number is in use again', () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'launchway-run-'));
  const running = { url: 'http://127.0.0.1:1', pid: process.pid, started: processIdentity(process.pid) };
  const write = (file: object) => writeFileSync(join(stateDir, 'running.json'), JSON.stringify(file));
  write({ ...running, started: 'long ago' });
  expect(findRunning(stateDir)).toBeUndefined();
  write(running);
  expect(findRunning(stateDir)).toEqual(running);
});
