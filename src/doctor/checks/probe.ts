import type { Source } from '../../activities/sources/contract/source.ts';
import { SourceRequestError } from '../../activities/sources/contract/source-definition.ts';
import {
  asksFileUrls,
  definitionOf,
  describeSource,
  sourceDefinitions,
} from '../../activities/sources/index.ts';
import { makeSourceBook, type SourceBook } from '../../activities/sources/source-book.ts';
import { readConfig } from '../../config.ts';
import type { FileSpec } from '../../domain/dataset/file-spec.ts';
import { LICENSE_FILE, MANIFEST_FILE } from '../../domain/dataset/layout.ts';
import { driveUrl, officialLicense } from '../../domain/dataset/reference-files.ts';
import { sourceReasons } from '../../domain/failure/reasons.ts';
import type { SourceFailureReason } from '../../domain/failure/source-failure.ts';
import { kinds } from '../../domain/kinds.ts';
import { isUrl } from '../../domain/run/manifest-route.ts';
import type { SourceRequest } from '../../domain/run/request.ts';
import type { Answer, Clock, Finding } from '../finding.ts';
import { note, ok, problem } from '../finding.ts';
import type { Asked, Question } from '../question.ts';
import { refusalOf } from '../said.ts';

/** Bytes that are asked for, of one file. */
const RANGE = 1024;

/** Milliseconds for everything together, redirects too; of a folder, for its disk. */
const PATIENCE_MS = 14_000;
const FOLDER_MS = 6_000;
const TIMEOUTS = { connect: 8_000, headers: 10_000, bodyIdle: 10_000 };

/** What is asked where no flag names another one. */
const usual = { name: sourceDefinitions[0]?.name ?? '' };

/** Asks one source once, for the beginning of one small file, as a worker would. */
export default async function probe({
  asked,
  ...question
}: Question & { readonly asked: Asked }): Promise<Answer> {
  const { proxies, tokens, googleOrigin, googleQuota } = readConfig(process.env);
  const clocks: Clock[] = [];
  const book = makeSourceBook({
    connections: 1,
    timeouts: TIMEOUTS,
    googleOrigin,
    network: { ...question.network, proxies, tokens },
    env: process.env,
    google: { quota: googleQuota, driveIds: question.network.driveIds },
    onAnswer: ({ host, date, askedAt }) => {
      const at = Date.parse(date ?? '');
      // The header was written somewhere between question and answer, in whole seconds.
      if (!Number.isNaN(at)) clocks.push({ host, aheadMs: (askedAt + Date.now()) / 2 - at });
    },
  });
  try {
    return { findings: await ask(asked, question, book), clocks };
  } finally {
    await book.close();
  }
}

async function ask(asked: Asked, question: Question, book: SourceBook): Promise<readonly Finding[]> {
  const { source, manifest, allowedHosts } = question;
  switch (asked) {
    case 'source': {
      const findings = await Promise.all(
        placesOf(source).map((place) => askPlace(place, allowedHosts, book)),
      );
      // Where one of several answers, a run goes on.
      const isServed = findings.some(({ status }) => status === 'ok');
      return findings.map((one) => (isServed && one.status === 'problem' ? { ...one, status: 'note' } : one));
    }
    case 'drive': {
      if (source.name === usual.name) return [];
      // Nothing is fetched from there.
      return [
        await asking('Google Drive', describeSource(usual), () => book.open(usual, []), driveLicense, note),
      ];
    }
    case 'manifest': {
      if (manifest.name !== 'other' || !isUrl(manifest.location)) return [];
      const { host } = new URL(manifest.location);
      const file = { ...manifestBelow, url: manifest.location };
      return [
        await asking('manifest', `--manifest at ${host}`, () => book.namedUrl(allowedHosts), file, problem),
      ];
    }
    default:
      return asked satisfies never;
  }
}

/** Each place of a source alone; what cannot be read is told by whoever opens it. */
function placesOf(source: SourceRequest): readonly SourceRequest[] {
  try {
    return definitionOf(source).places?.(source) ?? [source];
  } catch (error) {
    if (error instanceof SourceRequestError) return [source];
    throw error;
  }
}

/** Asks for the manifest's beginning; a copy that holds pictures alone has none, and is asked for the first of those. */
async function askPlace(
  place: SourceRequest,
  allowedHosts: readonly string[],
  book: SourceBook,
): Promise<Finding> {
  const asks = (file: FileSpec) =>
    asking(
      `source ${place.name}`,
      describeSource(place),
      () => book.open(place, allowedHosts),
      file,
      problem,
    );
  if (asksFileUrls(place)) return asks(driveLicense);
  const finding = await asks(manifestBelow);
  if (finding.status === 'ok' || !finding.found.includes(': missing (')) return finding;
  const ofPicture = await asks(firstPicture);
  return ofPicture.status === 'ok' ? ofPicture : finding;
}

