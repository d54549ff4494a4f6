import { adviceFor } from '../failure/reasons.ts';
import { type GateKey, gateName } from '../failure/source-gate.ts';
import type { GateNotice } from '../gate/source-gate.ts';
import { joined, type Markdown, markdown, shown } from '../quoting/markdown.ts';
import { formatTime } from './format.ts';

/** Current details of a gate's page in the UI. `times`: refusals in a row before the last one. */
export function gateDetails(
  gate: GateKey,
  notice: GateNotice | undefined,
  { probing, times }: { readonly probing: boolean; readonly times: number },
): Markdown {
  const name = shown(gateName(gate));
  if (notice === undefined)
    return markdown`**${name}** is open again. This page remembers for a while how often it was closed, and ends.`;
  const at = (time: number) => shown(formatTime(new Date(time).toISOString()));
  const next = probing
    ? markdown`It is being asked for one file, alone.`
    : markdown`It is asked again, for one file, alone: ${at(notice.until)}.`;
  return joined(
    [
      markdown`**${name}** is closed since ${at(notice.since)}: **${shown(notice.reason)}**, refused ${times + 1} times in a row. ${next}`,
      shown(notice.detail),
      shown(adviceFor(notice.reason)),
    ],
    '\n\n',
  );
}
