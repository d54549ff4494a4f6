import { type ZipRequest, type ZipsRequest, zipKeys } from '../dataset/asked-files.ts';
import { parseMd5 } from '../dataset/ids.ts';
import { isDriveId } from '../network/drive-file.ts';

/** Reads what somebody wrote down; what cannot be asked for is left out. */
export function parseZips(value: unknown): ZipsRequest | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  const zips = zipKeys.flatMap((key) => {
    const own: unknown = Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
    return own === null || typeof own !== 'object' ? [] : [[key, parseZip(own)] as const];
  });
  return zips.length === 0 ? undefined : Object.fromEntries(zips);
}

function parseZip(value: object): ZipRequest {
  const { id, size, md5: text } = value as Readonly<Record<string, unknown>>;
  const md5 = parseMd5(text);
  return {
    ...(typeof id === 'string' && isDriveId(id) ? { id } : {}),
    ...(typeof size === 'number' && Number.isSafeInteger(size) && size > 0 ? { size } : {}),
    ...(md5 === undefined ? {} : { md5 }),
  };
}
