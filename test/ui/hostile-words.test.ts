/** The UI's own reader of Markdown is the judge of what is active in it. */

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { code, described, fenced, joined, markdown, shown } from '../../src/domain/quoting/markdown.ts';
import { waitSummary } from '../../src/domain/words/summaries.ts';
import { type Connected, connectClient, settingsForAddress } from '../../src/temporal/connection.ts';
import { blindBecause, openBrowser, openPage, visibleLines } from './browser.ts';

const PATIENCE = { timeout: 40_000, interval: 500 };

/** Each is a link, a picture, a heading, bold text, the name of what is on the screen ... where it is read as Markdown. */
const EVIL = [
  '![x](https://evil.example/p.png)',
  '[a](https://evil.example)',
  'https://evil.example/1',
  'www.evil.example',
  'ann@evil.example',
  '<img src=x onerror=alert(1)>',
  '` ![y](https://evil.example/q.png) `',
  '``` <b>bold</b>',
  '**strong** _em_ ~~gone~~',
  '&lt;b&gt;',
  'run {workflowId} of {namespace}',
];

describe.skipIf(blindBecause !== undefined)('in the Temporal UI', { timeout: 120_000 }, () => {
  let connected: Connected;
  let browser: Browser;

  beforeAll(async () => {
    connected = await connectClient(settingsForAddress(inject('temporalAddress'), 'default'));
    browser = await openBrowser();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await connected?.connection.close();
  }, 60_000);

  test('what strangers wrote is read as text: no link, no picture, no markup, and every character of it', async () => {
    const workflowId = `words-${process.pid}-${Date.now()}`;
    const lines = EVIL.flatMap((text) => [
      markdown`- said: ${shown(text)}`,
      markdown`- named: ${code(text)}: **${shown(text)}**`,
    ]);
    await connected.client.workflow.start('nobody', {
      ...{ workflowId, taskQueue: workflowId, args: [] },
      ...described(
        waitSummary(EVIL.join(' '), 0),
        joined([joined(lines, '\n'), fenced(EVIL), markdown`the end`], '\n\n'),
      ),
    });
    const page = await openPage(browser);
    const ui = inject('temporalUi');
    await page.goto(
      `${ui}/namespaces/default/workflows?query=${encodeURIComponent(`WorkflowId="${workflowId}"`)}`,
    );
    await page.getByRole('link', { name: workflowId, exact: true }).click({ timeout: PATIENCE.timeout });
    await page.locator('a', { hasText: 'User Metadata' }).first().click({ timeout: PATIENCE.timeout });
    await expect.poll(() => visibleLines(page), PATIENCE).toContain('the end');

    const asText = (text: string) => text.replace(/\{(workflowId|namespace)\}/g, '\\x7b$1}');
    const seen = await visibleLines(page);
    for (const text of EVIL.map(asText)) {
      expect(seen).toContain(`said: ${text}`);
      expect(seen).toContain(`named: ${text}: ${text}`);
      expect(seen).toContain(text);
    }
    const frames = page.frames().filter((frame) => frame !== page.mainFrame());
    expect(frames.length).toBeGreaterThanOrEqual(2);
    for (const frame of frames) {
      const active = frame.locator('main, body').locator('a, img, h1, h2, h3, em, del, b, table, script');
      expect(await active.allInnerTexts()).toEqual([]);
    }
    await connected.client.workflow.getHandle(workflowId).terminate();
  });
});
