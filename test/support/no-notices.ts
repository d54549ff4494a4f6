import type { NoticeTools } from '../../src/activities/dependencies.ts';
import { makeHttpClient } from '../../src/activities/sources/http/client.ts';

/** Of a worker that has no secret to sign notices with; it opens no connection. */
export const noNotices: NoticeTools = { http: makeHttpClient({ connections: 1 }), secret: undefined };
