import type { HttpClient, HttpResponse, Turn } from '../http/client.ts';
import type { Crowds, Place } from './crowd.ts';
import { type Asker, type BeginWait, type Flow, waitedFor } from './flow.ts';

/**
 * The HTTP client as one Activity has it: its requests begin when their host bears another one and the run's limits allow
 * it, their bytes come as fast as the limits allow, and what is waited for is measured.
 */
export function flowingClient(http: HttpClient, crowds: Crowds, { flow, beginWait }: Asker): HttpClient {
  const turn = async (url: URL, signal: AbortSignal): Promise<Turn> => {
    const crowd = crowds.of(url.host);
    flow.asks(url.host, crowd);
    const entered = crowd.enter(signal);
    const place = entered instanceof Promise ? await waitedFor(beginWait, 'source', entered) : entered;
    const leave = () => place.leave('otherwise');
    // Whatever becomes of whoever had it: nobody waits for a place that nobody has.
    signal.addEventListener('abort', leave, { once: true });
    const over = (how: 'fine' | 'otherwise') => {
      signal.removeEventListener('abort', leave);
      place.leave(how);
    };
    try {
      const allowed = flow.request(signal);
      if (allowed !== undefined) await waitedFor(beginWait, 'limit', allowed);
    } catch (error) {
      over('otherwise');
      throw error;
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
  const { flow, beginWait, signal, over } = way;
  const pieces = body[Symbol.asyncIterator]();
  let isWhole = false;
  try {
    for (;;) {
      const { done, value } = await waitedFor(beginWait, 'network', pieces.next());
      if (done === true) break;
      const allowed = flow.bytes(value.length, signal);
      if (allowed !== undefined) await waitedFor(beginWait, 'limit', allowed);
      yield value;
    }
    isWhole = true;
  } finally {
    if (!isWhole) await pieces.return?.();
    over(isWhole ? 'fine' : 'otherwise');
  }
}
