import { refusalOfUrlText } from '../dataset/request-url.ts';
import type { RunRequest } from './request.ts';

/** A request that no run may begin with, whatever is tried. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
}

/** Throws a {@link RequestError} where a URL of the request may hold a secret; it is not repeated. */
export function refuseSecrets({ manifest, license, source }: RunRequest): void {
  const texts: Readonly<Record<string, unknown>> = {
    ...(manifest?.name === 'other' ? { manifest: manifest.location } : {}),
    ...(license?.name === 'url' ? { license: license.url } : {}),
    ...Object.fromEntries(Object.entries(source ?? {}).map(([field, text]) => [`source.${field}`, text])),
  };
  for (const [field, text] of Object.entries(texts)) {
    const problem = refusalOfUrlText(text);
    if (problem !== undefined) throw new RequestError(`request [${field.slice(0, 40)}]: ${problem}`);
  }
}
