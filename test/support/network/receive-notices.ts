import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedNotice {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly body: { readonly event: string; readonly run: string } & Readonly<Record<string, unknown>>;
}

export interface NoticeReceiver {
  readonly url: string;
  readonly received: readonly ReceivedNotice[];
  close(): Promise<void>;
}

/** Whoever is named with `--notify`. `answers`: statuses of the first answers; then 204. */
export async function receiveNotices(answers: readonly number[] = []): Promise<NoticeReceiver> {
  const received: ReceivedNotice[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      received.push({ headers: request.headers, text, body: JSON.parse(text) });
      response.writeHead(answers[received.length - 1] ?? 204).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ffhq`,
    received,
    close: () => new Promise((done) => server.close(() => done())),
  };
}
