/**
 * Address of a run in the Temporal UI; undefined when nobody knows where the UI is.
 *
 * @param runId one attempt of the run; without it, the UI shows the latest
 */
export function uiLink(
  session: { readonly ui: string | undefined; readonly connected: { readonly namespace: string } },
  workflowId: string,
  runId?: string,
): string | undefined {
  if (session.ui === undefined) return undefined;
  const run = runId === undefined ? '' : `/${encodeURIComponent(runId)}`;
  const namespace = encodeURIComponent(session.connected.namespace);
  return `${session.ui}/namespaces/${namespace}/workflows/${encodeURIComponent(workflowId)}${run}`;
}
