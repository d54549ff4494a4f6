import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Debian's and Ubuntu's package; the tests bring no browser of their own. */
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path));

/** Why nothing can be looked at here; undefined where a browser is installed. */
export const blindBecause =
  CHROMIUM === undefined
    ? 'nobody looks at the Temporal UI: expected Chromium at /usr/bin/chromium (apt-get install chromium), got none'
    : undefined;

/** Folder for the README's pictures; without it none are kept. */
export const picturesFolder = process.env.FFHQ_PICTURES;

/** A headless Chromium with a fresh profile that asks nothing of the network by itself. */
export async function openBrowser(): Promise<Browser> {
  if (CHROMIUM === undefined) throw new Error(blindBecause);
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** Tall enough for a Timeline of twenty lines. */
export async function openPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 1400 },
    locale: 'en-GB',
    timezoneId: 'UTC',
    colorScheme: 'light',
  });
  return context.newPage();
}

/** The lines that a person reads on the page, its frames included: details are shown in frames of their own. */
export async function visibleLines(page: Page): Promise<readonly string[]> {
  const texts = await Promise.all(
    // A frame may be replaced while it is looked at; the next look sees the new one.
    page.frames().map((frame) =>
      frame
        .locator('body')
        .innerText({ timeout: 2_000 })
        .catch(() => ''),
    ),
  );
  return texts.flatMap((text) => text.split('\n')).map((line) => line.trim());
}

/** What of the page is worth a picture: from the text that begins it, or from the top, as many pixels as given. */
export interface Cut {
  readonly fromText?: string;
  readonly height: number;
}

export async function takePicture(page: Page, name: string, { fromText, height }: Cut): Promise<void> {
  if (picturesFolder === undefined) return;
  await mkdir(picturesFolder, { recursive: true });
  // The UI draws the Timeline's labels anew after a while; only then can they be read on running bars.
  await page.waitForTimeout(8_000);
  const box =
    fromText === undefined ? null : await page.getByText(fromText, { exact: true }).last().boundingBox();
  const clip =
    box === null ? { x: 0, y: 0, width: 1440, height } : { x: 205, y: box.y - 20, width: 1235, height };
  await page.screenshot({ path: join(picturesFolder, `${name}.png`), clip });
}