/** The smallest of the official files on Drive: it needs no confirmation. */
const driveLicense: FileSpec = {
  kind: 'licenses',
  key: LICENSE_FILE,
  url: driveUrl(kinds.images.license),
  path: LICENSE_FILE,
  ...officialLicense,
};

/** What every copy of the tree has; another dataset's may have any size. */
const manifestBelow: FileSpec = { kind: 'json', key: MANIFEST_FILE, url: '', path: MANIFEST_FILE };

const firstPicture: FileSpec = {
  kind: 'images',
  key: '0',
  url: '',
  path: `${kinds.images.folder}/00000/00000.png`,
};

async function asking(
  check: string,
  what: string,
  open: () => Promise<Source>,
  file: FileSpec,
  whenNot: typeof problem,
): Promise<Finding> {
  let source: Source;
  try {
    source = await open();
  } catch (error) {
    if (!(error instanceof SourceRequestError)) throw error;
    return whenNot(check, error.message, 'set what it needs in the environment of each worker');
  }
  const folderFlag = folderFlagOf(source.name);
  const patienceMs = folderFlag === undefined ? PATIENCE_MS : FOLDER_MS;
  const signal = AbortSignal.timeout(patienceMs);
  try {
    return await Promise.race([beginning(check, what, source, file, whenNot, signal), aborted(signal)]);
  } catch (error) {
    const got = signal.aborted ? `no answer in ${patienceMs / 1000} s` : refusalOf(error);
    const todo = folderFlag === undefined ? adviceFor('timeout', file) : `look at the mount of ${folderFlag}`;
    return whenNot(check, `${what}: expected ${file.path}, got ${got}`, todo);
  }
}

/** The flag that names a folder, of a source that reads one. */
function folderFlagOf(name: string): string | undefined {
  const definition = sourceDefinitions.find((one) => one.name === name);
  return definition?.flags.find(({ value }) => value === '<dir>')?.flag;
}

/** Then there is no manifest to be expected: that it is missing shows that what lies there was read. */
function hasPicturesAlone(name: string): boolean {
  return sourceDefinitions.some((one) => one.name === name && one.hasPicturesAlone === true);
}

/** Reads the first bytes of a file. */
async function beginning(
  check: string,
  what: string,
  source: Source,
  file: FileSpec,
  whenNot: typeof problem,
  signal: AbortSignal,
): Promise<Finding> {
  const begunAt = performance.now();
  const end = Math.min(file.size ?? RANGE, RANGE);
  const opened = await source.open(file, { offset: 0, end }, signal);
  if (opened.status === 'failed') {
    const { reason, detail } = opened.failure;
    if (reason === 'missing' && hasPicturesAlone(source.name))
      return ok(check, `${what} can be read (${file.path} comes from elsewhere)`);
    const isOfList = reason === 'source-not-mounted' && asksFileUrls({ name: source.name });
    const todo = isOfList
      ? 'see that --drive-ids (or FFHQ_DRIVE_IDS) names a list that can be read'
      : adviceFor(reason, file);
    return whenNot(check, `${what}: ${reason} (${detail})`, todo);
  }
  let bytes = 0;
  for await (const piece of opened.body) {
    bytes += piece.length;
    if (bytes >= end) break;
  }
  if (bytes === 0)
    return whenNot(
      check,
      `${what}: ${file.path} is empty`,
      'look at the source: a run would get nothing of it',
    );
  const took = Math.round(performance.now() - begunAt);
  return ok(check, `${what} gave ${Math.min(bytes, end)} bytes of ${file.path} in ${took} ms`);
}

/** A disk that hangs hears no signal. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

const advice: Readonly<Partial<Record<SourceFailureReason, string>>> = {
  'network-down': 'look at the network, the name server and HTTPS_PROXY',
  timeout: 'look at the network and at HTTPS_PROXY; a run tries again',
  quota: 'nothing: a run waits for single files; signed-in access is refused less often',
  private: 'look whether the source wants a login or a token (FFHQ_TOKENS)',
  'source-not-mounted': 'mount it, or give another path',
};

function adviceFor(reason: SourceFailureReason, { path, url }: FileSpec): string {
  if (reason === 'missing' && url === '') {
    return `look at the URL or the folder of the source: no ${path} lies below it`;
  }
  return advice[reason] ?? sourceReasons[reason].advice ?? 'give another source with --source, or try later';
}
