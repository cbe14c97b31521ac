import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SmallCloud } from '../support/small-cloud.ts';
import { consoleCloud, executionPath } from './console-cloud.ts';

let small: SmallCloud;

beforeAll(async () => {
  small = await consoleCloud();
});
afterAll(() => small.stop());

const fetchPage = (path: string, init: RequestInit = {}) => fetch(`${small.cloud.url}${path}`, init);
const page = async (path: string): Promise<string> => {
  const response = await fetchPage(path);
  expect(response.status).toBe(200);
  return response.text();
};

const EVERY_PAGE = [
  '/_launchway',
  '/_launchway/state-machines',
  '/_launchway/state-machines/release',
  executionPath('release', 'flights-3'),
  '/_launchway/functions',
  '/_launchway/endpoints',
  '/_launchway/buckets',
  '/_launchway/buckets/uploads?prefix=flights/',
  '/_launchway/objects?bucket=uploads&key=flights/%3Cb%3Ejanuary%3C/b%3E.csv',
  '/_launchway/tables',
  '/_launchway/tables/releases',
  '/_launchway/tables/releases?partition=model%3C1%3E',
  '/_launchway/queues',
  '/_launchway/queues/dead',
];

describe('every page', () => {
  it.each(EVERY_PAGE)('%s may run, load and be framed by nothing, and writes hostile names as text', async (path) => {
    const response = await fetchPage(path);
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(response.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/]+='; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    );
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(text).not.toMatch(/<script|<img|<b>|<i>| style="|\son\w+=[^&]*>.*<\/summary/);
  });

  it('is read only', async () => {
    const response = await fetchPage('/_launchway/queues', { method: 'POST', body: 'x' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it.each([
    '/_launchway/nothing',
    '/_launchway/buckets/no-such-bucket',
    '/_launchway/state-machines/none',
    '/_launchway/tables/none-here',
    '/_launchway/queues/none',
    '/_launchway/functions/none',
    '/_launchway/endpoints/none',
    '/_launchway/objects?bucket=uploads&key=none',
    '/_launchway/executions',
    '/_launchway/buckets/%ff',
    executionPath('release', 'none'),
  ])('answers 404 where %s is not there', async (path) => {
    expect((await fetchPage(path)).status).toBe(404);
  });

  it('shows characters that would turn or hide text as their code points', async () => {
    const text = await (
      await fetchPage(`/_launchway/tables/releases?partition=${encodeURIComponent('a\u202eb')}`)
    ).text();
    expect(text).toContain('Items of a⟨U+202e⟩b');
  });
});

describe('the overview', () => {
  it('is where the root leads, and shows what runs, the latest mail and the services', async () => {
    const text = await page('/');
    expect(text).toContain('watch-1');
    expect(text).toContain('Approve &lt;i&gt;flights&lt;/i&gt;');
    expect(text).toContain('DescribeStateMachineForExecution');
    expect(text).toContain('http-equiv="refresh"');
  });
});

describe('an execution', () => {
  it('shows in its graph what succeeded, failed, was caught and was not reached', async () => {
    const text = await page(executionPath('release', 'flights-3'));
    const states = [...text.matchAll(/<title>([^<]+)\((\w+)\): ([^<]+)<\/title>/g)].map(([, name, , what]) => [
      name!.trim(),
      what,
    ]);
    expect(Object.fromEntries(states)).toEqual({
      'Measure data': 'succeeded',
      'Check models': 'succeeded',
      'Is it good?': 'succeeded',
      'Too large': 'succeeded',
      Fine: 'succeeded',
      Deploy: 'caught',
      '&lt;img src=x onerror=alert(1)&gt;': 'succeeded',
      Refused: 'failed',
      Released: 'not reached',
    });
    expect(text.match(/class="caught-edge"/g)).toHaveLength(1);
    expect(text).toContain('3 times');
    expect(text).not.toContain('http-equiv="refresh"');
  });

  it('tells each state’s input, output and error, and leads to the execution inside', async () => {
    const text = await page(executionPath('release', 'flights-3'));
    expect(text).toContain('the endpoint &lt;b&gt;said&lt;/b&gt; no');
    expect(text).toContain('StepFunctions.StateMachineDoesNotExistException');
    expect(text).toContain('&quot;rows&quot;: 120');
    const inside = /executions\?arn=([^"&]+measure[^"&]+)"/.exec(text)![1]!;
    expect(await page(`/_launchway/executions?arn=${inside}`)).toContain('Measure (Pass): succeeded');
  });

  it('that runs loads itself again until asked to hold still', async () => {
    const path = executionPath('watch', 'watch-1');
    expect(await page(path)).toMatch(/http-equiv="refresh"[\s\S]*Wait \(Wait\): running/);
    expect(await page(`${path}&live=0`)).not.toContain('http-equiv="refresh"');
  });
});

describe('what is stored', () => {
  it('shows a small text object, and of another only its metadata', async () => {
    const text = await page(EVERY_PAGE[8]!);
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(await page('/_launchway/objects?bucket=uploads&key=binary')).toContain('Not text: no preview.');
  });

  it('shows the items of one partition only', async () => {
    const text = await page('/_launchway/tables/releases?partition=model%3C1%3E');
    expect(text).toContain('model&lt;1&gt; · v1');
    expect(text).not.toContain('other · v1');
  });

  it('shows a queue’s depth and whose dead letters it holds', async () => {
    const text = await page('/_launchway/queues/dead');
    expect(text).toMatch(/Waiting<\/dt><dd>1</);
    expect(text).toMatch(/Dead letters of<\/dt><dd><a href="\/_launchway\/queues\/uploaded"/);
  });
});

describe('a function', () => {
  it('shows how often it ran and what it logged', async () => {
    const code = 'export const handler = async () => { console.log("hello <b>"); }';
    await small.function('greet', code);
    await small.call('lambda', 'Invoke', { FunctionName: 'greet', Payload: Buffer.from('{}') });
    await small.cloud.idle();
    const text = await page('/_launchway/functions/greet');
    expect(text).toContain('1 invocations, 0 errors');
    expect(text).toContain('hello &lt;b&gt;');
  });
});
