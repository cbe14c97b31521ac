import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findPython } from '../../local/services/sagemaker/container/image.ts';
import { type DefinitionChanges, definitionOf, januaryFlights } from '../support/model-room.ts';
import { runCli } from '../support/run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'launchway-try-test-'));
const python = await findPython('sklearn');
if (!python) console.warn('skipped: no Python here imports sklearn');
const onPython = python ? it : it.skip;
const hasXgboost = (await findPython('xgboost')) !== undefined;
if (!hasXgboost) console.warn('skipped: no Python here imports xgboost');
const onXgboost = hasXgboost ? it : it.skip;
const rows = januaryFlights(3000);

beforeAll(() => cpSync(resolve('test/support/flawed-image'), join(folder, 'image'), { recursive: true }));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs `launchway try` where model.yaml and train.csv are. */
const tryIt = (changes: DefinitionChanges & { data?: string } = {}, ...args: string[]) => {
  writeFileSync(join(folder, 'model.yaml'), definitionOf('tried', changes));
  writeFileSync(join(folder, 'train.csv'), changes.data ?? rows);
  return runCli(['try', folder, ...args], { stateDir: join(folder, 'none') });
};
const leftovers = () =>
  readdirSync(tmpdir()).filter((name) => name.startsWith('launchway-try-') && !folder.endsWith(name));

