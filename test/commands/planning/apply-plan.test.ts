import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Seal } from '../../../src/activities/records/seal.ts';
import { chainOf } from '../../../src/activities/sources/index.ts';
import { makeRunRequest, readRunOptions } from '../../../src/commands/flags/run-flags.ts';
import { readOptions } from '../../../src/commands/planning/apply-plan.ts';
import { md5Of, sha256Of } from '../../../src/domain/dataset/digest.ts';
import {
  PLAN_MARK,
  type PlanFile,
  parsePlanFile,
  planFileText,
} from '../../../src/domain/planning/plan-file.ts';
import { canonicalJson, type RunRequest } from '../../../src/domain/run/request.ts';
import { SECOND } from '../../../src/domain/run/time-units.ts';
import type { SelectionAsk } from '../../../src/domain/selection/ask.ts';
import { selectionRequest } from '../../../src/domain/selection/ask-digest.ts';
import { alignByDefault } from '../../support/datasets/serve-dataset.ts';
import { requestOf } from '../../support/request-of.ts';
import { makeTestKeyFile, testSeal } from '../../support/test-key.ts';

const markOf = (digest: string) => testSeal.mark(PLAN_MARK, digest);

let folder: string;
let plan: PlanFile;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ffhq-test-plan-'));
  const location = join(folder, 'manifest.json');
  writeFileSync(location, '{}');
  const md5 = md5Of(Buffer.from('{}'));
  const ask = { underLicenses: ['by'], pick: 3, seed: 5 } as const;
  plan = {
    request: requestOf({
      ...{ kinds: ['wilds', 'align'], manifest: { name: 'other', location, md5 }, license: { name: 'none' } },
      ...{ source: { name: 'local-dir', path: folder }, selection: selectionRequest(ask), numAttempts: 10 },
      align: { ...alignByDefault, discardOriginals: true },
    }),
    ...{ ask, manifestMd5: md5, neededBytes: 9 },
    kinds: [{ kind: 'wilds', files: 3, bytes: 9, thereFiles: 0, thereBytes: 0 }],
    figures: { inodes: { needed: 1, free: 2 }, requests: { source: 'local-dir', requests: 0 } },
  };
});
afterAll(() => rmSync(folder, { recursive: true }));

const context = () => ({
  config: { keyFile: { path: makeTestKeyFile(folder), isGiven: true } },
  folders: { given: folder, project: '/project' },
  interrupt: new AbortController().signal,
});

function save(given: PlanFile | string): string {
  writeFileSync(join(folder, 'plan.json'), typeof given === 'string' ? given : planFileText(given, markOf));
  return 'plan.json';
}

const apply = (given: PlanFile | string, values: Record<string, unknown> = {}) =>
  readOptions(context(), { ...values, apply: save(given) });

test('a plan runs as it was made, without a flag beside it or with those that say the same', async () => {
  const options = await apply(plan, { out: 'there' });
  expect(makeRunRequest(options)).toEqual(plan.request);
  expect(options).toMatchObject({ out: join(folder, 'there'), selection: plan.ask });
  const { manifest } = plan.request;
  const location = manifest.name === 'other' ? manifest.location : '';
  await apply(plan, { wilds: true, align: true, discardOriginals: true, manifest: location });
});

test('a plan is run from any folder, the project’s own too, once it is said where to', async () => {
  const { apply, out } = { apply: save(plan), out: join(folder, 'there') };
  const inProject = { ...context(), folders: { given: folder, project: folder } };
  await expect(readOptions(inProject, { apply })).rejects.toThrow('give one with --out DIR');
  expect((await readOptions(inProject, { apply, out: join(tmpdir(), 'there') })).selection).toEqual(plan.ask);
  expect((await readOptions(context(), { apply, out })).out).toBe(out);
});

