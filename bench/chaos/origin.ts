import type { Behaviour } from '../../src/stand-in/behaviours.ts';
import { type DriveStandIn, startDriveStandIn } from '../../src/stand-in/drive-stand-in.ts';
import type { StandInFiles } from '../../src/stand-in/files.ts';
import type { Misbehaviour } from './faults.ts';

/** Where the files come from, at a speed that makes the work last, and with bad days. */
export interface Origin {
  readonly drive: DriveStandIn;
  readonly port: number;
  misbehave(how: Misbehaviour, atByte: number): void;
  behave(): void;
  /** From now on as fast as it can: nothing more will go wrong. */
  hurry(): void;
}

/** A small file comes at this speed, a large one within so many seconds. */
const SLOWEST = 16 * 1024;

export async function openOrigin(files: StandInFiles, secondsAFile: number): Promise<Origin> {
  const drive = await startDriveStandIn({ files });
  for (const [id, { size }] of files) {
    const bytesPerSecond = Math.max(SLOWEST, Math.ceil(size / secondsAFile));
    drive.behave(id, { kind: 'drip', bytesPerSecond });
  }
  return {
    drive,
    port: Number(new URL(drive.origin).port),
    misbehave: (how, atByte) => drive.behave('all', behaviourOf(how, atByte)),
    behave: () => drive.behave('all', undefined),
    hurry: () => {
      drive.behave('all', undefined);
      for (const id of files.keys()) drive.behave(id, undefined);
    },
  };
}

function behaviourOf(how: Misbehaviour, atByte: number): Behaviour {
  switch (how) {
    case 'quota':
      return { kind: 'quota' };
    case 'blocked':
      return { kind: 'blocked', retryAfter: '2' };
    case 'error-500':
      return { kind: 'status', status: 500, at: 'bytes' };
    case 'error-503':
      return { kind: 'status', status: 503, at: 'entry', retryAfter: '2' };
    case 'reset-before-headers':
      return { kind: 'reset-before-headers' };
    case 'cut':
      return { kind: 'cut', afterBytes: atByte, how: atByte % 2 === 0 ? 'reset' : 'close' };
    case 'unknown-page':
      return { kind: 'unknown-page' };
    case 'flipped-byte':
      return { kind: 'flip-byte', at: atByte };
    case 'truncated':
      return { kind: 'truncate', toBytes: atByte };
    default:
      return how satisfies never;
  }
}
