import { expect, test } from 'vitest';
import { huggingFace } from '../../../../src/activities/sources/huggingface/request.ts';
import { flagsGiven } from '../flag-reader.ts';
import { REPO, REVISION } from './subject.ts';

const asked = { '--hf-repo': REPO, '--hf-revision': REVISION };
const read = (flags: Readonly<Record<string, string>>) => huggingFace.read(flagsGiven(flags));

test('a repository at a commit is what stands in the request, with how it is laid out', () => {
  const request = read(asked);
  expect(request).toEqual({ name: 'huggingface', repo: REPO, revision: REVISION, layout: 'tree' });
  expect(huggingFace.describe(request)).toBe(`Hugging Face ${REPO} at ${REVISION.slice(0, 12)}`);
  expect(read(Object.fromEntries(huggingFace.flagsOf(request)))).toEqual(request);
  expect(read({ ...asked, '--hf-repo': 'marcosv/ffhq-dataset' }).layout).toBe('parts');
  expect(read({ ...asked, '--hf-layout': '{folder}/{id5}.png' }).layout).toBe('{folder}/{id5}.png');
});

test.each([
  [{}, 'flag [--hf-repo]: expected it, got nothing'],
  [{ '--hf-repo': REPO }, 'flag [--hf-revision]: expected it, got nothing'],
  [
    { ...asked, '--hf-revision': 'main' },
    'flag [--hf-revision]: expected a commit, 40 hex digits, got something else: a branch or tag may move',
  ],
  [{ ...asked, '--hf-revision': REVISION.slice(1) }, 'flag [--hf-revision]: expected a commit'],
  [{ ...asked, '--hf-repo': 'ffhq' }, 'flag [--hf-repo]: expected OWNER/NAME of a dataset repository'],
  [{ ...asked, '--hf-repo': '../x/y' }, 'flag [--hf-repo]: expected OWNER/NAME of a dataset repository'],
  [
    { ...asked, '--hf-layout': 'heap' },
    'flag [--hf-layout]: expected tree, parts, tars or a template such as {path}, got none of them',
  ],
  [{ ...asked, '--hf-layout': '{folder}' }, 'expected a template with {path}, {id} or {id5}'],
  [{ ...asked, '--hf-layout': '../{id}' }, 'expected a template of a path in the repository'],
  [{ ...asked, '--hf-layout': '/{id}' }, 'expected a template of a path in the repository'],
  [{ ...asked, '--hf-layout': '{id}?token=hunter2' }, 'expected a template of a path in the repository'],
])('%j is refused: %s', (flags, problem) => {
  expect(() => read(flags as Record<string, string>)).toThrow(problem);
});

test.each([
  [{ repo: 'x' }, 'source [name=huggingface]: repo: expected OWNER/NAME'],
  [
    { repo: REPO, revision: 'main', layout: 'tree' },
    'source [name=huggingface]: revision: expected a commit',
  ],
  [{ repo: REPO, revision: REVISION }, 'source [name=huggingface]: expected a text as layout, got none'],
])('a request such as %j is none', (fields, problem) => {
  expect(() => huggingFace.describe({ name: 'huggingface', ...fields } as never)).toThrow(problem);
});

test('its token is bound to the hub that the worker names', () => {
  const tokens = (env: Readonly<Record<string, string>>) => [...(huggingFace.tokensOf?.(env) ?? [])];
  expect(tokens({ HF_TOKEN: 'hf_x' })).toEqual([['https://huggingface.co', 'hf_x']]);
  expect(tokens({ HF_TOKEN: 'hf_x', HF_ENDPOINT: 'https://hub.example/x/' })).toEqual([
    ['https://hub.example', 'hf_x'],
  ]);
  expect(tokens({ HF_TOKEN: 'hf_x', HF_ENDPOINT: 'nowhere' })).toEqual([]);
  expect(tokens({})).toEqual([]);
});
