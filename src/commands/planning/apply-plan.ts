import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { OptionValues } from 'commander';
import { Seal } from '../../activities/records/seal.ts';
import { SourceRequestError } from '../../activities/sources/contract/source-definition.ts';
import { definitionOf, sourceFlagsOf } from '../../activities/sources/index.ts';
import { lstatIfThere, md5OfFile } from '../../activities/store/file-info.ts';
import { CommandFailure, refused } from '../../domain/failure/command-failure.ts';
import { errorCode } from '../../domain/failure/store-failure.ts';
import {
  MOST_PLAN_BYTES,
  PLAN_MARK,
  type PlanFile,
  parsePlanFile,
  type ReadPlan,
} from '../../domain/planning/plan-file.ts';
import { isUrl } from '../../domain/run/manifest-route.ts';
import {
  type AlignRequest,
  canonicalJson,
  canonicalRequest,
  type RunRequest,
} from '../../domain/run/request.ts';
import { keyToLookBy } from '../../signing/signing-key.ts';
import type { CommandContext } from '../context/context.ts';
import { readAlign } from '../flags/align-flags.ts';
import { zipValues } from '../flags/archives/zip-flags.ts';
import { attributeOf } from '../flags/flag-spelling.ts';
import { makeRunRequest, type RunOptions, readRunOptions } from '../flags/run-flags.ts';
import { couldBeAskedFor } from '../flags/selection/selection-flags.ts';
import { asksOf, type PlanAsk } from './plan-asks.ts';

type PlanContext = Pick<CommandContext, 'folders' | 'interrupt'> & {
  readonly config: Pick<CommandContext['config'], 'keyFile'>;
};

/**
 * What the command line says, or the plan that `--apply` names, with which it must not contradict. Of a plan that this key did
 * not mark the command line says too what only its user may name.
 */
export async function readOptions(
  { folders, interrupt, config }: PlanContext,
  values: OptionValues,
): Promise<RunOptions> {
  const said = readRunOptions(values, folders);
  if (typeof values.apply !== 'string') return said;
  if (said.sample) throw refused('flag [--apply]: expected without --sample, got both');
  if (typeof values.plan === 'string') throw refused('flag [--apply]: expected without --plan, got both');
  const path = resolve(folders.given, values.apply);
  const read = await readPlan(path);
  const { plan } = read;
  const unsaid = readRunOptions({ out: values.out }, folders);
  refuseContradictions(said, unsaid, plan);
  refuseOtherAlign(values, folders, plan.request.align);
  const options = optionsOf(plan, values, folders);
  // Whoever wrote the plan: what flags could not ask for is not run.
  if (options === undefined || canonicalRequest(makeRunRequest(options)) !== canonicalRequest(plan.request))
    throw wrongPlan(path, 'expected what flags could ask for, got something else');
  const align = readAlign(values, folders, true);
  const asked = { ...makeRunRequest(said), ...(align === undefined ? {} : { align }) };
  const asks = asksOf(plan.request, unsaid.source, asked);
  const left = asks.filter(({ isSaid }) => !isSaid);
  const isOwn = new Seal(await keyToLookBy(config.keyFile)).isMark(PLAN_MARK, read.digest, read.mark);
  if (left.length > 0 && !isOwn) throw strangersPlan(path, left);
  await refuseOtherManifest(plan, path, interrupt);
  return {
    ...options,
    notes: asks.map(({ flags }) => `this plan asks for ${flags}`),
    says: { manifest: true, license: true, source: true },
  };
}

/** Whoever wrote it: only the user names hosts, folders and what goes. */
function strangersPlan(path: string, asks: readonly PlanAsk[]): CommandFailure {
  return refused([
    `plan [file=${path}]: expected one that --plan has saved with this key, got one of another key, of another user or of a version before`,
    'it asks for what only you may name; give these flags too, if you mean them:',
    asks.map(({ flags }) => flags).join(' '),
  ]);
}

