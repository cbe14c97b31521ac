import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { AttackedCloud } from '../attack/attacked-cloud.ts';
import { type DeployedCloud, deployedCloud } from '../support/deployed-cloud.ts';

const CHROMIUM = '/usr/bin/chromium';
const SCREENSHOTS = 'build/screenshots';
const PHONE = { width: 390, height: 844 };
const AXE = 'node_modules/axe-core/axe.min.js';

const isPresent = existsSync(CHROMIUM);
if (!isPresent) console.warn(`skipped: expected a browser at ${CHROMIUM}, got none`);

let deployed: DeployedCloud;
let cloud: AttackedCloud;
let browser: Browser;

beforeAll(async () => {
  if (!isPresent) return;
  mkdirSync(SCREENSHOTS, { recursive: true });
  deployed = await deployedCloud();
  cloud = await AttackedCloud.over(deployed);
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  });
}, 240_000);

afterAll(async () => {
  await browser?.close();
  await deployed?.remove();
});

/** Opens an address in a browser profile of its own, as another person's is. */
async function open(url: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ javaScriptEnabled: false, ...options });
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

/** What axe finds wrong, by rule and element; evaluated past the page's own policy, which lets no script run. */
async function violations(url: string, options: BrowserContextOptions = {}): Promise<string[]> {
  const page = await open(url, { javaScriptEnabled: true, bypassCSP: true, ...options });
  await page.addScriptTag({ content: readFileSync(AXE, 'utf8') });
  const found = await page.evaluate('axe.run()');
  await page.context().close();
  const { violations } = found as { violations: { id: string; nodes: { html: string }[] }[] };
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

const shot = (page: Page, name: string) => page.screenshot({ path: `${SCREENSHOTS}/${name}.png`, fullPage: true });
const decide = async (page: Page, button: 'Approve' | 'Reject', reason = '') => {
  await page.getByLabel('Reason').fill(reason);
  await page.getByRole('button', { name: button }).click();
};

(isPresent ? describe : describe.skip)('the approval page in a browser, without JavaScript', () => {
  it('takes one approval, then the second approver’s, each from their own link', async () => {
    await cloud.ask('approved');
    const ada = await open(cloud.link('approved'));
    await shot(ada, 'approval-page');
    await decide(ada, 'Approve', 'the gates passed');
    expect(await ada.getByRole('status').first().textContent()).toContain('you approved. Others are still asked');
    await shot(ada, 'approval-first-seat');

    const ben = await open(cloud.link('approved', 'ben-business'));
    expect(await ben.locator('main').textContent()).toContain('the gates passed');
    await shot(ben, 'approval-second-approver');
    await decide(ben, 'Approve');
    expect(await ben.getByRole('status').first().textContent()).toContain('Every seat is filled');
    expect(await ben.getByRole('button').count()).toBe(0);
    await shot(ben, 'approval-approved');
    await ada.reload();
    expect(await ada.locator('main').textContent()).toContain('approved');
  });

  it('asks for the reason of a rejection, and keeps what was typed', async () => {
    await cloud.ask('rejected');
    const page = await open(cloud.link('rejected'));
    await decide(page, 'Reject');
    expect(await page.getByRole('alert').textContent()).toBe('A rejection needs a reason.');
    expect(await page.title()).toMatch(/^Not sent/);
    await shot(page, 'approval-reason-needed');
    await decide(page, 'Reject', 'worse for <small> airports');
    expect(await page.getByRole('status').first().textContent()).toContain('Rejected. The version is not deployed');
    expect(await page.locator('main').textContent()).toContain('worse for <small> airports');
    await shot(page, 'approval-rejected');
  });

  it('says of an expired request that its time is over', async () => {
    await cloud.ask('expired', { hours: 1 });
    const url = cloud.link('expired');
    const before = await open(url);
    await cloud.advanceToExpiry('expired');
    await decide(before, 'Approve', 'late');
    expect(await before.locator('h1').textContent()).toBe('This link has expired');
    const after = await open(url);
    expect(await after.getByRole('button').count()).toBe(0);
    await shot(after, 'approval-expired');
  });

  it('fits a phone: nothing is wider, and buttons are large enough for a thumb', async () => {
    await cloud.ask('phone');
    const page = await open(cloud.link('phone'), { viewport: PHONE, colorScheme: 'dark', javaScriptEnabled: true });
    const width = await page.evaluate('document.documentElement.scrollWidth');
    expect(width).toBeLessThanOrEqual(PHONE.width);
    for (const name of ['Approve', 'Reject']) {
      const box = await page.getByRole('button', { name }).boundingBox();
      expect(box!.height).toBeGreaterThanOrEqual(44);
    }
    await shot(page, 'approval-phone-dark');
  });

  it('is clean to axe: open, refused and closed, light and dark', async () => {
    await cloud.ask('accessible');
    const url = cloud.link('accessible');
    expect(await violations(url)).toEqual([]);
    expect(await violations(url, { colorScheme: 'dark', viewport: PHONE })).toEqual([]);
    const page = await open(url);
    await decide(page, 'Reject', 'no');
    expect(await violations(url)).toEqual([]);
    expect(await violations(`${url}x`)).toEqual([]);
  });

  it('mails what can be judged in an inbox, on a desk and on a phone', async () => {
    await cloud.ask('mailed');
    const mails = (await cloud.inbox()).filter(({ subject }) => subject.startsWith('[mailed] version 1:'));
    const mail = mails.find(({ to }) => to.some((address) => address.startsWith('ada')))!;
    expect(Buffer.byteLength(mail.html)).toBeLessThan(100_000);
    for (const [name, options] of [
      ['mail', { viewport: { width: 800, height: 900 } }],
      ['mail-phone-dark', { viewport: PHONE, colorScheme: 'dark' as const }],
    ] as const) {
      const page = await open('about:blank', options);
      await page.setContent(mail.html);
      await shot(page, name);
    }
    const words = mail.text.split('\n').filter((line) => !line.includes('http'));
    expect(Math.max(...words.map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});
