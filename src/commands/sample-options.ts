import { parseMd5 } from '../domain/ids.ts';
import type { RunOptions } from './run-options.ts';
import type { ServedSample } from './services.ts';

/** A run of the sample: all of its pictures, by Drive's URLs; only its worker knows where those really lead. */
export function sampleOptions(given: RunOptions, sample: ServedSample): RunOptions {
  const md5 = parseMd5(sample.manifestMd5);
  return {
    ...given,
    kinds:
      given.kinds.length > 0
        ? given.kinds.filter((kind) => kind !== 'tfrecords')
        : ['images', 'thumbs', 'wilds'],
    manifest: { name: 'other', location: sample.manifestUrl, ...(md5 === undefined ? {} : { md5 }) },
    license: sample.licenseUrl === undefined ? { name: 'none' } : { name: 'url', url: sample.licenseUrl },
    saysWhatData: true,
  };
}
