import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { exampleImages, localSignIn } from '../../cli/commands/local.ts';
import { type RunningCloud, runLocalCloud } from '../../local/run.ts';
import { AttackedCloud } from '../attack/attacked-cloud.ts';
import { synthesizeWithIssuer } from '../support/synthesize-once.ts';

const CHROMIUM = '/usr/bin/chromium';
const SCREENSHOTS = 'build/screenshots';
const PHONE = { width: 390, height: 844 };
const AXE = 'node_modules/axe-core/axe.min.js';

const isPresent = existsSync(CHROMIUM);
if (!isPresent) console.warn(`skipped: expected a browser at ${CHROMIUM}, got none`);

let stateDir: string;
let running: RunningCloud;
let cloud: AttackedCloud;
let browser: Browser;

beforeAll(async () => {
  if (!isPresent) return;
  mkdirSync(SCREENSHOTS, { recursive: true });
  stateDir = mkdtempSync(join(tmpdir(), 'launchway-sign-in-'));
  const port = await freePort();
  const assembly = await synthesizeWithIssuer(`http://127.0.0.1:${port}`, join(stateDir, 'assembly'));
  running = await runLocalCloud({ port: 0, stateDir, assembly, images: exampleImages(), signIn: localSignIn(port) });
  cloud = await AttackedCloud.over(running);
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  });
}, 240_000);

afterAll(async () => {
  await browser?.close();
  await running?.stop();
  if (stateDir) rmSync(stateDir, { recursive: true, force: true });
});

/** The app is told where its issuer is before that listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

/** A browser profile of its own, as another person's is; without JavaScript. */
const profile = (options = {}): Promise<BrowserContext> => browser.newContext({ javaScriptEnabled: false, ...options });
const shot = (page: Page, name: string) => page.screenshot({ path: `${SCREENSHOTS}/${name}.png`, fullPage: true });

async function open(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

const signInAs = (page: Page, person: string) => page.getByRole('button', { name: person }).click();

async function violations(page: Page): Promise<string[]> {
  const context = await browser.newContext({ bypassCSP: true, storageState: await page.context().storageState() });
  const again = await open(context, page.url());
  await again.addScriptTag({ content: readFileSync(AXE, 'utf8') });
  const { violations: found } = (await again.evaluate('axe.run()')) as { violations: { id: string }[] };
  await context.close();
  return found.map(({ id }) => id);
}

(isPresent ? describe : describe.skip)('A3: signing in on the way to a decision, without JavaScript', () => {
  it('mail, link, sign-in, approval; and a forwarded link is refused under another identity', async () => {
    await cloud.ask('signed-in');
    const ada = await open(await profile(), cloud.link('signed-in'));
    expect(new URL(ada.url()).origin).toBe(running.issuer);
    await shot(ada, 'sign-in-local-issuer');
    await signInAs(ada, 'Ada');
    expect(ada.url()).toBe(cloud.link('signed-in'));
    expect(await ada.locator('main').textContent()).toContain(`You are signed in as ada at ${running.issuer}`);
    await shot(ada, 'sign-in-approval-page');
    expect(await violations(ada)).toEqual([]);

    const forwarded = await ada.context().newPage();
    const answer = await forwarded.goto(cloud.link('signed-in', 'ben-business'));
    expect(answer?.status()).toBe(403);
    expect(await forwarded.locator('h1').textContent()).toBe('This link is for somebody else');
    await shot(forwarded, 'sign-in-forwarded-link');
    expect(await violations(forwarded)).toEqual([]);

    await ada.getByLabel('Reason').fill('the gates passed');
    await ada.getByRole('button', { name: 'Approve' }).click();
    expect(await ada.getByRole('status').first().textContent()).toContain('you approved. Others are still asked');

    // The same browser, handed over: the issuer asks again, though it knows Ada.
    await forwarded.getByRole('link', { name: 'Sign in as somebody else' }).click();
    await signInAs(forwarded, 'Ben');
    // The issuer ends Ada's session there first; its own page would need a script to go on by itself.
    await forwarded.getByRole('button', { name: 'Continue' }).click();
    await forwarded.getByRole('button', { name: 'Approve' }).click();
    expect(await forwarded.getByRole('status').first().textContent()).toContain('Every seat is filled');

    const votes = (await cloud.rows()).filter(({ sk }) => String(sk).startsWith('VOTE#'));
    expect(votes.map(({ person, identity, knownAs }) => [person, identity, knownAs])).toEqual([
      ['ada-approver', 'sign-in', { issuer: running.issuer, subject: 'ada' }],
      ['ben-business', 'sign-in', { issuer: running.issuer, subject: 'ben' }],
    ]);
  });

  it('a channel is told, without a link that decides; who signs in on the page it names can', async () => {
    const { requestId } = await cloud.ask('told');
    await cloud.running.cloud.idle();
    const posts = (await (await fetch(`${running.url}/_launchway/channel`)).json()) as { body: { blocks: object[] } }[];
    const told = JSON.stringify(posts.find(({ body }) => JSON.stringify(body).includes(requestId)));
    expect(told).toContain('told version 1 – may it serve?');
    expect(told).not.toContain('link=');
    const [, url] = /<(http[^|]+)\|See the evidence and decide>/.exec(told)!;
    const page = await open(await profile(), url!);
    await signInAs(page, 'Dana');
    expect(await page.locator('h1').textContent()).toBe('You are not asked to decide this');
    const ada = await open(await profile(), url!);
    await signInAs(ada, 'Ada');
    await ada.getByLabel('Reason').fill('seen in the channel');
    await ada.getByRole('button', { name: 'Approve' }).click();
    expect(await ada.getByRole('status').first().textContent()).toContain('you approved');
  });

  it('asks again after signing out, and once the hour is over, by a clock that was moved', async () => {
    await cloud.ask('signed-out');
    const url = cloud.link('signed-out');
    const page = await open(await profile({ viewport: PHONE, colorScheme: 'dark' as const }), url);
    await signInAs(page, 'Ada');
    await shot(page, 'sign-in-phone-dark');
    await page.getByRole('button', { name: 'Sign out' }).click();
    expect(await page.locator('h1').textContent()).toBe('Signed out');
    await shot(page, 'sign-in-signed-out');
    await cloud.advance(1_000);
    // The issuer still knows Ada, and says so at once.
    await page.goto(url);
    expect(page.url()).toBe(url);
    await cloud.advance(3_600_000);
    const hops: string[] = [];
    page.on('request', (request) => hops.push(new URL(request.url()).pathname.replace(/^\/_api\/\w+/, '')));
    await page.goto(url);
    expect(page.url()).toBe(url);
    expect(hops).toContain('/sign-in/callback');
  });

  it('keeps what was typed when the session ends before it is sent', async () => {
    await cloud.ask('too-late');
    const page = await open(await profile(), cloud.link('too-late'));
    await signInAs(page, 'Ada');
    await page.getByLabel('Reason').fill('worse for small airports');
    await cloud.advance(3_600_000);
    await page.getByRole('button', { name: 'Reject' }).click();
    expect(await page.locator('h1').textContent()).toBe('Your sign-in has ended');
    expect(await page.getByRole('textbox').inputValue()).toBe('worse for small airports');
    await shot(page, 'sign-in-ended');
  });
});
