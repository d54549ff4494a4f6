import { isLoopback } from '../domain/network/proxies.ts';

/** gRPC's options for a channel, as the SDK's client takes them. */
export interface ChannelOptions {
  readonly channelArgs?: Readonly<Record<string, number>>;
}

/**
 * gRPC's library reads proxies from the environment by itself, and would ask them for this machine's own addresses too:
 * no proxy can lead there. Everywhere else its own rules hold (`grpc_proxy`, `https_proxy`, `no_grpc_proxy`).
 *
 * @param address host and port
 */
export function channelOptions(address: string): ChannelOptions {
  const isHere = URL.canParse(`tcp://${address}`) && isLoopback(new URL(`tcp://${address}`).hostname);
  return isHere ? { channelArgs: { 'grpc.enable_http_proxy': 0 } } : {};
}
