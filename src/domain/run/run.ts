import type { KeptLimits } from '../limits/limits.ts';
import type { RunRequest, StoreRef } from './request.ts';

/**
 * Version of the workflow code's history. A run whose memo holds another one is not replayed: `start` ends it and
 * begins anew from the disk. Raised together with newly recorded histories when a replay test fails.
 */
export const WORKFLOW_VERSION = 6;

/** Memo of a run, readable without a worker. */
export interface RunMemo {
  readonly version: number;
  /** {@link canonicalRequest} of the request. */
  readonly request: string;
  readonly out: string;
  readonly storeId: string;
  /** Inode of its `.ffhq`: tells the folder under another name from a copy of it, which has the same id. */
  readonly folder?: string;
  /** What it may fetch; changed by the Update `setLimits`. */
  readonly limits?: KeptLimits;
}

/** Who may write to a folder: the run, and the server that knows it. */
export interface RunOwner {
  readonly workflowId: string;
  /** The server's own id, so that two embedded servers at the same address are not mistaken for each other. */
  readonly clusterId: string;
  readonly address: string;
  readonly namespace: string;
  /** Stands for the host's embedded server, whichever database it has; not set for servers of the user's own. */
  readonly home?: string;
}

/** What every Activity of a run is told. */
export interface RunContext {
  readonly store: StoreRef;
  readonly owner: RunOwner;
  /** First Run Id of the chain: stays the same over Continue-As-New. */
  readonly run: string;
  readonly request: RunRequest;
}

export type RunStatus = 'complete' | 'complete with failures';
