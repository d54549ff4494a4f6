import { addSearchAttributesCommand, missingSearchAttributes } from '../../temporal/search-attributes.ts';
import type { Display } from '../../terminal/display.ts';
import type { Session } from '../context/session.ts';

/** Whether the server has the project's search attributes; if not, says so with the command that adds them. */
export async function hasSearchAttributes(session: Session, display: Display): Promise<boolean> {
  const { connection, namespace } = session.connected;
  try {
    const missing = await missingSearchAttributes(connection, namespace);
    if (missing.length === 0) return true;
    const command = addSearchAttributesCommand(missing, { address: session.settings.address, namespace });
    display.say(
      { event: 'note', missingSearchAttributes: missing.map(({ name }) => name), command },
      `warning: the server lacks search attributes, so runs cannot be filtered in its UI; to add them: ${command}`,
    );
  } catch (error) {
    const reason = (error as Error).message;
    display.say(
      { event: 'note', text: reason },
      `warning: the server does not list its search attributes (${reason}); going on without them`,
    );
  }
  return false;
}
