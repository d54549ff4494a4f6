/**
 * What a person sees in the Temporal UI while a run is in progress. The README's pictures are made by the same tests,
 * of files as large as the real ones: `FFHQ_PICTURES=docs/images npx vitest run --project server test/ui`
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { blindBecause, openBrowser, openPage, picturesFolder, takePicture, visibleLines } from './browser.ts';
import { type RunInProgress, startRunInProgress } from './run-in-progress.ts';

if (blindBecause !== undefined) console.warn(`skipped: ${blindBecause}`);

/** A busy machine with two cores takes its time to draw. */
const PATIENCE = { timeout: 40_000, interval: 500 };

describe.skipIf(blindBecause !== undefined)('in the Temporal UI', { timeout: 120_000 }, () => {
  let inProgress: RunInProgress;
  let run: string;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    inProgress = await startRunInProgress(picturesFolder === undefined ? 'small' : 'life-size');
    run = inProgress.run.workflowId;
    browser = await openBrowser();
    page = await openPage(browser);
  }, 300_000);

  afterAll(async () => {
    await browser?.close();
    await inProgress?.close();
  }, 60_000);

  const list = (query: string) =>
    page.goto(`${inject('temporalUi')}/namespaces/default/workflows?query=${encodeURIComponent(query)}`);

  /** As a person goes there: from the list, by the Workflow Id, to a tab. */
  const open = async (workflowId: string, tab: string) => {
    await list(`WorkflowId="${workflowId}"`);
    await page.getByRole('link', { name: workflowId, exact: true }).click({ timeout: PATIENCE.timeout });
    await page.locator('a', { hasText: tab }).first().click({ timeout: PATIENCE.timeout });
  };

  const lines = () => expect.poll(() => visibleLines(page), PATIENCE);
  const text = () => expect.poll(async () => (await visibleLines(page)).join('\n'), PATIENCE);

  /** The Workflow Ids in the list. */
  const listed = () =>
    expect.poll(async () => {
      const links = await page.locator('tbody a').allInnerTexts();
      return links
        .map((link) => link.trim())
        .filter((link) => link.startsWith(run))
        .sort();
    }, PATIENCE);

  test('the list names a run and its folders, and is filtered by the search attributes', async () => {
    await list(`FfhqRun="${run}"`);
    await listed().toEqual([
      run,
      `${run}/images/00000`,
      `${run}/images/01000`,
      `${run}/thumbs/00000`,
      `${run}/thumbs/01000`,
    ]);
    await text().toMatch(/3 Running[\s\S]*2 Completed/);
    await takePicture(page, 'workflow-list', { height: 520 });
    await list(`FfhqRun="${run}" AND FfhqKind="thumbs"`);
    await listed().toEqual([`${run}/thumbs/00000`, `${run}/thumbs/01000`]);
    await list(`FfhqRun="${run}" AND FfhqStage="fetch" AND FfhqFailed=3`);
    await listed().toEqual([run, `${run}/images/00000`]);
    await list(`FfhqRun="${run}" AND FfhqStage="deferred"`);
    await listed().toEqual([`${run}/thumbs/01000`]);
    await list(`FfhqRun="${run}" AND FfhqStage="done"`);
    await listed().toEqual([`${run}/thumbs/00000`]);
    await list(`FfhqRun="${run}" AND ParentWorkflowId is null`);
    await listed().toEqual([run]);
  });

  test('the timeline of a run tells its stages, its folders by kind and number, and what waits until when', async () => {
    await open(run, 'Timeline');
    await lines().toEqual(
      expect.arrayContaining([
        'claimStore',
        'loadManifest • ffhq-dataset-v2.json',
        'fetchBundle • licenses (3 files)',
        'planRun • 192 records',
        expect.stringMatching(/^images 00000 \(96 files, .* [KM]iB\)$/),
        expect.stringMatching(/^images 01000 \(96 files, .* [KM]iB\)$/),
        expect.stringMatching(/^thumbs 00000 \(96 files, .* [KM]iB\)$/),
        expect.stringMatching(/^thumbs 01000 \(96 files, .* [KM]iB\)$/),
        expect.stringMatching(/^files that wait: next try \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/),
      ]),
    );
    await takePicture(page, 'run-timeline', { fromText: 'Timeline', height: 580 });
  });

  test('the timeline of a folder names each bundle by its ids, files and bytes', async () => {
    await open(`${run}/images/00000`, 'Timeline');
    await lines().toEqual(
      expect.arrayContaining([
        'planShard • images 00000',
        expect.stringMatching(/^fetchBundle • images 00000-00031 \(32 files, .* [KM]iB\)$/),
        expect.stringMatching(/^fetchBundle • images 00032-00063 \(32 files, .* [KM]iB\)$/),
        expect.stringMatching(/^Attempt 1 \/ ∞ • fetchBundle • images 00064-00095 \(32 files, .* [KM]iB\)$/),
      ]),
    );
    await takePicture(page, 'folder-timeline', { fromText: 'Timeline', height: 330 });
  });

  test('the metadata of a run says what was asked, where it goes, how far it is, what failed and what waits', async () => {
    await open(run, 'User Metadata');
    await lines().toEqual(
      expect.arrayContaining([
        'download json, images, thumbs from Google Drive',
        `goes to: ${inProgress.out}`,
        expect.stringMatching(/^manifest: https:\/\/drive\.google\.com\/uc\?id=\S+ \(MD5 [0-9a-f]{32}\)$/),
        expect.stringMatching(/^fetching and verifying, as of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/),
        expect.stringMatching(/^done +files +bytes$/),
        expect.stringMatching(/^json +100\.0 % +1\/1 +\S+ [KM]iB\/\S+ [KM]iB$/),
        expect.stringMatching(/^licenses +100\.0 % +3\/3 /),
        expect.stringMatching(/^images +6\d\.\d % +125\/192 +\S+ [KM]iB\/\S+ [KM]iB$/),
        expect.stringMatching(/^thumbs +98\.\d % +189\/192 +\S+ MiB\/\S+ MiB$/),
        'Failed',
        'images: 2 missing (00005, 00017)',
        'images: 1 wrong-md5 (00040)',
        '.ffhq/report.txt will say for each what to do about it.',
        'Waiting',
        expect.stringMatching(
          /^thumbs 01000: 3 files: quota; next try \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC; refused since .* UTC$/,
        ),
      ]),
    );
    await takePicture(page, 'run-details', { fromText: 'Back to Workflows', height: 900 });
  });

  test('the metadata of a folder says how far it is and where its files go', async () => {
    await open(`${run}/images/00000`, 'User Metadata');
    await lines().toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^images 00000 \(96 files, .* [KM]iB\)$/),
        'one folder of the run: images1024x1024/00000',
        `in: ${inProgress.out}`,
        expect.stringMatching(/^images 00000: in progress, as of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/),
        expect.stringMatching(/^images +6\d\.\d % +61\/96 +\S+ [KM]iB\/\S+ [KM]iB$/),
        'images: 2 missing (00005, 00017)',
        'images: 1 wrong-md5 (00040)',
        'What is in flight right now is in the tab Pending Activities.',
      ]),
    );
  });

  test('the metadata of a folder whose last files are under quota says so after it has closed', async () => {
    await open(`${run}/thumbs/01000`, 'User Metadata');
    await lines().toEqual(
      expect.arrayContaining([
        'Completed',
        expect.stringMatching(/^thumbs 01000: done but for files that wait, as of .* UTC$/),
        expect.stringMatching(/^thumbs 01000: 3 files: quota; next try .* UTC; refused since .* UTC$/),
      ]),
    );
  });

  test('a pending bundle shows its files and bytes, and which files it is at', async () => {
    await open(`${run}/images/01000`, 'Pending Activities');
    await lines().toEqual(
      expect.arrayContaining([
        'fetchBundle',
        '"files": 32,',
        '"filesDone": 0,',
        expect.stringMatching(/^"bytes": [1-9]\d+,$/),
        expect.stringMatching(/^"bytesDone": [1-9]\d+,$/),
        expect.stringMatching(/^"images1024x1024\/01000\/010\d\d\.png \d+%",$/),
      ]),
    );
    await takePicture(page, 'pending-activities', { fromText: 'Back to Workflows', height: 660 });
  });
});
