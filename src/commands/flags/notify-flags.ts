import type { Command, OptionValues } from 'commander';
import { refused } from '../../domain/failure/command-failure.ts';
import type { NotifyRequest } from '../../domain/notices/notice.ts';
import { HOUR, SECOND } from '../../domain/run/time-units.ts';
import { duration, httpUrl } from './values/option-values.ts';

const FLAG = '--notify';
const AFTER_FLAG = '--notify-after';
const LONGEST_AFTER = 30 * 24 * HOUR;

/** Whom a run tells how it fares. */
export function addNotifyFlags(command: Command): Command {
  return command
    .option(`${FLAG} <url>`, 'POST a signed notice there when the run ends, is paused or waits')
    .option(`${AFTER_FLAG} <time>`, 'tell of waits that last longer, such as 30m (default: 1h)');
}

/**
 * @param secret what this command's own worker signs notices with; a command that starts none passes undefined
 */
export function readNotify(
  values: OptionValues,
  worker: { readonly notifySecret: string | undefined } | undefined,
): NotifyRequest | undefined {
  const { notify, notifyAfter } = values;
  if (typeof notify !== 'string') {
    if (notifyAfter === undefined) return undefined;
    throw refused(`flag [${AFTER_FLAG}]: requires ${FLAG}`);
  }
  const { href } = httpUrl(FLAG)(notify);
  const afterMs =
    typeof notifyAfter === 'string' ? duration(AFTER_FLAG, SECOND, LONGEST_AFTER)(notifyAfter) : HOUR;
  if (worker !== undefined && worker.notifySecret === undefined)
    throw refused(
      `flag [${FLAG}]: expected FFHQ_NOTIFY_SECRET in the environment, with which notices are signed, got none`,
    );
  return { url: href, afterMs };
}
