import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command, OptionValues } from 'commander';
import { definitionOf, sourcesIn } from '../../activities/sources/index.ts';
import { allowedHostOf, isDriveHost, parseAllowedHost } from '../../domain/dataset/allowed-hosts.ts';
import type { ZipsRequest } from '../../domain/dataset/asked-files.ts';
import { parseMd5 } from '../../domain/dataset/ids.ts';
import { refused } from '../../domain/failure/command-failure.ts';
import type { TaskKind } from '../../domain/kinds.ts';
import { taskKinds } from '../../domain/kinds.ts';
import type { RunLimits } from '../../domain/limits/limits.ts';
import type {
  AlignRequest,
  LicenseRequest,
  ManifestRequest,
  RunRequest,
  SourceRequest,
} from '../../domain/run/request.ts';
import { selectionRequest } from '../../domain/selection/ask-digest.ts';
import { readAlign } from './align-flags.ts';
import { addZipFlags, readZips } from './archives/zip-flags.ts';
import { attributeOf } from './flag-spelling.ts';
import { readWanted, type Wanted } from './selection/selection-flags.ts';
import {
  addSourceFlags,
  readSource,
  readSourceOfSample,
  refuseUnfetched,
  sampleSourceFlags,
  sourceFlags,
} from './source-flags.ts';
import { byteCount, httpUrl, oneOf, shown, wholeNumber } from './values/option-values.ts';
import type { Folders } from './values/out-folder.ts';
import { chooseOut } from './values/out-folder.ts';
import { readLimits } from './worker-flags.ts';

/** What a verb that works on a dataset was told, once and for all. */
export interface RunOptions extends Wanted {
  readonly out: string;
  readonly sample: boolean;
  /** The sample has files over their quota. */
  readonly quota: boolean;
  readonly json: boolean;
  readonly stats: boolean;
  readonly kinds: readonly TaskKind[];
  readonly manifest: ManifestRequest;
  readonly license: LicenseRequest;
  readonly source: SourceRequest;
  readonly allowedHosts: readonly string[];
  readonly numAttempts: number;
  readonly bundleFiles: number | undefined;
  readonly bundleBytes: number | undefined;
  readonly takeOver: boolean;
  readonly accept: RunRequest['accept'];
  readonly align: AlignRequest | undefined;
  readonly zips: ZipsRequest | undefined;
  /** What the run may fetch, over all its workers. */
  readonly limits: RunLimits;
  /** What a flag said; of the rest `verify` asks as the folder was filled. */
  readonly says: Readonly<Record<'manifest' | 'license' | 'source', boolean>>;
  /** To be read before anything begins. @default none */
  readonly notes?: readonly string[];
}

const GIB = 1024 ** 3;

export function addTaskFlags(command: Command): Command {
  command
    .option('-j, --json', 'download metadata as JSON (ffhq-dataset-v2.json)')
    .option('-s, --stats', 'print statistics about the dataset')
    .option('-i, --images', 'download 1024x1024 images as PNG')
    .option('-t, --thumbs', 'download 128x128 thumbnails as PNG')
    .option('-w, --wilds', 'download in-the-wild images as PNG')
    .option('-r, --tfrecords', 'download multi-resolution TFRecords');
  return addZipFlags(command)
    .option('-a, --align', 'recreate 1024x1024 images from in-the-wild images')
    .option('--sample', 'use a small made-up dataset, served on this machine')
    .option('--quota', 'with --sample: some of its files are over their quota for a moment');
}

/** Which dataset, and which hosts it may come from. */
export function addDataFlags(command: Command): Command {
  command
    .option('--manifest <file-or-url>', 'another ffhq-dataset-v2.json, or official')
    .option('--manifest-md5 <md5>', 'MD5 that the other manifest must have')
    .option('--license-url <url>', 'licence text of the other dataset, or none');
  return addSourceFlags(command)
    .option('--accept <what>', 'pixels: a picture in another lossless encoding counts by its pixels')
    .option('--allow-host <host[:port]>', 'allow this host as well as Google Drive (repeatable)', collect);
}

/** How the work is cut up and how often it is tried. */
export function addBundleFlags(command: Command): Command {
  return command
    .option('--num_attempts <n>', 'failed attempts before a file is given up', '10')
    .option('--bundle-files <n>', 'files per Activity (default: by kind)')
    .option('--bundle-bytes <bytes>', 'bytes per Activity (default: by kind)');
}

