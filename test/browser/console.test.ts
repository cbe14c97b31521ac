import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Browser, chromium, type Page } from 'playwright-core';
import { consoleCloud, executionPath } from '../local/console/console-cloud.ts';
import type { SmallCloud } from '../local/support/small-cloud.ts';

const CHROMIUM = '/usr/bin/chromium';

if (!existsSync(CHROMIUM)) {
  it.skip(`the console in a browser (skipped: expected ${CHROMIUM}, got none)`, () => {});
} else {
  let small: SmallCloud;
  let browser: Browser;
  const complaints: string[] = [];

  const open = async (path: string, width: number): Promise<Page> => {
    const page = await browser.newPage({ viewport: { width, height: 800 } });
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(small.cloud.url + path);
    return page;
  };

  beforeAll(async () => {
    small = await consoleCloud();
    const args = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'];
    browser = await chromium.launch({ executablePath: CHROMIUM, args });
  });
  afterAll(async () => {
    await browser?.close();
    await small?.stop();
  });

  it('leads from the root to an execution, its failed state and the execution inside', async () => {
    const page = await open('/', 1280);
    await page.getByRole('link', { name: 'State machines' }).click();
    await page.getByRole('link', { name: 'release' }).click();
    await page.getByRole('link', { name: 'flights-3' }).click();
    const refused = page.locator('svg g.failed');
    expect(await refused.textContent()).toContain('Refused');
    const measured = page.locator('details', { hasText: 'Measure data' }).last();
    await measured.locator('summary strong').click();
    expect(await measured.innerText()).toContain('"rows": 120');
    await measured.getByRole('link', { name: /^execution / }).click();
    expect(await page.locator('svg g.succeeded').count()).toBe(2);
  });

  it.each([1280, 390])('fits a screen %i pixels wide', async (width) => {
    const paths = ['/', executionPath('release', 'flights-3'), '/_launchway/tables/releases', '/_launchway/queues'];
    for (const path of paths) {
      const page = await open(path, width);
      expect(await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
      await page.close();
    }
  });

  it('breaks no rule of its own content security policy', () => {
    expect(complaints.filter((text) => !text.includes('favicon'))).toEqual([]);
  });
}