test('a plan of several mirrors, and of some archives, asks for those', async () => {
  const { selection: _, ...request } = plan.request;
  const mirrors = ['https://a.example/ffhq', 'https://b.example/{path}'];
  const asked = readRunOptions(
    {
      images: true,
      zips: 'tfrecords',
      zipId: ['tfrecords=1SYUmqKdLoTYq-kqsnsPniLScMhspvl5v'],
      mirrorUrl: mirrors,
      out: 'there',
    },
    context().folders,
  );
  const made = { ...makeRunRequest(asked), manifest: request.manifest, license: { name: 'none' as const } };
  const { ask: __, ...rest } = plan;
  expect(makeRunRequest(await apply({ ...rest, request: made }))).toEqual(made);
});

test('a plan of several sources says of each how often it is asked, in words too, and runs exactly as it was made', async () => {
  const { selection: _, align: __, ...request } = plan.request;
  const source = chainOf(
    [{ name: 'zip', archive1: join(folder, 'a.zip') }, { name: 'google-drive' }],
    90 * SECOND,
  );
  const kinds = ['wilds'] as const;
  const figures = {
    ...plan.figures,
    requests: { source: 'zip', requests: 0 },
    others: [{ source: 'google-drive', requests: 3 }],
    copies: { files: 1, bytes: 3 },
  };
  const { ask: ___, ...rest } = plan;
  const chained = { ...rest, request: { ...request, kinds, source }, figures };
  const { says, others, copies } = JSON.parse(planFileText(chained));
  expect(says[0]).toBe('requests: 0 to zip; at most 3 to google-drive, for what zip does not give');
  expect({ others, copies }).toEqual({ others: figures.others, copies: figures.copies });
  expect(makeRunRequest(await apply(chained))).toEqual(chained.request);
  await expect(apply(chained, { source: 'google-drive' })).rejects.toThrow('[--source]');
});

test.each<[string, Record<string, unknown>]>([
  ['--images', { images: true }],
  ['--ids', { ids: '0-9' }],
  ['--category', { category: 'training' }],
  ['--manifest', { manifest: 'other.json' }],
  ['--manifest', { manifest: 'manifest.json', manifestMd5: '0'.repeat(32) }],
  ['--source', { source: 'google-drive', allowHost: ['example.com'] }],
  ['--num_attempts', { num_attempts: '3' }],
  ['--accept', { accept: 'pixels' }],
  ['--no-rotation', { rotation: false }],
  ['--random-shift', { randomShift: '0.5' }],
  ['--retry-crops', { retryCrops: true }],
  ['--no-padding', { padding: false }],
  ['--source-dir', { sourceDir: 'elsewhere' }],
  ['--align-dir', { alignDir: 'elsewhere' }],
  ['--file-identical', { fileIdentical: true }],
])('a flag that says something else is refused: %s', async (flag, values) => {
  await expect(apply(plan, values)).rejects.toThrow(`[${flag}`);
});

test('of a plan that aligns, flags that say the same are welcome without --align, each alone', async () => {
  const align = { ...alignByDefault, folder: 'mine', fileIdentical: true };
  const { selection: _, ...request } = plan.request;
  const { ask: __, ...rest } = plan;
  const aligns = { ...rest, request: { ...request, align } };
  for (const values of [{ alignDir: 'mine' }, { fileIdentical: true }, { alignDir: 'mine', rotation: true }])
    expect(makeRunRequest(await apply(aligns, values)).align).toEqual(align);
});

test('a manifest that is another by now is refused before anything begins', async () => {
  const { manifest } = plan.request;
  if (manifest.name !== 'other') throw new Error('unreachable');
  const elsewhere = join(folder, 'changed.json');
  writeFileSync(elsewhere, '{"0":{}}');
  const changed = { ...plan, request: { ...plan.request, manifest: { ...manifest, location: elsewhere } } };
  await expect(apply(changed)).rejects.toThrow(/expected the manifest .*changed.json of MD5 .*, got one of/);
});

