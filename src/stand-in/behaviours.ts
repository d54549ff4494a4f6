/** The looks that Drive's confirmation page has had. `anchor` comes from the first host and wants its cookie back. */
export const confirmPages = [
  'form',
  'form-without-uuid',
  'form-with-authuser',
  'form-on-many-lines',
  'form-shuffled',
  'form-single-quotes',
  'form-complete-action',
  'anchor',
  'script',
] as const;
export type ConfirmPage = (typeof confirmPages)[number];

/** The looks that Drive's "Quota exceeded" page has had. */
export const quotaPages = ['plain', 'en-dash', 'translated', 'large', 'one-line'] as const;
export type QuotaPage = (typeof quotaPages)[number];

/** In English, or in words of another language with the same structure. @default 'english' */
interface Spoken {
  readonly words?: 'english' | 'translated';
}

/** What the first URL of a file does: ask, refuse, or lead on. */
type EntryBehaviour =
  /**
   * To a login page, 403 with a page that asks for access, or a bare 401. `unless`: not for those who send a cookie of this
   * name. @default 'login'
   */
  | ({
      readonly kind: 'private';
      readonly how?: 'login' | 'forbidden' | 'unauthorized';
      readonly unless?: string;
    } & Spoken)
  | { readonly kind: 'missing' }
  /** The "automated queries" page. @default '429' */
  | ({ readonly kind: 'blocked'; readonly how?: BlockAnswer; readonly retryAfter?: string } & Spoken)
  /** A Google Docs document: no file at all. `500`: it is known by where `open?id=` leads. @default a redirect */
  | { readonly kind: 'document'; readonly how?: 'redirect' | '500' }
  /**
   * Where the first redirect leads. `signed`: to a link that works once. `signed-with-cookie`: one that wants its own
   * cookie too. `signed-stale`: one that works no more. `itself`: round and round. `nowhere`: no Location.
   * @default 303 to the byte host
   */
  | {
      readonly kind: 'redirect';
      readonly status?: 301 | 302 | 303 | 307 | 308;
      readonly to?:
        | 'byte-host'
        | 'signed'
        | 'signed-with-cookie'
        | 'signed-stale'
        | 'itself'
        | 'nowhere'
        | { readonly url: string }
        | { readonly hops: number };
    };

/** What is answered in place of the bytes. On the plain mirror too. */
type ByteAnswerBehaviour =
  /** `except: 'ranged'`: a request for a range still gets its bytes. */
  | { readonly kind: 'quota'; readonly page?: QuotaPage; readonly except?: 'ranged' }
  | ({ readonly kind: 'infected' } & Spoken)
  /** The owner does not permit downloads. */
  | ({ readonly kind: 'not-permitted' } & Spoken)
  | { readonly kind: 'unknown-page'; readonly html?: string }
  /** A page with all headers of a file; of its type too, or as HTML. */
  | { readonly kind: 'page-as-file'; readonly type: 'file' | 'html' }
  /** 403 of a byte host, with a page of no known kind. */
  | { readonly kind: 'stale-link' }
  | { readonly kind: 'reset-before-headers' }
  | { readonly kind: 'stall-before-headers' };

/** What is wrong with the bytes, or with how they come. On the plain mirror too; any of them together. */
type TransferBehaviour =
  | { readonly kind: 'ignore-range' }
  | { readonly kind: 'wrong-range'; readonly what: 'start' | 'total' }
  /** The connection ends after so many bytes of a body, however often it is resumed. */
  | { readonly kind: 'cut'; readonly afterBytes: number; readonly how: 'reset' | 'close' }
  | { readonly kind: 'stall'; readonly afterBytes: number }
  | { readonly kind: 'drip'; readonly bytesPerSecond: number }
  /** One byte of the file is another one. */
  | { readonly kind: 'flip-byte'; readonly at: number }
  /** The file is shorter or longer than it should be, and says so consistently. */
  | { readonly kind: 'truncate'; readonly toBytes: number }
  | { readonly kind: 'extra-bytes'; readonly bytes: number }
  | { readonly kind: 'no-length'; readonly framing: 'chunked' | 'until-close' }
  /** Only the headers that are certain. */
  | { readonly kind: 'bare-headers' }
  | { readonly kind: 'no-disposition' }
  /** Compresses for those who say that they take it. */
  | { readonly kind: 'gzip' };

/** What the API answers in place of a file; a file's own metadata, where it is not what the bytes are. */
type ApiBehaviour =
  /** `reason`: of the envelope. `body`: another text than the envelope. */
  | {
      readonly kind: 'api-error';
      readonly status: number;
      readonly reason?: string | undefined;
      readonly domain?: string;
      readonly retryAfter?: string;
      readonly body?: 'json' | 'empty' | 'invalid' | 'html' | undefined;
    }
  | { readonly kind: 'api-redirect'; readonly to: string }
  | { readonly kind: 'metadata'; readonly size?: number; readonly md5?: string };

