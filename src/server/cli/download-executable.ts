import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type HttpClient, type HttpResponse, makeHttpClient } from '../../activities/sources/http/client.ts';
import { readProxies } from '../../domain/network/proxies.ts';
import { putExecutable } from './executable-note.ts';
import type { ReleaseArchive } from './release-archive.ts';
import { unpackFile } from './unpack-file.ts';
import { TEMPORAL_CLI_VERSION } from './version.ts';

const DOWNLOAD_MS = 10 * 60_000;
/** The archives have some 45 MB. */
const MOST_BYTES = 256 * 1024 * 1024;
const MOST_REDIRECTS = 5;

/**
 * Downloads the pinned release, believes it only if its SHA-256 is the known one, and moves its executable to `target`;
 * returns why it could not, if so.
 */
export async function downloadExecutable(options: {
  readonly target: string;
  readonly env: NodeJS.ProcessEnv;
  readonly onLine: (line: string) => void;
  /** Undefined where there is none with a known SHA-256. */
  readonly archive: ReleaseArchive | undefined;
}): Promise<string | undefined> {
  const { target, env, onLine, archive } = options;
  if (archive === undefined) return 'not tried: for this machine its SHA-256 is not known here';
  const work = mkdtempSync(join(dirname(target), 'download-'));
  const client = makeHttpClient({ connections: 1, network: { proxies: readProxies(env).settings } });
  try {
    const file = join(work, 'archive');
    const failures: string[] = [];
    for (const url of archive.urls) {
      const failure = await failureOf(() => fetchArchive(client, url, file, archive.sha256));
      if (failure === undefined) {
        const draft = join(work, 'temporal');
        writeFileSync(draft, await unpackFile(file, 'temporal'), { flag: 'wx' });
        await putExecutable(draft, target);
        onLine(`downloaded Temporal CLI ${TEMPORAL_CLI_VERSION}: its SHA-256 is the release's [url=${url}]`);
        return undefined;
      }
      failures.push(failure);
    }
    return failures.join('; ');
  } catch (error) {
    return (error as Error).message;
  } finally {
    rmSync(work, { recursive: true, force: true });
    await client.close();
  }
}

async function failureOf(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Leaves the file only if it is what it has to be. */
async function fetchArchive(client: HttpClient, url: URL, file: string, sha256: string): Promise<void> {
  const signal = AbortSignal.timeout(DOWNLOAD_MS);
  const response = await follow(client, url, signal);
  const hash = createHash('sha256');
  const handle = await open(file, 'w', 0o600);
  try {
    let size = 0;
    for await (const piece of response.body) {
      size += piece.length;
      if (size > MOST_BYTES) {
        throw new Error(`archive [url=${url}]: expected at most ${MOST_BYTES} bytes, got more`);
      }
      hash.update(piece);
      await handle.writeFile(piece);
    }
  } finally {
    await handle.close();
  }
  const got = hash.digest('hex');
  if (got === sha256) return;
  rmSync(file);
  throw new Error(
    `archive [url=${url}]: expected SHA-256 ${sha256}, got ${got}, so it is not used and is removed`,
  );
}

async function follow(client: HttpClient, from: URL, signal: AbortSignal): Promise<HttpResponse> {
  let url = from;
  for (let redirects = 0; ; redirects += 1) {
    const response = await client.get(url, { signal });
    if (response.status === 200) return response;
    response.discard();
    const location = response.header('location');
    const next = location === undefined ? undefined : new URL(location, url);
    const isRedirect = response.status >= 300 && response.status < 400 && next !== undefined;
    if (!isRedirect || redirects === MOST_REDIRECTS || next.protocol !== from.protocol) {
      throw new Error(`archive [url=${url.origin}${url.pathname}]: expected 200, got ${response.status}`);
    }
    url = next;
  }
}
