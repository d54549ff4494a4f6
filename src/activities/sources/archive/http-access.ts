import { allowedHostOf, isAllowedUrl, isDriveHost } from '../../../domain/dataset/allowed-hosts.ts';
import type { FileSpec } from '../../../domain/dataset/file-spec.ts';
import { driveFileOf } from '../../../domain/network/drive-file.ts';
import { makeGoogleHosts } from '../google-drive/google-hosts.ts';
import type { BodyHead } from '../http/file-body.ts';
import type { AskForUrl, HttpAccess } from '../http/source-tools.ts';
import { type HttpRoute, openByHttp } from '../http/walk.ts';
import { type Access, type ArchiveVersion, changedArchive, failedArchive } from './access.ts';

/**
 * An archive behind a URL, asked for by byte ranges; a file of Drive's as this worker asks Drive. Its own host is allowed by
 * being named.
 */
export function httpAccess(url: URL, { http, allowedHosts, cookies, asks }: HttpAccess): Access {
  const isOfDrive = isDriveHost(url.hostname);
  const allowed = isOfDrive ? allowedHosts : [...allowedHosts, allowedHostOf(url)];
  const route = {
    http,
    known: makeGoogleHosts(isOfDrive ? cookies : undefined),
    isAllowed: (next: URL, before?: URL) => isAllowedUrl(next, allowed, before),
    home: url.host,
  };
  return accessBy(route, url, driveFileOf(url)?.id ?? nameOf(url), asks);
}

/** An archive behind a URL, asked for by a way that is known. */
export function accessBy(route: HttpRoute, url: URL, name: string, asks: AskForUrl = openByHttp): Access {
  // Of the kinds with files of any size; the archive's own size is compared below.
  const file: FileSpec = { kind: 'tfrecords', key: name, url: url.href, path: name };
  const self = { name };
  return {
    place: url.href,
    name,
    async look(signal) {
      const opened = await asks(route, url, file, { offset: 0, end: 1 }, signal);
      if (opened.status === 'failed') return opened;
      const version = versionOf(opened.head);
      const isPart = opened.head?.isPart === true;
      // One byte is read, so that the connection is used again; a whole archive is left.
      for await (const _ of opened.body) if (!isPart) break;
      if (!isPart)
        return failedArchive(
          'bad-archive',
          self,
          'expected a server that gives byte ranges, got the whole archive',
        );
      if (version === undefined)
        return failedArchive('bad-archive', self, 'expected a server that says its size, got none');
      return { status: 'seen', version };
    },
    async read({ offset, end }, version, signal) {
      // By a weak one no range may be asked for.
      const ifRange = version.etag.startsWith('"') ? { ifRange: version.etag } : {};
      const range = { offset, end, ...ifRange };
      const opened = await asks(route, url, file, range, signal);
      if (opened.status === 'failed')
        return opened.failure.reason === 'range-mismatch' ? changedArchive(self) : opened;
      const now = versionOf(opened.head);
      if (opened.head?.isPart === true && now !== undefined && isSameVersion(version, now))
        return { status: 'opened', body: opened.body };
      for await (const _ of opened.body) break;
      return changedArchive(self);
    },
  };
}

function versionOf(head: BodyHead | undefined): ArchiveVersion | undefined {
  if (head?.size === undefined) return undefined;
  return { size: head.size, etag: head.etag ?? '', date: head.lastModified ?? '' };
}

/** An answer to If-Range may leave out Last-Modified: what is not said tells nothing. */
function isSameVersion(known: ArchiveVersion, now: ArchiveVersion): boolean {
  if (known.size !== now.size) return false;
  if (known.etag !== '' && now.etag !== '') return known.etag === now.etag;
  return known.date === '' || now.date === '' || known.date === now.date;
}

function nameOf({ pathname, host }: URL): string {
  const last = pathname.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(last) || host;
  } catch {
    return last;
  }
}
