import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { readAsk } from '../../../src/activities/selection/asks.ts';
import { readSelection, writeSelection } from '../../../src/activities/selection/selection-notes.ts';
import { makeRunRequest } from '../../../src/commands/flags/run-flags.ts';
import { readOptions } from '../../../src/commands/planning/apply-plan.ts';
import { md5Of, sha256Of } from '../../../src/domain/dataset/digest.ts';
import type { ImageId } from '../../../src/domain/dataset/ids.ts';
import { statePaths } from '../../../src/domain/dataset/layout.ts';
import { ManifestError } from '../../../src/domain/dataset/manifest.ts';
import { CommandFailure } from '../../../src/domain/failure/command-failure.ts';
import { StoreError } from '../../../src/domain/failure/store-failure.ts';
import { PLAN_MARK, parsePlanFile, planFileText } from '../../../src/domain/planning/plan-file.ts';
import { canonicalJson, canonicalRequest } from '../../../src/domain/run/request.ts';
import { askText, parseAsk, type SelectionAsk } from '../../../src/domain/selection/ask.ts';
import { digestOfAsk, selectionRequest } from '../../../src/domain/selection/ask-digest.ts';
import { Selector } from '../../../src/domain/selection/select.ts';
import { alignByDefault } from '../../support/datasets/serve-dataset.ts';
import { requestOf } from '../../support/request-of.ts';
import { makeTestKeyFile, testSeal } from '../../support/test-key.ts';
import { hostileBytes, spoilt } from '../hostile/bytes.ts';
import { hostileJson, textOf } from '../hostile/json.ts';
import { law } from '../law.ts';

const md5 = md5Of(Buffer.from(''));
const ask: SelectionAsk = {
  ...{ ids: '0-9,20', splits: ['diffae:test'], categories: ['training'], underLicenses: ['by', 'cc0'] },
  ...{ countries: ['', 'spain'], authors: [sha256Of('somebody')], pick: 5, seed: 7, limit: 3 },
};
const request = requestOf({
  ...{ kinds: ['images', 'wilds', 'align'], license: { name: 'none' }, numAttempts: 10 },
  manifest: { name: 'other', location: 'http://host/m.json', md5 },
  ...{ source: { name: 'http-mirror', baseUrl: 'http://mirror/' }, allowedHosts: ['host:80', 'mirror:80'] },
  ...{ align: alignByDefault, selection: selectionRequest(ask) },
});
const plan = {
  ...{ request, ask, manifestMd5: md5, neededBytes: 7 },
  kinds: [{ kind: 'images', files: 3, bytes: 9, thereFiles: 1, thereBytes: 3 }],
  figures: { inodes: { needed: 1, free: 2 }, requests: { source: 'http-mirror', requests: 2 } },
} as const;
const markOf = (digest: string) => testSeal.mark(PLAN_MARK, digest);
const valid = JSON.parse(planFileText(plan, markOf)) as Record<string, unknown>;

/** A plan that somebody else wrote is refused in a sentence, or asks for what flags could ask for, and nothing else. */
export const plans = law(
  'plans',
  60,
  fc.record({ json: hostileJson(), isSealed: fc.boolean() }),
  async ({ json, isSealed }, { store }) => {
    const { digest: _, mark: __, ...body } = valid;
    const spoiltText = textOf(isSealed ? body : valid, json);
    const path = join(store, 'plan.json');
    const key = makeTestKeyFile(store);
    writeFileSync(path, isSealed ? withDigest(spoiltText) : spoiltText);
    const read = parsePlanFile(isSealed ? withDigest(spoiltText) : spoiltText);
    try {
      const folders = { given: store, project: '/project' };
      const options = await readOptions(
        {
          folders,
          config: { keyFile: { path: key, isGiven: true } },
          interrupt: new AbortController().signal,
        },
        { apply: path },
      );
      if ('problem' in read) throw new Error('a plan that is none was taken');
      if (canonicalRequest(makeRunRequest(options)) !== canonicalRequest(read.plan.request))
        throw new Error('another request than the plan has');
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      if (json.edits.length === 0) throw new Error('a plan as it was saved was refused', { cause: error });
    }
  },
);

function withDigest(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    if (body === null || typeof body !== 'object' || Array.isArray(body)) return text;
    const digest = sha256Of(canonicalJson(body));
    return JSON.stringify({ ...body, digest, mark: markOf(digest) });
  } catch {
    return text;
  }
}

/** Whatever lies in the folder as what was asked for, or as what was selected, is that or is passed over. */
export const selections = law(
  'selections',
  40,
  fc.record({ json: hostileJson(), bytes: hostileBytes(), isAsk: fc.boolean() }),
  async ({ json, bytes, isAsk }, { store }) => {
    mkdirSync(join(store, statePaths.asks), { recursive: true });
    const text = textOf(ask, json);
    const digest = digestOfAsk(ask);
    writeFileSync(
      join(store, statePaths.ask(digest)),
      isAsk ? text : spoilt(Buffer.from(askText(ask)), bytes),
    );
    const known = await quietly(() => readAsk(store, digest));
    if (known !== undefined && askText(known) !== askText(ask))
      throw new Error('another ask under its digest');
    const path = join(store, statePaths.selection);
    const selected = { ids: '0-3', records: 4, of: 9, steps: [] };
    const written = await writeSelection(path, { asked: digest, ask, md5, selected }, testSeal);
    writeFileSync(path, isAsk ? textOf(written, json) : spoilt(Buffer.from(JSON.stringify(written)), bytes));
    if ((await quietly(() => readSelection(path, testSeal))) !== undefined)
      throw new Error('a selection without our seal was taken');
    // An ask of somebody with the key: it selects, or says why not.
    const given = parseAsk(text);
    if (given === undefined) return;
    const selector = new Selector(given);
    for (const id of [0, 1, 20, 60_000])
      selector.add({ ...facts, id: id as ImageId, country: id === 1 ? 'Spain' : '' });
    try {
      selector.finish();
    } catch (error) {
      if (!(error instanceof ManifestError)) throw error;
    }
  },
);

const facts = {
  category: 'training',
  licenseUrl: 'https://creativecommons.org/licenses/by/2.0/',
  author: 'somebody',
  photoUrl: '',
};

async function quietly<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StoreError) return undefined;
    throw error;
  }
}
