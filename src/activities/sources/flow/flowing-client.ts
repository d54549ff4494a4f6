import type { ShownSecrets } from '../../../domain/network/shown-secrets.ts';
import type { HttpClient, HttpResponse, Turn } from '../http/client.ts';
import type { Crowd, Crowds, Place } from './crowd.ts';
import { type Asker, type BeginWait, type Flow, waitedFor } from './flow.ts';

/**
 * The HTTP client as one Activity has it: its requests begin when the run's limits allow it and their host bears another
 * one, their bytes come as fast as the limits allow, and what is waited for is measured.
 */
export function flowingClient(
  http: HttpClient,
  crowds: Crowds,
  { flow, beginWait }: Asker,
  secrets: ShownSecrets,
): HttpClient {
  const turn = async (url: URL, signal: AbortSignal, start = url): Promise<Turn> => {
    const crowd = crowds.of(url.host);
    const noMore = flow.asks(url.host, crowd, start.host, secrets.hide(url.host));
    const place = await placeFor(crowd, signal).catch((error: unknown) => {
      noMore();
      throw error;
    });
    // Whatever becomes of whoever had it: nobody waits for a place that nobody has.
    const leave = () => over('otherwise');
    const over = (how: 'fine' | 'otherwise') => {
      signal.removeEventListener('abort', leave);
      place.leave(how);
      noMore();
    };
    signal.addEventListener('abort', leave, { once: true });
    if (signal.aborted) {
      leave();
      throw signal.reason;
    }
    return {
      leave: () => over('otherwise'),
      get: async (options) => {
        try {
          const response = await waitedFor(beginWait, 'network', http.get(url, options));
          return flowing(response, { flow, beginWait, signal, place, over });
        } catch (error) {
          over('otherwise');
          throw error;
        }
      },
    };
  };
  const limited = async (allowed: Promise<void> | undefined): Promise<void> => {
    if (allowed !== undefined) await waitedFor(beginWait, 'limit', allowed);
  };
  /** The limit first: whoever waits for it, or owes it bytes, holds no place that another run could have. */
  const placeFor = async (crowd: Crowd, signal: AbortSignal): Promise<Place> => {
    if (crowd.bearing.isHeld) await limited(flow.bytes(0, signal));
    await limited(flow.request(signal));
    const entered = crowd.enter(flow, signal);
    return entered instanceof Promise ? waitedFor(beginWait, 'source', flow.waits(entered)) : entered;
  };
  return {
    hosts: http.hosts,
    gates: http.gates,
    refusal: (host) => http.refusal(host),
    post: (url, body, options) => http.post(url, body, options),
    close: () => http.close(),
    turn,
    get: async (url, options) => (await turn(url, options.signal)).get(options),
  };
}

interface Way {
  readonly flow: Flow;
  readonly beginWait: BeginWait;
  readonly signal: AbortSignal;
  readonly place: Place;
  readonly over: (how: 'fine' | 'otherwise') => void;
}

function flowing(response: HttpResponse, way: Way): HttpResponse {
  return {
    ...response,
    body: flowingBody(response, way),
    discard: () => {
      response.discard();
      // A redirect, too, is an answer of a host that bears what it is asked.
      way.over(response.status < 400 ? 'fine' : 'otherwise');
    },
    overasked: () => way.place.refused(),
  };
}

async function* flowingBody({ body }: HttpResponse, way: Way): AsyncGenerator<Uint8Array> {
  const { flow, beginWait, signal, place, over } = way;
  const pieces = body[Symbol.asyncIterator]();
  let isWhole = false;
  try {
    for (;;) {
      const { done, value } = await waitedFor(beginWait, 'network', pieces.next());
      if (done === true) break;
      // A file that waited for the limit of its run would keep other runs from a host that bears few at once.
      if (!(place.isWanted && flow.ahead(value.length))) {
        const allowed = flow.bytes(value.length, signal);
        if (allowed !== undefined) await waitedFor(beginWait, 'limit', allowed);
      }
      yield value;
    }
    isWhole = true;
  } finally {
    if (!isWhole) await pieces.return?.();
    over(isWhole ? 'fine' : 'otherwise');
  }
}
