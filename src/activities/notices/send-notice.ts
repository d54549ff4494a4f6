import { RequestError, refusalOfUrlText } from '../../domain/network/request-url.ts';
import type { NoticeInput } from '../../domain/run/activity-inputs.ts';
import type { ActivityScope } from '../activity.ts';
import { undeliveredFailure } from '../failures.ts';
import { HttpError } from '../sources/http/http-error.ts';
import { noticeHeaders } from './sign-notice.ts';

/** Milliseconds after which a receiver that answers nothing has not taken it. */
const PATIENCE = 15_000;

/** Tells a run's notice to the URL that the user named: one POST, no redirect followed, any 2xx takes it. */
export async function sendNotice(
  { dependencies, heartbeat }: ActivityScope,
  { notify, notice, owner, run }: NoticeInput,
): Promise<void> {
  const { http, secret } = dependencies.notices;
  const problem = refusalOfUrlText(notify.url);
  if (problem !== undefined || !URL.canParse(notify.url) || !/^https?:/i.test(notify.url))
    throw new RequestError(`request [notify]: ${problem ?? 'expected an http(s) URL, got something else'}`);
  if (secret === undefined)
    throw undeliveredFailure(
      'notice: expected FFHQ_NOTIFY_SECRET in the environment of the worker, got none',
    );
  const url = new URL(notify.url);
  const { number, ...told } = notice;
  const body = JSON.stringify({ run: owner.workflowId, ...told });
  const signal = AbortSignal.any([heartbeat.signal, AbortSignal.timeout(PATIENCE)]);
  try {
    const headers = noticeHeaders(secret, `${run}-${number}`, body, Date.now());
    const response = await http.post(url, body, { headers, signal });
    response.discard();
    if (response.status >= 200 && response.status <= 299) return;
    throw undeliveredFailure(`notice [host=${url.host}]: expected status 2xx, got ${response.status}`);
  } catch (error) {
    heartbeat.throwIfStopped();
    if (error instanceof HttpError) throw undeliveredFailure(error.message);
    if (signal.aborted)
      throw undeliveredFailure(
        `notice [host=${url.host}]: expected an answer within ${PATIENCE / 1000} s, got none`,
      );
    throw error;
  }
}
