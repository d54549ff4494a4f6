import { keepAsk } from '../activities/selection/asks.ts';
import { ensureStore, findStore } from '../activities/store/store-identity.ts';
import { freeActivitiesOfDeadWorkers } from '../runs/free-activities.ts';
import { findEmbeddedServer, provideEmbeddedServer } from '../server/provided-server.ts';
import { connectClient } from '../temporal/connection.ts';
import type { Services } from './context/services.ts';
import { serveSample } from './launch/serve-sample.ts';
import { openBrowser } from './login/open-browser.ts';

/** The program's own parts, as the verbs use them. */
export const realServices: Services = {
  ensureStore,
  findStore,
  keepAsk,
  readFolderCard: async (path, seal) =>
    (await import('../activities/manifest/folder-card.ts')).readFolderCard(path, seal),
  readForeignCards: async (path, seal) =>
    (await import('../activities/manifest/folder-card.ts')).readForeignCards(path, seal),
  connectClient,
  ensureServer: provideEmbeddedServer,
  findServer: findEmbeddedServer,
  serveSample,
  openBrowser,
  // Loaded when needed: verbs that only ask need not load the worker's native parts.
  startWorker: async (options) => (await import('../worker.ts')).startWorker(options),
  freeActivities: async ({ connection, namespace }, workflowIds) => {
    await freeActivitiesOfDeadWorkers({ connection, namespace, workflowIds, onLine: () => {} });
  },
  planLocally: async (options) => (await import('./planning/plan-locally.ts')).planLocally(options),
};
