import { CancellationScope, CancelledFailure, condition, isCancellation } from '@temporalio/workflow';

/**
 * The run's pause, in a child: while it is closed nothing is in flight and no slot is held. Closing it cancels what is in
 * flight; those Activities answer with what they have.
 */
export class PauseGate {
  readonly #root = CancellationScope.current();
  #paused: boolean;
  #ending = false;
  #scope: CancellationScope | undefined;

  constructor(paused: boolean) {
    this.#paused = paused;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** The whole workflow was asked to end. */
  get cancelled(): boolean {
    return this.#root.consideredCancelled;
  }

  get open(): boolean {
    return !this.#paused && !this.#ending && !this.cancelled;
  }

  set(paused: boolean): void {
    this.#paused = paused;
    if (paused) this.#scope?.cancel();
  }

  /** Interrupts what is in flight, and lets nobody wait any more: the workflow is to end. */
  end(): void {
    this.#ending = true;
    this.#scope?.cancel();
  }

  get ending(): boolean {
    return this.#ending;
  }

  async untilOpen(): Promise<void> {
    if (this.#paused) await condition(() => !this.#paused || this.#ending);
  }

  /** False as soon as a pause came, also when it was taken back at once: what it cancelled does not come alive again. */
  get mayGoOn(): boolean {
    return this.open && this.#scope?.consideredCancelled !== true;
  }

  /**
   * Runs work that a pause interrupts, and answers whether one did: then it was cut short, or not begun, and what is
   * left must be planned again.
   */
  async whileOpen(work: () => Promise<void>): Promise<'finished' | 'interrupted'> {
    if (this.#paused || this.#ending) return 'interrupted';
    const scope = new CancellationScope();
    this.#scope = scope;
    try {
      await scope.run(work);
    } catch (error) {
      if (!isCancellation(error) || this.cancelled) throw error;
    } finally {
      this.#scope = undefined;
    }
    if (this.cancelled) throw new CancelledFailure('the run was cancelled');
    return scope.consideredCancelled ? 'interrupted' : 'finished';
  }

  /** Work that a pause stops, and that is done again afterwards. */
  async unlessClosed<Result>(work: () => Promise<Result>): Promise<Result> {
    for (;;) {
      await this.untilOpen();
      let done: { readonly result: Result } | undefined;
      await this.whileOpen(async () => {
        done = { result: await work() };
      });
      if (done !== undefined) return done.result;
    }
  }
}
