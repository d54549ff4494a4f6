import { printable } from '../../../domain/failure/printable.ts';
import type { SourceFailureReason } from '../../../domain/failure/source-failure.ts';
import type { Tokens } from '../../../domain/network/tokens.ts';
import type { PlannedSource } from '../../../domain/planning/planned-source.ts';
import type { SourceRequest } from '../../../domain/run/request.ts';

/**
 * The pure half of a source: how it is asked for and what it needs. No I/O and no HTTP client, for commands that only ask
 * load it too. What a request holds stays readable in the workflow's history, so no secret is ever part of it.
 *
 * Methods that take a request throw {@link SourceRequestError} where it lacks what this source needs.
 */
export interface SourceDefinition {
  /** The request's `name`, and the value of `--source`. */
  readonly name: string;
  /** Flags of this source alone: one of them implies `--source NAME`, with another name it is refused. */
  readonly flags: readonly SourceFlag[];
  /** Environment variables with the secrets that a worker must have to open this source. */
  readonly secrets: readonly string[];
  /** Environment variables without a secret that a worker heeds where they are set. @default none */
  readonly settings?: readonly string[];
  /** Tokens of its own out of a worker's environment, each for one server alone. @default none */
  tokensOf?(env: Readonly<Record<string, string | undefined>>): Tokens;
  /** Does it ask the hosts that stand in the manifest's `file_url`? They must be allowed then. */
  readonly asksFileUrls: boolean;
  /** What the command line asks for; throws what `flags.refused` makes. */
  read(flags: SourceFlagReader): SourceRequest;
  /** The flags of its own that ask for the same: what {@link read} has read of them. */
  flagsOf(request: SourceRequest): readonly (readonly [flag: string, value: string])[];
  /** Where the files come from, in a few words: for the UI, lists and refusals. */
  describe(request: SourceRequest): string;
  /** Requests for each of its places alone, for whoever looks at them one by one. @default it has one place */
  places?(request: SourceRequest): readonly SourceRequest[];
  /** Has it pictures, and neither manifest nor licences as a rule? @default it has all */
  readonly hasPicturesAlone?: boolean;
  /** Has what it asks for only other encodings of the pictures? Then a run must accept pixels. @default no */
  hasPixelsAlone?(request: SourceRequest): boolean;
  /**
   * Asks for the sample by this source, whose stand-in holds what the source needs; absent: it cannot be asked for so.
   *
   * @param urlOf URL of a file that the stand-in has beside the dataset, by its name
   */
  readonly ofSample?: (urlOf: (name: string) => string) => SourceRequest;
  /** How often it is asked, as far as that is known before. @default once for each piece of a file, of any kind */
  planned?(request: SourceRequest): Partial<Omit<PlannedSource, 'source'>>;
  /** URLs that the request itself names: their hosts are allowed by that. */
  namedUrls(request: SourceRequest): readonly URL[];
}

/** A flag that takes a value, as `--help` shows it. */
export interface SourceFlag {
  /** `--mirror-url` */
  readonly flag: string;
  /** What stands for the value: `<url>` */
  readonly value: string;
  readonly help: string;
  /** May it be given several times? */
  readonly isList?: true;
  /** What is meant where it is not given: the archives that a run with `--zips` has laid into the folder. */
  readonly otherwise?: 'fetched zips';
  /** Of the sample: what it may say there, and the field of the request that says it. @default the sample brings its own */
  readonly ofSample?: { readonly field: string; readonly values: readonly string[] };
}

/** What was given on the command line; undefined: the flag was not given. */
export interface SourceFlagReader {
  text(flag: string): string | undefined;
  /** Of a flag that may be given several times: each value, and of one with commas before further URLs each of them. */
  texts(flag: string): readonly string[];
  /** An http(s) URL without credentials and query, which the flag was given; anything else is refused. */
  url(flag: string, given?: string): URL | undefined;
  /** An absolute path, seen from where the command was given. */
  folder(flag: string): string | undefined;
  /** What commas part, each an absolute path or an http(s) URL, as above. */
  places(flag: string): readonly string[] | undefined;
  /** Absolute paths at which a run with `--zips` lays the archives of what is asked for now. */
  fetchedZips(): readonly string[];
  /** A time in milliseconds, spelled as `10m`. */
  time(flag: string, from: number, to: number): number | undefined;
  /** The error to throw; `problem` is "expected ..., got ...". */
  refused(flag: string, problem: string): Error;
}

/** Characters of what a request says that a message repeats. */
export const MOST_SHOWN = 80;

/** A request that no worker of this version and environment can serve, whatever is tried. */
export class SourceRequestError extends Error {
  override readonly name = 'SourceRequestError';
  /** What the request calls its source, as one short printable line. */
  readonly source: string;

  /** By what the source itself refused it: that may pass. Undefined: this worker cannot serve the request. */
  readonly answered: SourceFailureReason | undefined;

  /**
   * @param source as the request has it, and so anything
   * @param answered where the source itself was asked
   */
  constructor(source: unknown, problem: string, answered?: SourceFailureReason) {
    const shown = printable(typeof source === 'string' ? source : 'without a name', MOST_SHOWN);
    super(`source [name=${shown}]: ${problem}`);
    this.source = shown;
    this.answered = answered;
  }
}
