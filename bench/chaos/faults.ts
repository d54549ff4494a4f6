import type { Random } from '../../src/sample/random/random.ts';

/** Who is struck: one process, or every one that there is. */
export type Target = 'worker' | 'server' | 'command' | 'all';

/** What the origin does for a while in place of handing out its files. */
export const misbehaviours = [
  'quota',
  'blocked',
  'error-500',
  'error-503',
  'reset-before-headers',
  'cut',
  'unknown-page',
  'flipped-byte',
  'truncated',
] as const;
export type Misbehaviour = (typeof misbehaviours)[number];

/** One thing that goes wrong; those with `seconds` end by themselves while others go on. */
export type Fault =
  | { readonly kind: 'kill'; readonly target: Target }
  | { readonly kind: 'stop'; readonly target: Target; readonly seconds: number }
  /** `near`: this host has no route any more; `far`: whatever it sends is lost. */
  | { readonly kind: 'network'; readonly side: 'near' | 'far'; readonly seconds: number }
  | { readonly kind: 'disk'; readonly leftBytes: number; readonly seconds: number }
  /** Of workers and commands, from now on. */
  | { readonly kind: 'clock'; readonly offsetSeconds: -3600 | 0 | 3600 }
  | {
      readonly kind: 'origin';
      readonly how: Misbehaviour;
      readonly atByte: number;
      readonly seconds: number;
    };

export type FaultKind = Fault['kind'];

/** A fault and when it comes. */
export interface Strike {
  readonly fault: Fault;
  /** `recovered`: bytes flow again since the last one; `at once`: whatever is at work is still starting. */
  readonly after: 'recovered' | 'at once';
  readonly thenMs: number;
}

/** Out of a hundred. */
const SHARES: readonly (readonly [FaultKind, number])[] = [
  ['kill', 78],
  ['stop', 5],
  ['origin', 6],
  ['clock', 4],
  ['network', 3],
  ['disk', 4],
];

const targets: readonly Target[] = [
  ...(['worker', 'worker', 'worker'] as const),
  ...(['command', 'command', 'command'] as const),
  ...(['server', 'server'] as const),
  ...(['all', 'all'] as const),
];

/** The next strike: a seed gives the same row of them on every machine. */
export function drawStrike(random: Random): Strike {
  const after = random.below(2) === 0 ? 'at once' : 'recovered';
  const thenMs = random.below(after === 'at once' ? 1_500 : 2_500);
  return { fault: drawFault(random), after, thenMs };
}

function drawFault(random: Random): Fault {
  const kind = drawKind(random);
  switch (kind) {
    case 'kill':
      return { kind, target: random.pick(targets) };
    case 'stop':
      return { kind, target: random.pick(targets), seconds: 1 + random.below(25) };
    case 'clock':
      return { kind, offsetSeconds: random.pick([-3600, 0, 3600] as const) };
    case 'network':
      return { kind, side: random.pick(['near', 'far'] as const), seconds: 1 + random.below(12) };
    case 'disk':
      return { kind, leftBytes: random.below(256) * 1024, seconds: 1 + random.below(8) };
    case 'origin': {
      const how = random.pick(misbehaviours);
      return { kind, how, atByte: 1 + random.below(12_000), seconds: 1 + random.below(8) };
    }
    default:
      return kind satisfies never;
  }
}

function drawKind(random: Random): FaultKind {
  let left = random.below(100);
  for (const [kind, share] of SHARES) {
    if (left < share) return kind;
    left -= share;
  }
  return 'kill';
}

/** In a few words, as the log says it. */
export function describeFault(fault: Fault): string {
  switch (fault.kind) {
    case 'kill':
      return `SIGKILL ${fault.target}`;
    case 'stop':
      return `SIGSTOP ${fault.target} for ${fault.seconds} s`;
    case 'clock':
      return `clock at ${fault.offsetSeconds >= 0 ? '+' : ''}${fault.offsetSeconds} s`;
    case 'network':
      return `network cut (${fault.side}) for ${fault.seconds} s`;
    case 'disk':
      return `disk full but for ${fault.leftBytes} bytes for ${fault.seconds} s`;
    case 'origin':
      return `origin: ${fault.how} at byte ${fault.atByte} for ${fault.seconds} s`;
    default:
      return fault satisfies never;
  }
}
