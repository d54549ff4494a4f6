import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PHOTOS_FOLDER, readAlign } from '../../../src/commands/flags/align-flags.ts';
import { flagLinesOf } from '../../../src/commands/flags/card-flags.ts';
import { declaredSpelling } from '../../../src/commands/flags/flag-spelling.ts';
import { makeRunRequest, readRunOptions } from '../../../src/commands/flags/run-flags.ts';
import { longFlagsOf, makeProgram } from '../../../src/commands/program.ts';
import { isDefaultMode } from '../../../src/domain/align/align-options.ts';
import { md5Of } from '../../../src/domain/dataset/digest.ts';
import type { Md5 } from '../../../src/domain/dataset/ids.ts';
import { CommandFailure } from '../../../src/domain/failure/command-failure.ts';
import { isUrl } from '../../../src/domain/run/manifest-route.ts';
import { type AlignRequest, canonicalRequest, type RunRequest } from '../../../src/domain/run/request.ts';
import { cardAfter, cardsOf, type FolderCard } from '../../../src/domain/verify/folder-card.ts';

const folders = { given: '/data', project: '/project' };
const flags = longFlagsOf(makeProgram(async () => {}, '0'));

/** What a command line asks for, by the program's own parser. */
function requestOf(words: readonly string[]): RunRequest {
  let request: RunRequest | undefined;
  const program = makeProgram(async (_verb, values, [photos]) => {
    const options = readRunOptions(values, folders);
    if (photos === undefined) {
      request = makeRunRequest(options);
      return;
    }
    const align = readAlign(values, folders, true, PHOTOS_FOLDER) as AlignRequest;
    request = makeRunRequest({
      ...{ ...options, kinds: ['align'], license: { name: 'none' } },
      manifest: { name: 'photos', folder: photos, landmarks: String(values.landmarks) },
      align: { ...align, sourceDir: photos },
    });
  }, '0');
  for (const command of program.commands) command.exitOverride();
  program.parse(declaredSpelling(words, flags), { from: 'user' });
  if (request === undefined) throw new Error(`expected a request, got none of ${words.join(' ')}`);
  return request;
}

/** The words of a printed line, as a shell gives them to a program. */
function wordsOf(line: string): string[] {
  const said = execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' });
  const words = said.split('\0').slice(0, -1);
  return words[0] === 'align-photos' ? words : ['verify', ...words];
}

const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .filter((text) => !text.includes('\0'));
const path = name.map((text) => `/somewhere/${text}`);
const url = fc
  .tuple(fc.constantFrom('http://mirror.lan:81', 'https://data.lan', "http://it's.lan"), name)
  .map(([origin, text]) => `${origin}/${encodeURIComponent(text)}'(x)/`)
  .filter((text) => URL.canParse(text));

const maybe = (...of: fc.Arbitrary<string[]>[]) => fc.oneof(fc.constant<string[]>([]), ...of);
const data = fc
  .tuple(
    maybe(
      fc.constant(['--manifest', 'official']),
      fc.oneof(path, url).map((at) => ['--manifest', at]),
      fc
        .tuple(path, name)
        .map(([at, text]) => ['--manifest', at, '--manifest-md5', md5Of(Buffer.from(text))]),
    ),
    maybe(
      fc.constant(['--license-url', 'none']),
      url.map((at) => ['--license-url', at]),
    ),
    maybe(
      url.map((at) => ['--mirror-url', at]),
      path.map((at) => ['--source-path', at]),
    ),
    maybe(fc.constant(['--allow-host', 'other.lan']), fc.constant(['--allow-host', '[::1]:8080'])),
  )
  .map((words) => words.flat());

const shift = fc.integer({ min: 1, max: 10 ** 12 }).map((billionths) => (billionths / 1e9).toFixed(9));
const way = fc
  .tuple(
    fc.subarray(['--no-rotation', '--no-padding', '--retry-crops', '--file-identical']),
    maybe(shift.map((by) => ['--random-shift', by])),
    maybe(fc.constantFrom('mine', '-mine', '--images', 'a.b').map((folder) => [`--align-dir=${folder}`])),
  )
  .map((words) => words.flat());
const ids = maybe(fc.constantFrom('0-9', '5', '7-1009,60000').map((ranges) => ['--ids', ranges]));
const run = fc
  .tuple(
    data,
    fc.subarray(['--images', '--thumbs', '--wilds', '--tfrecords']),
    maybe(
      way.map((words) => ['--align', ...words]),
      fc.tuple(way, path).map(([words, at]) => ['--align', ...words, '--source-dir', at]),
      fc.constant(['--wilds', '--align', '--discard-originals']),
    ),
    ids,
  )
  .map((words) => ['run', ...words.flat()]);