export function addTakeOverFlag(command: Command): Command {
  return command.option('--take-over', 'take the folder from a run that will never come back');
}

export function addOutFlag(command: Command): Command {
  return command.option('--out <dir>', 'dataset folder (default: the current one)');
}

export function readRunOptions(values: OptionValues, folders: Folders): RunOptions {
  const sample = values.sample === true;
  if (sample) refuseWithSample(values);
  const data = sample ? dataOfSample(values, folders) : readData(values, folders);
  if (!sample) refuseUnfetched(values, folders, data.source);
  return {
    out: chooseOut(optionalText(values.out), sample, folders),
    sample,
    quota: readQuota(values),
    json: values.json === true,
    stats: values.stats === true,
    kinds: readKinds(values),
    ...data,
    numAttempts: wholeNumber('--num_attempts', 1, 1000)(text(values.num_attempts ?? '10')),
    bundleFiles: optional(values.bundleFiles, wholeNumber('--bundle-files', 1, 1000)),
    bundleBytes: optional(values.bundleBytes, byteCount('--bundle-bytes', 1, 64 * GIB)),
    takeOver: values.takeOver === true,
    accept: readAccept(values, data.source),
    align: readAlign(values, folders, values.align === true),
    ...readWanted(values, folders),
    zips: readZips(values),
    limits: readLimits(values),
    says: {
      manifest: flagIn(values, manifestFlags) !== undefined,
      license: flagIn(values, licenseFlags) !== undefined,
      source: flagIn(values, sourceFlags) !== undefined,
    },
  };
}

/** Absent: only the very files count. Some sources have none of those. */
function readAccept(values: OptionValues, source: SourceRequest): RunRequest['accept'] {
  const given = optional(values.accept, oneOf('--accept', ['pixels'] as const));
  if (given !== undefined || definitionOf(source).hasPixelsAlone?.(source) !== true) return given;
  throw refused(
    'flag [--accept]: expected pixels, got nothing: this source has the pictures in another encoding, and not the very files',
  );
}

/** The tasks; of some only a part may be named. */
export function readKinds(values: OptionValues): TaskKind[] {
  return taskKinds.filter((kind) => values[kind] === true || typeof values[kind] === 'string');
}

/** What {@link addDataFlags} asks for. Looks at no disk. */
export function readData(
  values: OptionValues,
  folders: Folders,
): Pick<RunOptions, 'source' | 'manifest' | 'license' | 'allowedHosts'> {
  const source = readSource(values, folders);
  const manifest = readManifest(values, folders);
  const license = readLicense(values, manifest);
  const allowedHosts = readAllowedHosts(values, [license, manifest, source]);
  return { source, manifest, license, allowedHosts };
}

/** The sample brings its own data; where its files come from, only the source's name says. */
function dataOfSample(values: OptionValues, folders: Folders): ReturnType<typeof readData> {
  const ofSources = Object.fromEntries(sampleSourceFlags.map((flag) => [attributeOf(flag), undefined]));
  const data = readData({ ...values, ...ofSources }, folders);
  const source = readSourceOfSample(values);
  const asked = sourcesIn(source).map(({ name }) => name);
  if (values.quota === true && !asked.includes(data.source.name))
    throw refused(
      `flag [--quota]: expected with --source ${data.source.name}, got --source ${asked.join(',')}`,
    );
  return { ...data, source };
}

/**
 * Throws a refusal that lists the tasks when there is none; the reference exits with 1 here.
 *
 * @param example a command with a task, as it would be typed here
 */
export function requireTask(options: RunOptions, example = 'ffhq run --json --images'): void {
  if (options.sample || options.json || options.stats || options.kinds.length > 0) return;
  throw refused([
    'tasks: expected at least one of --json (-j), --stats (-s), --images (-i), --thumbs (-t), --wilds (-w), ' +
      `--tfrecords (-r), --zips, --align (-a), or --sample for a first look, got none`,
    `try: ${example}`,
  ]);
}

