import type { Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { ffhqFailed, ffhqKind, ffhqRun, ffhqStage } from '../workflows/contract/search-attributes.ts';

export interface SearchAttribute {
  readonly name: string;
  /** As the CLI writes it. */
  readonly type: 'Keyword' | 'Int';
}

const { IndexedValueType } = proto.temporal.api.enums.v1;
const WIRE_TYPES = {
  Keyword: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  Int: IndexedValueType.INDEXED_VALUE_TYPE_INT,
} as const;

/** The search attributes that the project's workflows set. */
export const searchAttributes: readonly SearchAttribute[] = [
  { name: ffhqRun.name, type: 'Keyword' },
  { name: ffhqKind.name, type: 'Keyword' },
  { name: ffhqStage.name, type: 'Keyword' },
  { name: ffhqFailed.name, type: 'Int' },
];

/** Those that the namespace lacks or has with another type. A server that hides its list has none, as far as we know. */
export async function missingSearchAttributes(
  connection: Connection,
  namespace: string,
): Promise<readonly SearchAttribute[]> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  return searchAttributes.filter(({ name, type }) => customAttributes[name] !== WIRE_TYPES[type]);
}

/** Registers the missing ones; harmless when another process does the same. */
export async function addSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const missing = await missingSearchAttributes(connection, namespace);
  if (missing.length === 0) return;
  await connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(missing.map(({ name, type }) => [name, WIRE_TYPES[type]])),
  });
}

/** The command that adds them, for somebody else's server. */
export function addSearchAttributesCommand(
  missing: readonly SearchAttribute[],
  server: { readonly address: string; readonly namespace: string },
): string {
  const flags = missing.map(({ name, type }) => `--name ${name} --type ${type}`);
  return [
    'temporal operator search-attribute create',
    `--address ${server.address}`,
    `--namespace ${server.namespace}`,
    ...flags,
  ].join(' ');
}
