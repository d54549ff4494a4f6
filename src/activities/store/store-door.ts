import { resolve } from 'node:path';
import type { StoreRef } from '../../domain/run/request.ts';
import type { RunContext } from '../../domain/run/run.ts';
import { keepBelow } from '../folders/below-root.ts';
import { checkOwner, signOwner } from './owner.ts';
import { checkStore } from './store-identity.ts';

/** How often a run's sign of life in `owner.json` is renewed by one worker process. */
const SIGN_OF_LIFE_MS = 30_000;

/** How long a look at `owner.json` is good for: a run that lost the folder starts no further file after that. */
const OWNER_LOOK_MS = 2_000;

/** The way into dataset folders; one per worker process, so that many bundles share a look. */
export class StoreDoor {
  readonly #out: string | undefined;
  readonly #roots: readonly string[];
  readonly #signs = new Map<string, number>();
  readonly #looks = new Map<string, { readonly at: number; readonly look: Promise<void> }>();

  /**
   * @param out where this host sees the dataset folder, when not where the client saw it
   * @param roots folders without which no dataset folder is entered; none: any may be
   */
  constructor(out: string | undefined, roots: readonly string[] = []) {
    this.#out = out;
    this.#roots = roots;
  }

  /**
   * The store as this host sees it. Throws `not-mounted` where another folder, or none, is there, and `outside-root`
   * where this worker may not write.
   */
  async find({ id, path }: StoreRef): Promise<StoreRef> {
    // Names are joined to it, which resolves `..` without a look at links; so it has none from here on.
    const store = { path: resolve(this.#out ?? path), id };
    // Before anything there is looked at. Links count for where they lead to.
    await keepBelow(store.path, this.#roots);
    await checkStore(store);
    return store;
  }

  /** What an Activity does first: is this the right folder, and does this run still own it? Answers its path here. */
  async enter({ store, owner, run }: RunContext): Promise<string> {
    const here = await this.find(store);
    if (performance.now() - (this.#signs.get(run) ?? Number.NEGATIVE_INFINITY) > SIGN_OF_LIFE_MS) {
      await signOwner(here, owner, run);
      this.#signs.set(run, performance.now());
    } else await checkOwner(here, owner);
    return here.path;
  }

  /** For Activities that go on for long: throws `owned` once another run has taken the folder over. */
  async stayOwner({ store, owner, run }: RunContext, path: string): Promise<void> {
    let last = this.#looks.get(run);
    if (last === undefined || performance.now() - last.at > OWNER_LOOK_MS) {
      last = { at: performance.now(), look: checkOwner({ path, id: store.id }, owner) };
      this.#looks.set(run, last);
    }
    await last.look;
  }
}
