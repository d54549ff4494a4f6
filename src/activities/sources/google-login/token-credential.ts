import type { SourceFailure } from '../../../domain/failure/source-failure.ts';
import { MINUTE, SECOND } from '../../../domain/run/time-units.ts';
import { unlessAborted } from '../../signals/unless-aborted.ts';
import type { GoogleCredential, SignedHeaders } from './credential.ts';
import type { Tokens } from './sign-in-server.ts';

/** How long before its end a token is renewed; of a short one a tenth of its life. */
const AHEAD_MS = 5 * MINUTE;

/** A token as young as this is not renewed again: all who were answered 401 at the same time get the one that came of it. */
const NEW_MS = SECOND;

/** For so long a failure is everybody's who asks: a server that says no is not asked by each of many files. */
const FAILED_MS = SECOND;

export type Minted =
  | { readonly status: 'given'; readonly tokens: Tokens }
  | { readonly status: 'failed'; readonly failure: SourceFailure };

interface Held {
  readonly token: string;
  readonly from: number;
  readonly renewAt: number;
  readonly until: number;
}

/**
 * A credential that signs by a token which ends: one for all requests of the process, asked for once however many wait for
 * it, and renewed ahead of its end. A token that still holds goes on being used while no other can be had.
 *
 * @param mint asks for another token; its signal is nobody's who waits
 * @param now milliseconds
 */
export function makeTokenCredential(
  kind: GoogleCredential['kind'],
  mint: () => Promise<Minted>,
  now: () => number = Date.now,
): GoogleCredential {
  let held: Held | undefined;
  let asking: Promise<SignedHeaders> | undefined;
  let refused: { readonly at: number; readonly answer: SignedHeaders } | undefined;

  const askAnew = async (): Promise<SignedHeaders> => {
    const minted = await mint();
    const at = now();
    if (minted.status === 'failed') {
      refused = { at, answer: minted };
      return minted;
    }
    const { accessToken: token, lifetimeMs } = minted.tokens;
    const renewAt = at + lifetimeMs - Math.min(AHEAD_MS, lifetimeMs / 10);
    refused = undefined;
    held = { token, from: at, renewAt, until: at + lifetimeMs };
    return signedBy(held);
  };
  const anew = () => {
    asking ??= askAnew().finally(() => {
      asking = undefined;
    });
    return asking;
  };
  /** A clock that was set back makes nothing younger. */
  const isBetween = (from: number, until: number) => now() >= from && now() < until;

  return {
    kind,
    async headers(signal, renew = false) {
      signal.throwIfAborted();
      if (held && isBetween(held.from, renew ? held.from + NEW_MS : held.renewAt)) return signedBy(held);
      const recent = refused && isBetween(refused.at, refused.at + FAILED_MS) ? refused.answer : undefined;
      const answer = recent ?? (await unlessAborted(anew(), signal));
      if (answer.status === 'failed' && !renew && held && isBetween(held.from, held.until))
        return signedBy(held);
      return answer;
    },
  };
}

function signedBy({ token }: Held): SignedHeaders {
  return { status: 'signed', headers: { authorization: `Bearer ${token}` } };
}
