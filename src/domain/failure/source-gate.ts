/**
 * What one refusal concerns beyond its own file: `google`, everything that Google gives this address; `google-api`,
 * what its API gives, whose days have a limit of their own. Hosts of others have no gate: a mirror that is busy closes nothing.
 */
export const gateKeys = ['google', 'google-api'] as const;
export type GateKey = (typeof gateKeys)[number];

/** Why a gate is closed. */
export const gateReasons = ['blocked', 'daily-limit'] as const;
export type GateReason = (typeof gateReasons)[number];

export function isGateReason(reason: string): reason is GateReason {
  return gateReasons.some((one) => one === reason);
}

/** Of Google's hosts for programs the one that has files. Who signs in asks for none, and a probe may need a new token. */
const API_HOST = 'www.googleapis.com';

/** Of the hosts below googleusercontent.com those that Drive hands out files by. On others answers whoever rents one. */
const SIGNED_HOST = /^doc-[a-z0-9-]+-docs\.googleusercontent\.com$/;

/** The gates that must be open before a host (of a URL, with its port if it has one) is asked. */
export function gatesOf(host: string): readonly GateKey[] {
  if (host === API_HOST) return ['google', 'google-api'];
  const isGoogles = host === 'google.com' || host.endsWith('.google.com') || SIGNED_HOST.test(host);
  return isGoogles ? ['google'] : [];
}

/** The gate that such a refusal of a host closes, if any: a block is the address's, wherever it was met. */
export function gateOf(host: string, reason: GateReason): GateKey | undefined {
  if (gatesOf(host).length === 0) return undefined;
  return reason === 'daily-limit' && host === API_HOST ? 'google-api' : 'google';
}

const names: Readonly<Record<GateKey, string>> = {
  google: 'Google Drive',
  'google-api': "Google's API",
};

/** As people call it. */
export function gateName(gate: GateKey): string {
  return names[gate];
}
