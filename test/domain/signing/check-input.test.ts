import { describe, expect, test } from 'vitest';
import { RequestError } from '../../../src/domain/network/request-url.ts';
import { checkInput } from '../../../src/domain/signing/check-input.ts';
import { expectLaw } from '../../fuzz/law.ts';
import { activityInputs } from '../../fuzz/laws/inputs.ts';
import { alignByDefault } from '../../support/datasets/serve-dataset.ts';
import { requestOf } from '../../support/request-of.ts';

const md5 = '0'.repeat(32);
const context = {
  store: { path: '/data/faces', id: '8b6ff2a4-0000-4000-8000-000000000000' },
  owner: { workflowId: 'ffhq-a', clusterId: 'c', address: '127.0.0.1:7233', namespace: 'default' },
  run: '01a21af5-df8e-70c1-b175-968890e27d7c',
  request: requestOf({
    kinds: ['images', 'wilds', 'align'],
    manifest: { name: 'official' },
    license: { name: 'none' },
    align: alignByDefault,
    ids: '0-9',
  }),
};
const bundle = { ...context, files: { kind: 'images', folder: '00000', ids: '0-9,12', manifestMd5: md5 } };

/** The input with one value changed, by its path. */
function changed(input: unknown, [field = '', ...rest]: readonly string[], value: unknown): unknown {
  const object = input as Readonly<Record<string, unknown>>;
  return { ...object, [field]: rest.length === 0 ? value : changed(object[field], rest, value) };
}

test('the inputs that runs are made of pass', () => {
  const manifest = { md5, records: 70_000, bytes: 267_793_842 };
  for (const input of [
    { ...context, takeOver: false },
    { ...context, again: md5, failure: 'quota: too many' },
    { ...context, manifest },
    { ...context, kind: 'align', folder: '69000', manifestMd5: md5, settledIds: '' },
    bundle,
    { ...context, files: { kind: 'json' } },
    { ...context, file: { kind: 'tfrecords', key: 'ffhq-r10' }, end: 1024 ** 3 },
    { ...context, manifest, progress: { anything: 1 }, findForeign: true },
  ])
    expect(() => checkInput(input)).not.toThrow();
});

describe.each<[string, readonly string[], readonly unknown[]]>([
  ['the folder`s path', ['store', 'path'], ['faces', '', '../x', 7, null, '/a\0b', `/${'x'.repeat(5_000)}`]],
  ['the run', ['run'], ['../..', '.', '', 'a/b', 'a\0', 5, {}]],
  ['the kind of a bundle', ['files', 'kind'], ['faces', '../images', 3, undefined]],
  ['the folder of a bundle', ['files', 'folder'], ['0', '../00', '00000/..', 0, undefined]],
  ['the records of a bundle', ['files', 'ids'], ['9-0', 'x', '-1', '0-999999', 3, undefined]],
  ['the manifest of a bundle', ['files', 'manifestMd5'], ['../..', md5.slice(1), 'G'.repeat(32), 1]],
  ['the kinds', ['request', 'kinds'], ['images', ['faces'], Array(99).fill('images'), null]],
  ['the folder of aligned pictures', ['request', 'align', 'folder'], ['.ffhq', '..', 'a/b', '', '/etc', 9]],
  ['the shift', ['request', 'align', 'options', 'randomShift'], [-1, 1e9, Number.NaN, '0']],
  ['where originals lie', ['request', 'align', 'sourceDir'], ['here', 7]],
  ['the manifest', ['request', 'manifest'], [{ name: 'mine' }, { name: 'other' }, 'official', null]],
  ['attempts', ['request', 'numAttempts'], [0, 1e9, 1.5, '10']],
  ['the source', ['request', 'source'], [{ name: 7 }, 'google-drive', null]],
  ['what is to be fetched', ['request', 'fetch'], ['everything', undefined]],
])('%s', (_what, path, values) => {
  test.each(values.map((value) => [value]))('as %j is refused, and the refusal names the field', (value) => {
    const field = path.at(-1) ?? '';
    expect(() => checkInput(changed(bundle, path, value))).toThrow(RequestError);
    expect(() => checkInput(changed(bundle, path, value))).toThrow(new RegExp(`${field}|files`));
  });
});

test('what an Activity needs may not be missing, and the refusal names it', () => {
  expect(() => checkInput(bundle, ['files'])).not.toThrow();
  const { files: _, ...without } = bundle;
  expect(() => checkInput(without, ['files'])).toThrow(RequestError);
  expect(() => checkInput(without, ['run', 'files'])).toThrow('[files]: expected a value');
});

test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty', 'valueOf'])(
  'a manifest or a licence named %s, as what every object has, is refused as any other unknown name',
  (name) => {
    for (const field of ['manifest', 'license']) {
      const hostile = changed(bundle, ['request', field], { name });
      expect(() => checkInput(hostile)).toThrow(RequestError);
      expect(() => checkInput(hostile)).toThrow(`[request.${field}]: expected a name of official`);
    }
  },
);

test('whatever comes, it passes or is refused, at once', () => expectLaw(activityInputs));