async function readPlan(path: string): Promise<ReadPlan> {
  const read = parsePlanFile(await textOf(path));
  if ('problem' in read) throw wrongPlan(path, read.problem);
  return read;
}

async function textOf(path: string): Promise<string> {
  try {
    // Not blocking, so that a named pipe opens and is then seen as what it is.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const info = await handle.stat();
      if (!info.isFile()) throw wrongPlan(path, 'expected a file, got something else');
      if (info.size > MOST_PLAN_BYTES)
        throw wrongPlan(path, `expected at most ${MOST_PLAN_BYTES} bytes, got ${info.size}`);
      return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    throw wrongPlan(path, `expected a file that can be read, got ${(error as NodeJS.ErrnoException).code}`);
  }
}

/** A manifest on this machine is looked at before anything begins; one that comes later, when it has come. */
async function refuseOtherManifest(
  { request: { manifest }, manifestMd5 }: Pick<PlanFile, 'request' | 'manifestMd5'>,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  if (manifest.name !== 'other' || isUrl(manifest.location)) return;
  const expected = `expected the manifest ${manifest.location} of MD5 ${manifestMd5}`;
  let md5: string;
  try {
    if (!(await lstatIfThere(manifest.location))) return;
    // Links are followed, as a run follows them: somebody named it.
    md5 = await md5OfFile(await realpath(manifest.location), signal, () => {});
  } catch (error) {
    signal.throwIfAborted();
    throw wrongPlan(path, `${expected}, got what cannot be read as a file (${errorCode(error)})`);
  }
  if (md5 !== manifestMd5) throw wrongPlan(path, `${expected}, got one of ${md5}`);
}

/** Flags that say something of the run must say what the plan says. */
function refuseContradictions(
  said: RunOptions,
  unsaid: RunOptions,
  { request }: Pick<PlanFile, 'request'>,
): void {
  const [given, byDefault] = [makeRunRequest(said), makeRunRequest(unsaid)];
  for (const field of Object.keys(flagOf) as (keyof typeof flagOf)[]) {
    const [asked, usual, planned] = [given, byDefault, request].map((one) => canonicalJson(one[field]) ?? '');
    const isSaid = asked !== usual || (field in said.says && said.says[field as keyof typeof said.says]);
    if (!isSaid || asked === planned || isSameBesides(field, given, request)) continue;
    throw contradicts(flagOf[field]);
  }
}

/** The fields of a request and what asks for them. */
const flagOf = {
  kinds: '--images, --thumbs, --wilds, --tfrecords, --zips, --align',
  manifest: '--manifest',
  license: '--license-url',
  source: '--source',
  accept: '--accept',
  allowedHosts: '--allow-host',
  numAttempts: '--num_attempts',
  align: '--align',
  ids: '--ids',
  zips: '--zips, --zip-id',
  selection: '--category, --split, --license, --only-commercial, --country, --author-from, --pick, --limit',
  bundleFiles: '--bundle-files',
  bundleBytes: '--bundle-bytes',
} as const satisfies Partial<Record<keyof RunRequest, string>>;

/** Beside a plan that asks for aligning its flags say something without --align too. */
function refuseOtherAlign(
  values: OptionValues,
  folders: CommandContext['folders'],
  planned: AlignRequest | undefined,
): void {
  const [given, byDefault] = [values, {}].map((said) => readAlign(said, folders, true));
  for (const [flag, read] of Object.entries(alignFlags)) {
    const [asked, usual, plan] = [given, byDefault, planned].map((one) => one && read(one));
    if (asked !== usual && asked !== plan) throw contradicts(flag);
  }
}

const alignFlags: Readonly<Record<string, (align: AlignRequest) => string | number | boolean | undefined>> = {
  '--no-rotation': ({ options }) => options.rotateLevel,
  '--random-shift': ({ options }) => options.randomShift,
  '--retry-crops': ({ options }) => options.retryCrops,
  '--no-padding': ({ options }) => options.enablePadding,
  '--source-dir': ({ sourceDir }) => sourceDir,
  '--align-dir': ({ folder }) => folder,
  '--file-identical': ({ fileIdentical }) => fileIdentical,
};

