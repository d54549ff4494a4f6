import type { FileHandle } from 'node:fs/promises';

/** Bytes after which the disk is set to work: half a second of most. */
const STEP_BYTES = 64 * 1024 ** 2;

/** Over all files: what waits for the disk holds one of four threads, which others need. */
let isSyncing = false;

/**
 * Has the disk write behind the one who appends. Otherwise the system gathers gigabytes, and then the last sync waits for all
 * of them, or the appending stands still. Nothing counts as synced by this: it only leaves less to be done.
 */
export class SyncBehind {
  #unsynced = 0;
  #running: Promise<void> | undefined;
  #failed: { readonly error: unknown } | undefined;

  wrote(handle: FileHandle, bytes: number): void {
    this.#unsynced += bytes;
    if (this.#unsynced < STEP_BYTES || isSyncing) return;
    this.#unsynced = 0;
    isSyncing = true;
    this.#running = this.#sync(handle);
  }

  async over(): Promise<void> {
    await this.#running;
  }

  /** The system tells an opened file of a failed write once; whoever asks next would hear that all is well. */
  rethrow(): void {
    if (this.#failed) throw this.#failed.error;
  }

  async #sync(handle: FileHandle): Promise<void> {
    try {
      await handle.datasync();
    } catch (error) {
      this.#failed = { error };
    } finally {
      isSyncing = false;
    }
  }
}
