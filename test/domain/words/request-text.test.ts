import { expect, test } from 'vitest';
import { defaultAlignOptions } from '../../../src/domain/align/align-options.ts';
import type { AlignRequest, RunRequest } from '../../../src/domain/run/request.ts';
import { requestDetails, requestSummary } from '../../../src/domain/words/request-text.ts';

const download: RunRequest = {
  kinds: ['images', 'thumbs'],
  manifest: { name: 'official' },
  license: { name: 'official' },
  source: { name: 'google-drive' },
  allowedHosts: [],
  trust: 'records',
  fetch: 'missing',
  numAttempts: 10,
};
const align: AlignRequest = {
  options: defaultAlignOptions,
  folder: 'realign1024x1024',
  fileIdentical: false,
  discardOriginals: false,
};
const wilds: RunRequest = { ...download, kinds: ['wilds', 'align'], align };
const photos: RunRequest = {
  ...download,
  kinds: ['align'],
  manifest: { name: 'photos', folder: '/photos', landmarks: '/landmarks.json' },
  license: { name: 'none' },
  align: { ...align, sourceDir: '/photos' },
};
const look = { trust: 'contents', fetch: 'nothing' } as const;
const repair = { trust: 'contents', fetch: 'missing' } as const;

test.each([
  [download, 'download json, images, thumbs from Google Drive'],
  [{ ...download, kinds: [] }, 'download json from Google Drive'],
  [{ ...download, source: { name: 'local-dir', path: '/copy' } }, 'download json, images, thumbs from /copy'],
  [{ ...download, ...look }, 'verify json, images, thumbs'],
  [
    { ...download, ...repair },
    'download what is missing or damaged of json, images, thumbs from Google Drive',
  ],
  [wilds, 'download json, wilds from Google Drive, then align the faces'],
  [{ ...wilds, ...look }, 'verify json, wilds and the aligned pictures'],
  [
    { ...wilds, kinds: ['align'], align: { ...align, sourceDir: '/wilds' } },
    'download json from Google Drive, then align the faces of the originals in /wilds',
  ],
  [photos, 'align photographs in /photos'],
  [{ ...photos, ...look }, 'verify the aligned photographs of /photos'],
  [{ ...photos, ...repair }, 'align what is missing or damaged of photographs in /photos'],
] satisfies [RunRequest, string][])('a request is told in one line (%#)', (request, text) => {
  const from = request.source.name === 'local-dir' ? '/copy' : 'Google Drive';
  expect(requestSummary(request, from)).toBe(text);
});

test('at length, a request says where it goes and when a file is given up', () => {
  const lines = requestDetails({ ...download, numAttempts: 1 }, '/out').split('\n');
  expect(lines).toContain('- goes to: `/out`');
  expect(lines).toContain('- a file is given up after: 1 failed attempt');
});
