// The runtime of one function process: loads the handler, then answers one invocation at a time over IPC.
// Plain JavaScript: stripping types would cost each cold start 40 ms.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';

const { _HANDLER: handlerName, LAMBDA_TASK_ROOT: root } = process.env;
const json = process.env.AWS_LAMBDA_LOG_FORMAT === 'JSON';
let invocation;

// One stream, so that lines keep their order; the native one stays for what the process says when it dies.
process.stderr.write = process.stdout.write.bind(process.stdout);

for (const [method, level] of Object.entries({
  trace: 'TRACE',
  debug: 'DEBUG',
  log: 'INFO',
  info: 'INFO',
  warn: 'WARN',
  error: 'ERROR',
})) {
  console[method] = (...args) => {
    const timestamp = new Date().toISOString();
    const requestId = invocation?.requestId;
    const line = json
      ? JSON.stringify({
          timestamp,
          level,
          requestId,
          message: args.length === 1 && typeof args[0] === 'object' ? args[0] : format(...args),
        })
      : [timestamp, requestId ?? 'undefined', level, format(...args)].join('\t').replaceAll('\n', '\r');
    process.stdout.write(`${line}\n`);
  };
}

const describe = (error) =>
  error instanceof Error
    ? { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') }
    : { errorType: typeof error, errorMessage: String(error), trace: [] };

/** Sends a message once everything written so far has been handed over. */
const answer = (message) => process.stdout.write(`\u0000${message.requestId ?? 'init'}\n`, () => process.send(message));

const named = (type, message) => Object.assign(new Error(message), { name: type });

const load = async () => {
  const at = handlerName.lastIndexOf('.');
  const [file, exported] = [handlerName.slice(0, at), handlerName.slice(at + 1)];
  const path = ['.js', '.mjs', '.cjs', '.ts']
    .map((extension) => join(root, file + extension))
    .find((path) => existsSync(path));
  if (!path) throw named('Runtime.ImportModuleError', `Error: Cannot find module '${file}'`);
  const module = await import(pathToFileURL(path).href);
  const handler = module[exported] ?? module.default?.[exported];
  if (typeof handler !== 'function')
    throw named('Runtime.HandlerNotFound', `${handlerName} is undefined or not exported`);
  return handler;
};

const contextOf = ({ requestId, deadline, functionArn, clientContext }) => ({
  callbackWaitsForEmptyEventLoop: true,
  functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
  functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
  invokedFunctionArn: functionArn,
  memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
  awsRequestId: requestId,
  logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
  logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
  clientContext,
  getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
});

const run = async (handler, message) => {
  invocation = message;
  process.env._X_AMZN_TRACE_ID = message.traceId;
  const { requestId } = message;
  try {
    const event = JSON.parse(message.payload);
    const result = await handler(event, contextOf(message));
    answer({ requestId, payload: JSON.stringify(result === undefined ? null : result) ?? 'null' });
  } catch (error) {
    const failure = describe(error);
    console.error('Invoke Error', JSON.stringify({ ...failure, stack: failure.trace }));
    answer({ requestId, failure });
  }
};

const crash = (type) => (error) => {
  const failure = { ...describe(error), errorType: type(error) };
  console.error('Uncaught Exception', JSON.stringify(failure));
  process.stdout.write('', () => process.send({ fatal: failure }, () => process.exit(129)));
};
process.on(
  'uncaughtException',
  crash((error) => error?.name ?? 'Error'),
);
process.on(
  'unhandledRejection',
  crash(() => 'Runtime.UnhandledPromiseRejection'),
);
process.on('disconnect', () => process.exit(0));

try {
  const handler = await load();
  process.on('message', (message) => {
    if (message?.requestId) run(handler, message);
  });
  answer({ ready: true });
} catch (error) {
  const failure = describe(error);
  console.error('Init Error', JSON.stringify(failure));
  answer({ initFailure: failure });
}