/** What goes into the workflow's history; two commands that ask the same give equal requests. */
export function makeRunRequest(
  options: RunOptions,
  ask: Pick<RunRequest, 'trust' | 'fetch'> = { trust: 'records', fetch: 'missing' },
): RunRequest {
  return {
    kinds: options.kinds,
    manifest: options.manifest,
    license: options.license,
    source: options.source,
    allowedHosts: options.allowedHosts,
    trust: ask.trust,
    fetch: ask.fetch,
    numAttempts: options.numAttempts,
    ...(options.accept === undefined ? {} : { accept: options.accept }),
    ...(options.align === undefined ? {} : { align: options.align }),
    ...(options.ids === undefined ? {} : { ids: options.ids }),
    ...(options.selection === undefined ? {} : { selection: selectionRequest(options.selection) }),
    ...(options.zips === undefined ? {} : { zips: options.zips }),
    ...(options.bundleFiles === undefined ? {} : { bundleFiles: options.bundleFiles }),
    ...(options.bundleBytes === undefined ? {} : { bundleBytes: options.bundleBytes }),
  };
}

const manifestFlags = ['--manifest', '--manifest-md5'];
const licenseFlags = ['--license-url'];

/** The first of these flags that was given. */
function flagIn(values: OptionValues, flags: readonly string[]): string | undefined {
  return flags.find((flag) => values[attributeOf(flag)] !== undefined);
}

function readManifest(values: OptionValues, folders: Folders): ManifestRequest {
  const location = optionalText(values.manifest)?.trim();
  const md5 = optional(values.manifestMd5, (given) => {
    const parsed = parseMd5(given.toLowerCase());
    if (parsed === undefined)
      throw refused(`flag [--manifest-md5]: expected 32 hex digits, got ${given.slice(0, 80)}`);
    return parsed;
  });
  if (location === undefined) {
    if (md5 !== undefined) throw refused('flag [--manifest-md5]: requires --manifest');
    return { name: 'official' };
  }
  if (location === 'official' && md5 === undefined) return { name: 'official' };
  return {
    name: 'other',
    location: manifestLocation(location, folders),
    ...(md5 === undefined ? {} : { md5 }),
  };
}

function manifestLocation(location: string, folders: Folders): string {
  if (location === '') throw refused('flag [--manifest]: expected a file or a URL, got nothing');
  if (/^https?:/i.test(location)) return httpUrl('--manifest')(location).href;
  if (!/^[a-z][a-z0-9+.-]+:/i.test(location)) return resolve(folders.given, location);
  if (/^file:/i.test(location) && URL.canParse(location)) {
    const url = new URL(location);
    if (url.host === '') return fileURLToPath(url);
  }
  throw refused(
    `flag [--manifest]: expected a file or an http(s) URL, got scheme ${location.slice(0, location.indexOf(':'))}`,
  );
}

function readLicense(values: OptionValues, manifest: ManifestRequest): LicenseRequest {
  const given = optionalText(values.licenseUrl);
  if (given === undefined) return { name: manifest.name === 'official' ? 'official' : 'none' };
  return given === 'none' ? { name: 'none' } : { name: 'url', url: httpUrl('--license-url')(given).href };
}

/** A host that the user named in any flag is allowed by that; Drive's hosts always are, and by https only. */
function readAllowedHosts(
  values: OptionValues,
  named: readonly [LicenseRequest, ManifestRequest, SourceRequest],
): string[] {
  const listed: readonly string[] = values.allowHost ?? [];
  const hosts = listed.map((entry) => {
    const host = parseAllowedHost(entry);
    if (host !== undefined) return host;
    throw refused(`flag [--allow-host]: expected HOST or HOST:PORT, got ${shown(entry)}`);
  });
  const [license, manifest, source] = named;
  const urls = [...definitionOf(source).namedUrls(source)];
  if (license.name === 'url') urls.push(new URL(license.url));
  if (manifest.name === 'other' && /^https?:/.test(manifest.location)) urls.push(new URL(manifest.location));
  for (const url of urls) if (!isDriveHost(url.hostname)) hosts.push(allowedHostOf(url));
  return [...new Set(hosts)].sort();
}

function readQuota(values: OptionValues): boolean {
  if (values.quota === true && values.sample !== true)
    throw refused('flag [--quota]: expected with --sample, got it without: real quotas come by themselves');
  return values.quota === true;
}

function refuseWithSample(values: OptionValues): void {
  const others = sourceFlags.filter((flag) => !sampleSourceFlags.includes(flag));
  const flag = flagIn(values, [...manifestFlags, ...licenseFlags, ...others]);
  if (flag !== undefined)
    throw refused(`flag [${flag}]: expected without --sample, got both: the sample brings its own`);
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function optionalText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function optional<Value>(value: unknown, parse: (given: string) => Value): Value | undefined {
  return typeof value === 'string' ? parse(value) : undefined;
}
