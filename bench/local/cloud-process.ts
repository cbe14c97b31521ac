import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findRunning } from '../../local/run.ts';
import { Store } from '../../local/store.ts';

const ROOT = join(import.meta.dirname, '../..');
const PATIENCE_MS = 120_000;

/** A local cloud in a process of its own, so that its memory is its own. */
export class CloudProcess {
  readonly url: string;
  readonly said: string[];
  readonly #child: ChildProcess;

  private constructor(url: string, child: ChildProcess, said: string[]) {
    this.url = url;
    this.#child = child;
    this.said = said;
  }

  /** @param quotas of SageMaker, as AWS names them → instances */
  static async start(work: string, quotas: Readonly<Record<string, number>>): Promise<CloudProcess> {
    const [assembly, state] = [join(work, 'assembly'), join(work, 'state')];
    execFileSync(join(ROOT, 'node_modules/.bin/cdk'), ['synth', '--quiet', '--output', assembly], {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    execFileSync('mkdir', ['-p', state]);
    const store = new Store(join(state, 'state.sqlite'));
    for (const [name, instances] of Object.entries(quotas)) store.put('sagemaker.quotas', name, instances);
    store.close();
    const child = spawn(
      process.execPath,
      [join(ROOT, 'bin/launchway.js'), 'local', '--port', '0', '--assembly', assembly],
      { env: { ...process.env, LAUNCHWAY_STATE: state }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    process.once('exit', () => child.kill('SIGKILL'));
    const said: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => said.push(...chunk.toString().split('\n').filter(Boolean)));
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(100)) {
      const running = findRunning(state);
      if (running) return new CloudProcess(running.url, child, said);
      if (child.exitCode !== null) break;
    }
    throw new Error(`expected the local cloud to start, got:\n${said.join('\n')}`);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Most memory that the process has held at a time, in bytes; where the system does not tell, what it holds now. */
  get peakMemory(): number {
    const { pid } = this.#child;
    if (process.platform !== 'linux')
      return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)]).toString()) * 1024;
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))!;
    return Number(kilobytes) * 1024;
  }

  /** Waits as long as it takes: an advance answers when everything that fell due is done. */
  async control<T>(what: string, body?: object): Promise<T> {
    const { status, text } = await answerOf(`${this.url}/_launchway/${what}`, body);
    if (status !== 200) throw new Error(`expected ${what}, got status ${status}: ${text}`);
    return JSON.parse(text) as T;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.kill('SIGTERM');
    await once(this.#child, 'exit');
  }
}

/** Not by fetch, which gives up on an answer after five minutes. */
const answerOf = (url: string, body?: object): Promise<{ status: number | undefined; text: string }> =>
  new Promise((resolve, reject) => {
    const headers = body && { 'content-type': 'application/json' };
    const asked = request(url, { method: body ? 'POST' : 'GET', headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode, text: Buffer.concat(chunks).toString() }));
    });
    asked.on('error', reject);
    asked.end(body && JSON.stringify(body));
  });