/** How Google refuses an address: 429 or 403 with a page, or a redirect to one. */
export type BlockAnswer = '429' | '403' | 'redirect';

/** Which requests it applies to: counted from 1, per file, of those that reach the place where the behaviour shows. */
interface When {
  /** @default 1 */
  readonly from?: number;
  /** @default without end */
  readonly times?: number;
  /** Milliseconds of the stand-in's clock from which it applies no more. @default never */
  readonly until?: number;
  /** For so many milliseconds from its first request. @default without end */
  readonly forMs?: number;
}

/** What the stand-in does other than hand out the file: plain data. */
export type Behaviour = (
  | EntryBehaviour
  | ByteAnswerBehaviour
  | TransferBehaviour
  | ApiBehaviour
  /** A plain status. `at`: the first URL or the one with the bytes. @default 'entry' */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly at?: 'entry' | 'bytes';
      readonly retryAfter?: string;
    }
  /** Asks for confirmation, whatever the file's size; `endless`: and again after it was given; `invalid`: 400 then. */
  | {
      readonly kind: 'confirm';
      readonly page: ConfirmPage;
      readonly endless?: boolean;
      readonly invalid?: boolean;
    }
) &
  When;

export type BehaviourKind = Behaviour['kind'];
/** Where a behaviour shows: at a file's first URL, at the one with its bytes, or at the API before its bytes. */
export type Stage = 'entry' | 'bytes' | 'api';

const ENTRY_KINDS: ReadonlySet<BehaviourKind> = new Set([
  'private',
  'missing',
  'blocked',
  'document',
  'redirect',
]);

const API_KINDS: ReadonlySet<BehaviourKind> = new Set(['api-error', 'api-redirect', 'metadata']);

function stageOf(behaviour: Behaviour): Stage {
  if (behaviour.kind === 'status') return behaviour.at ?? 'entry';
  if (behaviour.kind === 'confirm') return behaviour.page === 'anchor' ? 'entry' : 'bytes';
  if (API_KINDS.has(behaviour.kind)) return 'api';
  return ENTRY_KINDS.has(behaviour.kind) ? 'entry' : 'bytes';
}

/** The behaviours that apply to one request. */
export class Active {
  readonly #behaviours: readonly Behaviour[];

  constructor(behaviours: readonly Behaviour[]) {
    this.#behaviours = behaviours;
  }

  /** The first behaviour of this kind, if any. */
  find<Kind extends BehaviourKind>(kind: Kind): Extract<Behaviour, { kind: Kind }> | undefined {
    return this.#behaviours.find(
      (behaviour): behaviour is Extract<Behaviour, { kind: Kind }> => behaviour.kind === kind,
    );
  }

  has(kind: BehaviourKind): boolean {
    return this.#behaviours.some((behaviour) => behaviour.kind === kind);
  }
}

interface Rule {
  readonly behaviour: Behaviour;
  readonly seen: Map<string, number>;
  /** By file: when it was first asked for. */
  readonly since: Map<string, number>;
}

/** Who behaves how, and how often that was seen. */
export class BehaviourBook {
  readonly #rules = new Map<string, readonly Rule[]>();
  readonly #now: () => number;

  /** @param now milliseconds, for behaviours that end */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Replaces what was said of this id (or of `all`); an empty list takes it back. */
  set(idOrAll: string, behaviours: readonly Behaviour[]): void {
    const rules = behaviours.map((behaviour) => ({
      behaviour,
      seen: new Map<string, number>(),
      since: new Map<string, number>(),
    }));
    if (rules.length === 0) this.#rules.delete(idOrAll);
    else this.#rules.set(idOrAll, rules);
  }

  /** What applies to this request at these stages; asking counts. A file's own behaviours go before those of all. */
  at(stages: readonly Stage[], id: string): Active {
    const rules = [...(this.#rules.get(id) ?? []), ...(this.#rules.get('all') ?? [])];
    return new Active(
      rules
        .filter(({ behaviour, seen, since }) => {
          if (!stages.includes(stageOf(behaviour))) return false;
          const nth = (seen.get(id) ?? 0) + 1;
          seen.set(id, nth);
          const now = this.#now();
          const first = since.get(id) ?? now;
          since.set(id, first);
          const { from = 1, times = Number.POSITIVE_INFINITY } = behaviour;
          const { until = Number.POSITIVE_INFINITY, forMs = Number.POSITIVE_INFINITY } = behaviour;
          return nth >= from && nth < from + times && now < until && now - first < forMs;
        })
        .map(({ behaviour }) => behaviour),
    );
  }
}
