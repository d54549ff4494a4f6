/** The page of a run as a browser has it: every width, every colour scheme, and texts that would run if they could. */

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { FOLLOW } from '../../src/commands/report/follow-script.ts';
import { servePage } from '../../src/commands/report/page-server.ts';
import { policyOf } from '../../src/domain/page/document.ts';
import { runPage } from '../../src/domain/page/run-page.ts';
import { EVIL, factsWith } from '../domain/page/run-facts.ts';
import { eventually } from '../support/eventually.ts';
import { blindBecause, openBrowser, picturesFolder } from './browser.ts';

describe.skipIf(blindBecause !== undefined)('the page of a run', { timeout: 120_000 }, () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await openBrowser();
  }, 120_000);
  afterAll(() => browser?.close(), 60_000);

  /** A tab, and what it says, asks for and shows without being asked. */
  async function openTab(options: BrowserContextOptions) {
    const context = await browser.newContext(options);
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const heard: string[] = [];
    page.on('console', (message) => heard.push(message.text()));
    page.on('dialog', (dialog) => {
      heard.push(`dialog ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => heard.push(request.url()));
    return { page, heard };
  }

  test('at each width and in each colour nothing of it is wider than the screen, runs or is asked for', async () => {
    const html = runPage(factsWith(EVIL));
    for (const [width, colorScheme] of [
      [360, 'light'],
      [800, 'dark'],
      [1400, 'light'],
    ] as const) {
      const { page, heard } = await openTab({ viewport: { width, height: 900 }, colorScheme });
      await page.setContent(html);
      for (const summary of await page.locator('summary').all()) await summary.click();
      expect(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBe(0);
      expect(await page.locator('section').count()).toBeGreaterThan(8);
      const plots = await page
        .locator('.plot svg')
        .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height));
      expect(plots).toEqual([150, 150, 44]);
      expect(heard.filter((one) => !one.startsWith('data:image/jpeg'))).toEqual([]);
    }
  });

  /** `FFHQ_PAGE=report.html FFHQ_PICTURES=docs/images npx vitest run test/ui/report-page.test.ts` */
  test.skipIf(picturesFolder === undefined || process.env.FFHQ_PAGE === undefined)(
    'pictures of a run for the docs, at three widths',
    async () => {
      const html = await readFile(process.env.FFHQ_PAGE ?? '', 'utf8');
      for (const [name, width, height, colorScheme] of [
        ['phone', 390, 1500, 'light'],
        ['tablet', 820, 1500, 'dark'],
        ['desktop', 1400, 1500, 'light'],
      ] as const) {
        const { page } = await openTab({ viewport: { width, height }, colorScheme });
        await page.setContent(html);
        await page.screenshot({ path: join(picturesFolder ?? '', `report-${name}.png`) });
        const pies = page.locator('.pies');
        await pies.screenshot({ path: join(picturesFolder ?? '', `report-pies-${name}.png`) });
      }
    },
  );

  test('served live it follows what changes, keeps what is open, and believes nobody who has the port after it', async () => {
    const live = { script: FOLLOW, key: 'k' };
    let html = runPage({ ...factsWith('first'), status: 'running' }, live);
    const served = await servePage(0, async () => html, policyOf(FOLLOW), 'k');
    onTestFinished(() => served.close());
    const { page, heard } = await openTab({ viewport: { width: 800, height: 900 } });
    await page.goto(served.url);
    await page.locator('details').first().locator('summary').click();
    html = runPage({ ...factsWith(EVIL), status: 'complete' }, live);
    await page.locator('.status', { hasText: 'complete' }).waitFor({ timeout: 20_000 });
    expect(await page.locator('details').first().getAttribute('open')).not.toBeNull();
    expect(heard.filter((one) => one !== served.url && !one.startsWith('data:image/jpeg'))).toEqual([]);

    await served.close();
    let asked = 0;
    const { port } = new URL(served.url);
    const squatter = createServer((_, answer) => {
      asked++;
      answer.end(runPage({ ...factsWith('squatter'), status: 'squatted' }, live));
    });
    await new Promise<void>((listening) => squatter.listen(Number(port), '127.0.0.1', listening));
    await eventually('the page to ask who has the port now', () => asked > 0);
    await page.locator('#live', { hasText: 'has ended' }).waitFor({ timeout: 20_000 });
    expect(await page.locator('.status').textContent()).toBe('complete');
    await new Promise<void>((closed) => {
      squatter.close(() => closed());
      squatter.closeAllConnections();
    });
  });

  test('another page cannot read what is served live', async () => {
    const served = await servePage(0, async () => '<p>people</p>', policyOf(FOLLOW));
    onTestFinished(() => served.close());
    const other = createServer((_, answer) => answer.end('<p>elsewhere</p>'));
    await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening));
    onTestFinished(() => new Promise<void>((closed) => other.close(() => closed())));
    const stranger = await openTab({});
    await stranger.page.goto(`http://127.0.0.1:${(other.address() as AddressInfo).port}/`);
    const got = await stranger.page.evaluate(`(async () => {
      const url = ${JSON.stringify(served.url)};
      const fetched = await fetch(url, { mode: 'no-cors' }).then(
        ({ type, status }) => type + ' ' + status,
        () => 'nothing',
      );
      const frame = document.createElement('iframe');
      frame.src = url;
      document.body.append(frame);
      await new Promise((loaded) => { frame.onload = loaded; });
      return fetched + (frame.contentDocument === null ? ' closed' : ' open');
    })()`);
    expect(got).toMatch(/^(nothing|opaque 0) closed$/);
  });
});
