import { formatDuration } from '../domain/words/format.ts';
import { type Clock, type Finding, note, ok, problem } from './finding.ts';

const CHECK = 'clock';

/** Seconds that an answer may take and a header rounds, with room for a server that is a little off. */
const NEAR_S = 60;

/** How this machine's clock compares with those of the servers that answered. */
export function findClock(clocks: readonly Clock[]): Finding {
  const nearest = [...clocks].sort((a, b) => Math.abs(a.aheadMs) - Math.abs(b.aheadMs))[0];
  if (nearest === undefined) return note(CHECK, 'not compared: no server answered with its time');
  const seconds = Math.round(Math.abs(nearest.aheadMs) / 1000);
  if (seconds <= NEAR_S) return ok(CHECK, `that of ${nearest.host} to ${seconds} s`);
  // Where two servers agree with each other and not with us, or one alone speaks, it is ours that is doubted.
  const side = nearest.aheadMs > 0 ? 'ahead of' : 'behind';
  return problem(
    CHECK,
    `${formatDuration(seconds)} ${side} that of ${nearest.host}`,
    'set the clock (NTP, `timedatectl`): certificates and sign-ins are refused by a wrong one',
  );
}