test('a manifest that is no file is refused by the name of its plan, and one by a link is followed', async () => {
  const { manifest } = plan.request;
  if (manifest.name !== 'other') throw new Error('unreachable');
  const at = (location: string) => ({
    ...plan,
    request: { ...plan.request, manifest: { ...manifest, location } },
  });
  const pipe = join(folder, 'manifest.pipe');
  execFileSync('mkfifo', [pipe]);
  const astray = join(folder, 'astray');
  symlinkSync(astray, astray);
  for (const location of ['/dev/zero', pipe, folder, astray])
    await expect(apply(at(location))).rejects.toMatchObject({
      message: expect.stringMatching(
        /^plan \[file=.*plan.json\]: expected the manifest .* cannot be read as a file/,
      ),
      exitCode: 2,
    });
  const link = join(folder, 'link.json');
  symlinkSync(manifest.location, link);
  expect(makeRunRequest(await apply(at(link))).manifest).toMatchObject({ location: link });
});

test('a named pipe in place of a plan is refused, and not waited for', async () => {
  execFileSync('mkfifo', [join(folder, 'pipe.json')]);
  await expect(readOptions(context(), { apply: 'pipe.json' })).rejects.toThrow(
    /plan \[file=.*pipe.json\]: expected a file, got something else/,
  );
});

/** With a digest of its own: whoever wrote it had this program. */
function forged(change: (body: Record<string, unknown>) => void): string {
  const { digest: _, ...body } = JSON.parse(planFileText(plan)) as Record<string, unknown>;
  change(body);
  return JSON.stringify({ ...body, digest: sha256Of(canonicalJson(body)) });
}

const changed = (change: Partial<RunRequest>) =>
  forged((body) => {
    body.request = { ...plan.request, ...change };
  });

test.each<[string, () => string, RegExp]>([
  ['not JSON', () => 'plan', /expected a plan that --plan has saved/],
  ['of another version', () => forged((body) => Object.assign(body, { version: 2 })), /of another version/],
  [
    'changed by hand',
    () => planFileText(plan).replace('"pick": 3', '"pick": 4'),
    /its digest is of another text/,
  ],
  [
    'of another selection',
    () => forged((body) => Object.assign(body, { ask: { pick: 4 } })),
    /could ask for/,
  ],
  ['of no selection', () => forged((body) => Object.assign(body, { ask: undefined })), /could ask for/],
  ['of an unknown source', () => changed({ source: { name: 'ftp' } }), /could ask for/],
  ['that only looks', () => changed({ fetch: 'nothing' }), /could ask for/],
  [
    'into a folder of the dataset',
    () => changed({ align: { ...alignByDefault, folder: 'images1024x1024' } }),
    /align-dir/,
  ],
  ['with a host that is none', () => changed({ allowedHosts: ['https://example.com/'] }), /--allow-host/],
  [
    'with a secret in its URL',
    () => changed({ manifest: { name: 'other', location: 'https://u:hunter2@example.com/m.json' } }),
    /--manifest/,
  ],
])('a plan %s is refused in a sentence', async (_, text, message) => {
  const failure = await apply(text()).catch((error: unknown) => error);
  expect(String(failure)).toMatch(message);
  expect(String(failure)).not.toContain('hunter2');
});

const asking = (ask: SelectionAsk) =>
  forged((body) => {
    body.ask = ask;
    body.request = { ...plan.request, selection: selectionRequest(ask) };
  });

test.each<[string, SelectionAsk]>([
  ['other records of each kind', { idsOf: { images: '0-2' } }],
  ['a seed without a pick', { seed: 5, limit: 3 }],
  ['a pick without a seed', { pick: 3 }],
  ['no licence at all', { underLicenses: [], limit: 3 }],
  ['no author at all', { authors: [], limit: 3 }],
  ['no country at all', { countries: [] }],
  ['nothing', {}],
  ['plain ids, which need no selection', { ids: '0-9' }],
  ['ids in other words', { ids: '0,1,2', limit: 3 }],
  ['a country that a terminal would act on', { countries: ['\u001b[31mhacked\n'], limit: 3 }],
  ['a country that turns the text around', { countries: ['rm -rf\u202e'], limit: 3 }],
  ['two countries as one', { countries: ['france,spain'] }],
  ['one licence twice', { underLicenses: ['by', 'by'] }],
])('a selection that no flag asks for is not run: %s', async (_, ask) => {
  await expect(apply(asking(ask))).rejects.toMatchObject({ exitCode: 2 });
});

