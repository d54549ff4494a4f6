import { createHash } from 'node:crypto';
import type { Md5 } from './ids.ts';

/** Not sandbox-safe: workflows must not import this file. */
export function md5Of(bytes: Uint8Array): Md5 {
  return createHash('md5').update(bytes).digest('hex') as Md5;
}

export interface RunningMd5 {
  update(bytes: Uint8Array): void;
  digest(): Md5;
}

export function runningMd5(): RunningMd5 {
  const hash = createHash('md5');
  return {
    update: (bytes) => {
      hash.update(bytes);
    },
    digest: () => hash.digest('hex') as Md5,
  };
}

/** 64 lower-case hexadecimal digits at its end. */
export function runningSha256(): { update(bytes: Uint8Array): void; digest(): string } {
  const hash = createHash('sha256');
  return {
    update: (bytes) => {
      hash.update(bytes);
    },
    digest: () => hash.digest('hex'),
  };
}

/** 64 lower-case hexadecimal digits, of the text in UTF-8. */
export function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The same in base64, as a Content-Security-Policy has it. */
export function sha256Base64(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