function contradicts(flags: string): CommandFailure {
  return refused(
    `flag [${flags}]: expected as the plan of --apply has it, or not at all, got something else`,
  );
}

/** The plan knows the manifest's digest, and hosts that other flags name. */
function isSameBesides(field: keyof typeof flagOf, given: RunRequest, planned: RunRequest): boolean {
  if (field === 'allowedHosts')
    return given.allowedHosts.every((host) => planned.allowedHosts.includes(host));
  const [a, b] = [given.manifest, planned.manifest];
  // Without the official manifest's licence goes whatever is not said.
  if (field === 'license') return a.name === 'other' && given.license.name === 'none';
  if (field !== 'manifest' || a.name !== 'other' || b.name !== 'other') return false;
  return a.location === b.location && (a.md5 === undefined || a.md5 === b.md5);
}

/** By way of the flags that would ask for it, so that nothing is believed that they would refuse. */
function optionsOf(
  { request, ask }: Omit<PlanFile, 'figures'>,
  values: OptionValues,
  folders: CommandContext['folders'],
): RunOptions | undefined {
  const { manifest, license, align, source } = request;
  const isOther = manifest.name === 'other';
  const asked: OptionValues = {
    ...ofTheRest(values),
    ...Object.fromEntries(request.kinds.map((kind) => [kind, true])),
    json: request.kinds.length === 0 || values.json === true,
    manifest: isOther ? manifest.location : 'official',
    ...(isOther && manifest.md5 !== undefined ? { manifestMd5: manifest.md5 } : {}),
    ...(license.name === 'official' ? {} : { licenseUrl: license.name === 'url' ? license.url : 'none' }),
    allowHost: request.allowedHosts,
    num_attempts: String(request.numAttempts),
    ...(request.accept === undefined ? {} : { accept: request.accept }),
    ...(request.ids === undefined ? {} : { ids: request.ids }),
    ...(request.zips === undefined ? {} : zipValues(request.zips)),
    ...(request.bundleFiles === undefined ? {} : { bundleFiles: String(request.bundleFiles) }),
    ...(request.bundleBytes === undefined ? {} : { bundleBytes: String(request.bundleBytes) }),
    ...(align === undefined
      ? {}
      : {
          rotation: align.options.rotateLevel,
          randomShift: String(align.options.randomShift),
          retryCrops: align.options.retryCrops,
          padding: align.options.enablePadding,
          alignDir: align.folder,
          fileIdentical: align.fileIdentical,
          discardOriginals: align.discardOriginals,
          ...(align.sourceDir === undefined ? {} : { sourceDir: align.sourceDir }),
        }),
  };
  try {
    definitionOf(source).flagsOf(source);
    const ofSource: Record<string, string | string[]> = {};
    for (const [flag, value] of sourceFlagsOf(source)) {
      const before = ofSource[attributeOf(flag)];
      // A flag that is given several times is a list.
      ofSource[attributeOf(flag)] = before === undefined ? value : [before, value].flat();
    }
    const options = readRunOptions({ ...asked, ...ofSource }, folders);
    return couldBeAskedFor(ask, folders) ? { ...options, selection: ask } : undefined;
  } catch (error) {
    if (error instanceof SourceRequestError) return undefined;
    throw error;
  }
}

/** What says nothing of the request: where to, how fast, which server. */
function ofTheRest(values: OptionValues): OptionValues {
  const rest = ['out', 'takeOver', 'stats', 'bwlimit', 'tpslimit', 'num_threads'];
  return Object.fromEntries(rest.map((name) => [name, values[name]]));
}

function wrongPlan(path: string, problem: string): CommandFailure {
  return refused(`plan [file=${path}]: ${problem}`);
}
