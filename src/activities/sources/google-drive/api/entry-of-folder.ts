import type { FileSpec } from '../../../../domain/dataset/file-spec.ts';
import { type SourceFailure, sourceFailure } from '../../../../domain/failure/source-failure.ts';
import { type DriveEntry, type DriveFile, isDriveId } from '../../../../domain/network/drive-file.ts';
import { parsedJson } from '../../../../domain/parsed-json.ts';
import { type AnnouncedFile, announcedOf, fieldOf } from './api-error.ts';

/** A folder may hold several files of one name; more than these are not looked at. */
const MOST_FILES = 100;

/** What asks for the files of a name in a folder. */
export function listingQuery({ folder, name }: DriveEntry): string {
  const query = new URLSearchParams({
    q: `'${folder}' in parents and name = '${name}' and trashed = false`,
    fields: 'files(id,name,size,md5Checksum)',
    pageSize: '10',
    supportsAllDrives: 'true',
    includeItemsFromAllDrives: 'true',
  });
  return query.toString();
}

interface ListedFile extends AnnouncedFile, DriveFile {}

/** The file of the name, as the API lists the folder: the one that is what it should be, or else the first. */
export function entryOfListing(body: string, { name }: DriveEntry, file: FileSpec): DriveFile | undefined {
  const files = fieldOf(parsedJson(body), 'files');
  const listed = (Array.isArray(files) ? files.slice(0, MOST_FILES) : []).flatMap((one): ListedFile[] => {
    const id = fieldOf(one, 'id');
    if (typeof id !== 'string' || !isDriveId(id) || fieldOf(one, 'name') !== name) return [];
    return [{ id, ...announcedOf(one) }];
  });
  const isRight = ({ size = file.size, md5 = file.md5 }: ListedFile) =>
    size === file.size && md5 === file.md5;
  const found = listed.find(isRight) ?? listed[0];
  return found && { id: found.id };
}

/** Of a file whose id nobody published, where the folder cannot be listed. */
export function idUnknown({ path, key }: FileSpec): SourceFailure {
  const detail = `open [file=${path}]: expected its id on Google Drive, which nobody has published, got neither --zip-id ${key.replace(/\.zip$/, '')}=ID nor an API key or login to list its folder with`;
  return sourceFailure('id-unknown', detail);
}

/** The same, where its folder was listed. */
export function notListed({ path }: FileSpec, { folder, name }: DriveEntry): SourceFailure {
  const detail = `open [file=${path}]: expected a file ${name} in the folder ${folder} on Google Drive, got none`;
  return sourceFailure('id-unknown', detail);
}
