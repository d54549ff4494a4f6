import { runServer } from '../../server/run-server.ts';
import { displayFor, type Verb } from '../context/context.ts';
import { wholeNumber } from '../flags/values/option-values.ts';

/** `ffhq server`: the embedded server in the foreground. */
export const server: Verb = async (context, values) => {
  const display = displayFor(context, values);
  const port = (flag: string, value: unknown) =>
    typeof value === 'string' ? wholeNumber(flag, 1, 65_535)(value) : undefined;
  return runServer({
    config: context.config,
    port: port('--port', values.port),
    uiPort: port('--ui-port', values.uiPort),
    prepare: values.prepare === true,
    print: (line) => display.say({ event: 'server', text: line }, line),
    onLine: (line) => display.say({ event: 'note', text: line }, line),
    signal: context.interrupt,
  });
};