test.each<[string, SelectionAsk]>([
  [
    'all of it',
    {
      ...{ ids: '0-9,20', splits: ['diffae:test'], categories: ['training'], underLicenses: ['by', 'cc0'] },
      ...{ countries: ['', 'spain'], authors: [sha256Of('somebody')], pick: 5, seed: 7, limit: 3 },
    },
  ],
  ['authors alone', { authors: [sha256Of('somebody')] }],
  ['authors and plain ids', { ids: '0-9', authors: [sha256Of('somebody')] }],
  ['many ids', { ids: Array.from({ length: 2_000 }, (_, nth) => 2 * nth).join(',') }],
])('a selection that flags ask for is run: %s', async (_, ask) => {
  const own = { ...plan, ask, request: { ...plan.request, selection: selectionRequest(ask) } };
  expect((await apply(own)).selection).toEqual(ask);
});

test('equal plans have equal texts, and what was saved is read again', () => {
  const text = planFileText(plan);
  expect(planFileText(structuredClone(plan))).toBe(text);
  const { figures: _, ...rest } = plan;
  expect(parsePlanFile(text)).toMatchObject({ plan: rest });
});

/** As its user would have asked for it, for a stranger's sake: the flags that it takes, and the request. */
const strangers = () => {
  const values = {
    ...{ wilds: true, align: true, discardOriginals: true, alignDir: 'theirs', manifest: 'manifest.json' },
    ...{ licenseUrl: 'http://169.254.169.254/latest/', mirrorUrl: ['http://10.0.0.1:8080/'] },
    allowHost: ['evil.example'],
  };
  const { selection: _, ...request } = plan.request;
  const { ask: __, ...rest } = plan;
  const asked = makeRunRequest(readRunOptions({ ...values, out: 'out' }, context().folders));
  return { values, plan: { ...rest, request: { ...request, ...asked, manifest: request.manifest } } };
};

const asked = [
  '--manifest FOLDER/manifest.json',
  '--license-url http://169.254.169.254/latest/',
  '--source http-mirror --mirror-url http://10.0.0.1:8080/',
  '--allow-host evil.example',
  '--align-dir theirs',
  '--wilds --align --discard-originals',
];
const flagsOf = (text: string) => text.replaceAll(folder, 'FOLDER');

test.each<[string, ((digest: string) => string) | undefined]>([
  ['none', undefined],
  ['another key', (digest) => new Seal(Buffer.alloc(40, 'x')).mark(PLAN_MARK, digest)],
  ['another plan', () => markOf('another')],
])(
  'a plan with the mark of %s names no host, source or folder, and has nothing go, by itself',
  async (_, mark) => {
    const { values, plan: theirs } = strangers();
    const text = planFileText(theirs, mark);
    const failure = await apply(text).catch((error: unknown) => error);
    expect(failure).toMatchObject({ exitCode: 2 });
    expect(flagsOf(String((failure as Error).message))).toContain(asked.join(' '));
    // Those that are left out are asked for.
    const { mirrorUrl: __, ...others } = values;
    await expect(apply(text, others)).rejects.toThrow(
      /mean them:\n?.*--source http-mirror --mirror-url [^ ]*$/s,
    );
    const { notes = [], ...options } = await apply(text, values);
    expect(makeRunRequest(options as never)).toEqual(theirs.request);
    expect(notes.map(flagsOf)).toEqual(asked.map((flags) => `this plan asks for ${flags}`));
  },
);

test('a plan of one’s own runs as it is, and says what it asks for', async () => {
  const { notes = [] } = await apply(strangers().plan);
  expect(notes.map(flagsOf)).toEqual(asked.map((flags) => `this plan asks for ${flags}`));
});
