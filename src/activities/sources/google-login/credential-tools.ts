import type { ShownSecrets } from '../../../domain/network/shown-secrets.ts';
import type { HttpClient } from '../http/client.ts';

/** What a credential is made of. */
export interface CredentialTools {
  /** The worker's own environment: nothing else names a credential. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The project's only door to HTTP, for whoever must ask for a token. */
  readonly http: HttpClient;
  /** Every secret is told here before it is used: it is shown nowhere then. */
  readonly secrets: ShownSecrets;
}
