import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { runCli } from '../support/run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'launchway-refusals-'));
afterAll(() => rmSync(folder, { recursive: true }));
const stateDir = join(folder, 'state');

/** One line on stderr that says why, nothing on stdout, and an exit code that is not 0. */
const oneLine = (why: RegExp) => ({
  code: 1,
  stdout: '',
  stderr: expect.stringMatching(new RegExp(`^launchway[: ](?=.*${why.source})[^\\n]*\\n$`)),
});

it('a taken port', async () => {
  const server = await new Promise<Server>((resolve) => {
    const taken = createServer().listen(0, '127.0.0.1', () => resolve(taken));
  });
  const { port } = server.address() as { port: number };
  // An assembly that is not read: the port is taken before it is looked at.
  const run = await runCli(['local', '--port', String(port), '--assembly', folder, '--json'], { stateDir });
  server.close();
  expect(run).toEqual(oneLine(new RegExp(`port ${port}`)));
});

it('a state folder that cannot be written', async () => {
  const file = join(folder, 'a-file');
  writeFileSync(file, '');
  expect(await runCli(['local', '--port', '0', '--json'], { stateDir: join(file, 'state') })).toEqual(
    oneLine(/writable folder/),
  );
});

(process.getuid?.() === 0 ? it.skip : it)('a state folder without write permission', async () => {
  const closed = join(folder, 'closed');
  mkdirSync(closed);
  chmodSync(closed, 0o500);
  expect(await runCli(['local', '--port', '0', '--json'], { stateDir: closed })).toEqual(oneLine(/writable folder/));
});

it('no port at all', async () => {
  expect(await runCli(['local', '--port', 'http'], { stateDir })).toEqual(oneLine(/expected a port, got "http"/));
});

it('no local cloud to ask', async () => {
  expect(await runCli(['local', 'permissions'], { stateDir })).toEqual(oneLine(/start one with launchway local/));
});

it('neither a local cloud nor credentials for AWS', async () => {
  const run = await runCli(['status', 'flight-delays'], { stateDir });
  expect(run).toEqual(oneLine(/launchway local.*credentials/));
});

const oldNode = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/bin', '/usr/bin']
  .map((directory) => join(directory, 'node'))
  .filter(existsSync)
  .find((node) => Number(execFileSync(node, ['-p', 'process.versions.node']).toString().split('.')[0]) < 24);
if (!oldNode) console.warn('no Node older than 24 is installed: its refusal is not tested');

(oldNode ? it : it.skip)('an old Node', async () => {
  expect(await runCli(['check'], { stateDir, node: oldNode! })).toEqual(oneLine(/needs Node 24 or newer and found/));
});

it('npx runs it from the repository without asking', () => {
  const said = execFileSync('npx', ['launchway', 'check', 'examples/flight-delays'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    encoding: 'utf8',
  });
  expect(said).toMatch(/is acceptable/);
});
