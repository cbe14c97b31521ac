import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Browser, chromium } from 'playwright-core';
import { evaluationPage } from '../../web/evaluation-page.ts';
import { evaluationView, type ViewOptions } from '../support/evaluation-views.ts';

const CHROMIUM = '/usr/bin/chromium';
const SCREENSHOTS = 'build/screenshots';

const isPresent = existsSync(CHROMIUM);
if (!isPresent) console.warn(`skipped: expected a browser at ${CHROMIUM}, got none`);

const fairness = '[{ attribute: carrier, metric: disparate-impact, atLeast: 0.8, minRows: 50 }]';
const VIEWS: Readonly<Record<string, ViewOptions>> = {
  binary: { champion: 0.5, validation: `{ fairness: ${fairness} }`, input: { custom: { lift: 2 } } },
  multiclass: { kind: 'multiclass', champion: 0.5 },
  regression: { kind: 'regression' },
};

(isPresent ? describe : describe.skip)('the page of an evaluation in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    mkdirSync(SCREENSHOTS, { recursive: true });
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run'],
    });
  }, 60_000);
  afterAll(() => browser?.close());

  it.each([
    ['binary', 390, 'dark'],
    ['multiclass', 390, 'light'],
    ['regression', 1280, 'light'],
  ] as const)(
    'has nothing that axe finds and nothing wider than the screen: %s, %i px, %s',
    async (name, width, colorScheme) => {
      const page = await browser.newPage({ viewport: { width, height: 844 }, colorScheme, bypassCSP: true });
      await page.setContent(evaluationPage(evaluationView(VIEWS[name])).body);
      await page.screenshot({ path: `${SCREENSHOTS}/evaluation-${name}-${width}-${colorScheme}.png`, fullPage: true });
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      await page.addScriptTag({ content: readFileSync('node_modules/axe-core/axe.min.js', 'utf8') });
      const { violations } = (await page.evaluate('axe.run()')) as {
        violations: { id: string; nodes: { html: string }[] }[];
      };
      expect(violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))).toEqual([]);
      await page.close();
    },
  );
});