describe('launchway try', () => {
  it('trains, serves and scores an image’s programs here, without any cloud, and leaves nothing behind', async () => {
    const before = leftovers();
    const { code, stdout, stderr } = await tryIt({}, '--rows', '1500', '--json');
    expect([code, stderr]).toEqual([0, '']);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({
      model: 'tried',
      passed: true,
      data: { rows: 3000, classes: { 0: expect.any(Number) } },
    });
    expect(result.tried.trainRows + result.tried.holdoutRows).toBeGreaterThan(1350);
    expect(result.tried.trainRows + result.tried.holdoutRows).toBeLessThan(1650);
    expect(result.predictions.rows).toBe(result.tried.holdoutRows);
    expect(result.evaluation.metrics.auc).toBeGreaterThan(0.5);
    expect(result.evaluation.gates).toContainEqual(expect.objectContaining({ metric: 'auc', verdict: 'Passed' }));
    expect(leftovers()).toEqual(before);
  });

  onXgboost("trains with AWS's own algorithm where a Python here has the library", async () => {
    const { code, stdout, stderr } = await tryIt({ withAlgorithm: true }, '--rows', '1500', '--json');
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ passed: true, evaluation: { metrics: { auc: expect.any(Number) } } });
  });

  it('says in words what was checked, trained and measured, and how its gates stand', async () => {
    const { code, stdout } = await tryIt({ atLeast: 0.99 });
    expect(code).toBe(0);
    expect(stdout).toMatch(/3000 rows, 5 features, \d+ equal rows: accepted/);
    expect(stdout).toMatch(/delayed: 0 \d\d\.\d %, 1 \d\d\.\d %/);
    expect(stdout).toMatch(/^auc +0\.\d{4} +0\.\d{4} to 0\.\d{4}$/m);
    expect(stdout).toMatch(/^auc +Failed +auc is 0\.\d+ on \d+ held-out rows; at least 0\.99 is needed/m);
    expect(stdout).toContain('It would be refused by a gate on these rows.');
    expect(stdout).not.toMatch(/undefined|NaN|\[object/);
  });

  it('shows a failing program as a failing release’s mail would', async () => {
    const { code, stdout } = await tryIt({ flaw: 'fails' });
    expect(code).toBe(1);
    expect(stdout).toContain("stopped in Train Model — your code: train.py line 41: KeyError: 'origin' (exit code 1)");
    expect(stdout).toMatch(/^Whose +your code$/m);
    expect(stdout).toMatch(/^Last \d+ lines \(secrets masked\)$/m);
    expect(stdout.slice(stdout.indexOf('What happened'))).not.toContain('wJalrXUtnFEMI');
    expect(stdout).toMatch(/^Do this +mend the program, then launchway try again$/m);
  });

  it.each([
    ['writes no model', 'Train Model', /it ended well and wrote no model/],
    [
      'does not serve',
      'Validate Model',
      /serving ended before it answered \/ping: ModuleNotFoundError: no module named encoder/,
    ],
  ] as const)('says so of one that %s', async (flaw, step, message) => {
    const { code, stdout } = await tryIt({ flaw }, '--json', '--quiet');
    expect(code).toBe(1);
    const { stopped } = JSON.parse(stdout);
    expect(stopped).toMatchObject({ whose: 'your code', message: expect.stringMatching(message) });
    expect(step === 'Train Model' ? 'train' : 'predict').toBe(stopped.step);
  });

  it('checks all the data before anything is trained', async () => {
    const far = rows.replace(/^((?:[^\n]*\n){2000}[^\n]*),(\d+),([A-Z]{3},[A-Z]{3},\d)$/m, '$1,far,$3');
    const { code, stdout } = await tryIt({ data: far }, '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout).stopped).toMatchObject({
      step: 'check the data',
      whose: 'your data',
      message: expect.stringMatching(/^row \d+ \(line \d+\): expected distance to be a number, got "far"$/),
    });
  });

  it('gives a program no credentials', async () => {
    const bare = join(folder, 'bare');
    mkdirSync(bare);
    const program = '#!/bin/sh\nenv | grep -c -E "^(AWS|LAUNCHWAY)_" >&2\nexit 7\n';
    for (const name of ['train', 'serve']) writeFileSync(join(bare, name), program, { mode: 0o755 });
    const { stdout } = await tryIt({}, '--image', bare, '--json');
    expect(JSON.parse(stdout).stopped).toMatchObject({ message: '0 (exit code 7)' });
  });

  it('says what it needs', async () => {
    const { code, stderr } = await tryIt({}, '--image', 'nowhere');
    expect([code, stderr]).toEqual([1, expect.stringContaining('got no train; name their folder with --image')]);
  });

  const script = (line: string) =>
    `import os, json, sys\n\ndef train():\n    rows = {}\n    ${line}\n\nif __name__ == "__main__":\n    train()\n`;

  onPython('names file and line of a script that fails', async () => {
    const definition = definitionOf('tried', {}).replace(
      'image: launchway/flight-delays:1',
      'framework: sklearn-1.2\n  source: src\n  entryPoint: train.py',
    );
    mkdirSync(join(folder, 'src'), { recursive: true });
    writeFileSync(join(folder, 'src', 'train.py'), script('rows["origin"]'));
    writeFileSync(join(folder, 'src', 'requirements.txt'), 'not-a-package-of-this-world==1\n');
    writeFileSync(join(folder, 'model.yaml'), definition);
    writeFileSync(join(folder, 'train.csv'), rows);
    const { code, stdout } = await runCli(['try', folder, '--json', '--python', python!], {
      stateDir: join(folder, 'none'),
    });
    expect(code).toBe(1);
    expect(JSON.parse(stdout).stopped).toMatchObject({
      step: 'train',
      whose: 'your code',
      where: 'train.py line 5',
      message: "KeyError: 'origin' (exit code 1)",
      tail: expect.arrayContaining([expect.stringContaining('Traceback')]),
    });
  });
});

/** A try whose program never ends: where it works, and that program's process. */
const ENDLESS = `
import { Workspace } from './cli/try/workspace.ts';
import { RunningProgram } from './cli/try/running-program.ts';
await Workspace.during(async ({ root }) => {
  const command = { file: process.execPath, args: ['-e', 'setInterval(() => {}, 1e6); console.log(process.pid)'], cwd: root };
  await new RunningProgram(command, {}, (pid) => console.log(JSON.stringify({ root, pid: Number(pid) }))).exited;
});`;

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('a try that is interrupted', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'by %s leaves neither rows nor a program behind',
    async (signal) => {
      const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', ENDLESS], {
        cwd: resolve('.'),
      });
      const [line] = await once(child.stdout!, 'data');
      const { root, pid } = JSON.parse(String(line));
      expect([existsSync(root), isRunning(pid)]).toEqual([true, true]);
      child.kill(signal);
      const [code] = await once(child, 'exit');
      expect(code).toBe({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }[signal]);
      expect(existsSync(join(root, '..'))).toBe(false);
      for (let look = 0; look < 50 && isRunning(pid); look++) await new Promise((next) => setTimeout(next, 100));
      expect(isRunning(pid)).toBe(false);
    },
  );
});