const photos = fc
  .tuple(path, path, way)
  .map(([folder, landmarks, words]) => ['align-photos', folder, '--landmarks', landmarks, ...words]);

/** A folder that such commands have filled, one after the other. */
const filled = fc
  .array(fc.oneof({ weight: 3, arbitrary: run }, photos), { minLength: 1, maxLength: 4 })
  .map((commands) =>
    commands.reduce<FolderCard | undefined>((card, words) => {
      let request: RunRequest;
      try {
        request = requestOf(words);
      } catch (error) {
        if (error instanceof CommandFailure) return card;
        throw error;
      }
      return cardAfter(card, md5Of(Buffer.from(JSON.stringify(request.manifest))), request);
    }, undefined),
  );

/** What is asked for, part by part: one kind, or one way of aligning, of some records of a manifest. */
function partsOf(request: Omit<RunRequest, 'trust' | 'fetch' | 'numAttempts'>): string[] {
  const { manifest, license, source, allowedHosts, kinds, align, idsOf, ids: all } = request;
  const ofData = { manifest, license, source, allowedHosts };
  if (kinds.length === 0) return [canonicalRequest(ofData as unknown as RunRequest)];
  return kinds.map((kind) => {
    const part = { ...ofData, kind, ids: idsOf?.[kind] ?? all, ...(kind === 'align' ? { align } : {}) };
    return canonicalRequest(part as unknown as RunRequest);
  });
}

/** No flag asks for originals to go where nothing tells when: that only the folder remembers. */
function sayable(align: AlignRequest): AlignRequest {
  const mayGo = align.sourceDir === undefined && isDefaultMode(align.options);
  return { ...align, discardOriginals: align.discardOriginals && mayGo };
}

/** Of a manifest by URL the digest is named too: only by that a text in the folder is known. */
function sayableManifest(manifest: RunRequest['manifest'], md5: string): RunRequest['manifest'] {
  const isByUrl = manifest.name === 'other' && isUrl(manifest.location);
  return isByUrl ? { ...manifest, md5: manifest.md5 ?? (md5 as Md5) } : manifest;
}

test('the flags that are printed for a folder ask, by the program`s own parser, for what its runs asked for', () => {
  fc.assert(
    fc.property(filled, (card) => {
      if (card === undefined) return;
      const held = cardsOf(card).flatMap(({ md5, request: said, kinds = [], idsOf = {}, aligned = [] }) => {
        const request = { ...said, manifest: sayableManifest(said.manifest, md5) };
        const others = kinds.filter((kind) => kind !== 'align');
        const ways = aligned.map((align) =>
          partsOf({ ...request, kinds: ['align'], idsOf, align: sayable(align) }),
        );
        const isEmpty = others.length === 0 && ways.length > 0;
        return [...(isEmpty ? [] : partsOf({ ...request, kinds: others, idsOf })), ...ways.flat()];
      });
      const asked = flagLinesOf(card).map((line) => requestOf(wordsOf(line)));
      const parts = asked.flatMap(partsOf);
      for (const part of held) expect(parts).toContain(part);
      // Where originals go, a command must name them too.
      const besides = asked
        .filter(({ align }) => align?.discardOriginals)
        .flatMap((request) => partsOf({ ...request, kinds: ['wilds'] }));
      for (const part of parts) expect([...held, ...besides]).toContain(part);
    }),
    { numRuns: 150 },
  );
}, 60_000);

test('for a folder of photographs the command is printed that aligns them', () => {
  const request = requestOf(['align-photos', "/my photos/it's", '--landmarks', '/f.json', '--no-padding']);
  expect(flagLinesOf(cardAfter(undefined, md5Of(Buffer.from('x')), request))).toEqual([
    "align-photos '/my photos/it'\\''s' --landmarks /f.json --no-padding",
  ]);
});

test('every flag of a source and of a choice of records is printed', () => {
  const words = ['--images', '--source-path', '/copy', '--ids', '0-9'];
  const request = requestOf(['run', ...words]);
  const [line = ''] = flagLinesOf(cardAfter(undefined, md5Of(Buffer.from('x')), request));
  expect(line).toContain('--source local-dir --source-path /copy');
  expect(line).toContain('--ids 0-9');
  // Of a source that this version does not know, its name is all there is to say.
  const odd = { md5: 'x', request: { ...request, source: { name: 'floppy', drive: 'a' } } };
  expect(flagLinesOf(odd)).toEqual(['--manifest official --source floppy']);
});
