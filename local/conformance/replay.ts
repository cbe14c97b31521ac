import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalCloud } from '../cloud.ts';
import type { Principal, Service } from '../service.ts';
import { createStatesService } from '../services/states/index.ts';
import { validate } from '../services/states/validation/validate.ts';
import type { RecordedCase } from './cases.ts';
import { differences, type Replay } from './compare.ts';

/** How a recording fared here. */
export interface Verdict {
  readonly id: string;
  /** `listed`: known not to be reproduced, with the reason. */
  readonly outcome: 'reproduced' | 'listed' | 'different';
  readonly reason: string;
}

const ACCOUNT = '111111111111';
const REGION = 'us-east-1';

/** The conformance run's own user, who may do everything. */
const USER: Principal = { kind: 'user', arn: `arn:aws:iam::${ACCOUNT}:user/conformance` };

/** Replays every recording on a local cloud of its own. */
export async function replayAll(cases: readonly RecordedCase[]): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const recorded of cases) verdicts.push(await verdictOn(recorded));
  return verdicts;
}

async function verdictOn(recorded: RecordedCase): Promise<Verdict> {
  const { id } = recorded;
  const jsonPath = validate(recorded.definition).notImplemented;
  if (jsonPath.length > 0)
    return { id, outcome: 'listed', reason: `mixes in JSONPath states (${jsonPath.join(', ')})` };
  try {
    const found = differences(recorded.expect, await replay(recorded));
    return { id, outcome: found.length === 0 ? 'reproduced' : 'different', reason: found.join('; ') };
  } catch (error) {
    return {
      id,
      outcome: 'different',
      reason: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    };
  }
}

async function replay(recorded: RecordedCase): Promise<Replay> {
  const stateDir = mkdtempSync(join(tmpdir(), 'conformance-'));
  const defects: string[] = [];
  const cloud = new LocalCloud({ stateDir, account: ACCOUNT, region: REGION, report: (line) => defects.push(line) });
  cloud.register(createStatesService(cloud), recordedFunctions(recorded.lambdas));
  // The recorded role's trust policy is not part of the recording.
  cloud.assume = async (roleArn) => ({ ...USER, kind: 'user', roleArn });
  try {
    const executionArn = await start(cloud, recorded);
    await runToEnd(cloud, executionArn);
    if (defects.length > 0) throw new Error(defects.join('; '));
    return await outcomeOf(cloud, executionArn);
  } finally {
    await cloud.stop();
    rmSync(stateDir, { recursive: true });
  }
}

// biome-ignore lint/suspicious/noExplicitAny: outputs are each operation's own
const states = (cloud: LocalCloud, operation: string, input: object): Promise<any> =>
  cloud.call({ service: 'states', operation, principal: USER, input });

async function start(cloud: LocalCloud, { definition, input }: RecordedCase): Promise<string> {
  const { stateMachineArn } = await states(cloud, 'CreateStateMachine', {
    name: 'recorded',
    definition,
    roleArn: `arn:aws:iam::${ACCOUNT}:role/recorded`,
  });
  const { executionArn } = await states(cloud, 'StartExecution', { stateMachineArn, input });
  return executionArn;
}

async function runToEnd(cloud: LocalCloud, executionArn: string): Promise<void> {
  for (;;) {
    await cloud.clock.advance(0);
    const { status } = await states(cloud, 'DescribeExecution', { executionArn });
    const { nextDue } = cloud.clock;
    if (status !== 'RUNNING') return;
    if (nextDue === undefined) throw new Error('expected the execution to end, got one that waits for nothing');
    await cloud.clock.advance(Math.max(0, nextDue - cloud.clock.now()));
  }
}

async function outcomeOf(cloud: LocalCloud, executionArn: string): Promise<Replay> {
  const { output, error, cause } = await states(cloud, 'DescribeExecution', { executionArn });
  const { events } = await states(cloud, 'GetExecutionHistory', { executionArn, maxResults: 1000 });
  const types = events.map(({ type }: { type: string }) => type);
  return { type: types.at(-1), output, error, cause, types };
}

/** What the recorded functions did, written as their runtime writes it. */
const HANDLERS = new Map<string, (event: unknown) => { text: string; failed?: boolean }>([
  ['id_function.py', (event) => ({ text: pythonJson(event) })],
  [
    'raise_exception.py',
    () => ({
      failed: true,
      text: pythonJson({
        errorMessage: 'Some exception was raised.',
        errorType: 'Exception',
        requestId: '00000000-0000-4000-8000-000000000000',
        stackTrace: [
          '  File "/var/task/handler.py", line 2, in handler\n    raise Exception("Some exception was raised.")\n',
        ],
      }),
    }),
  ],
]);

const recordedFunctions = (lambdas: RecordedCase['lambdas']): Service => ({
  name: 'lambda',
  operations: {
    Invoke: {
      members: ['FunctionName', 'Payload', 'InvocationType'],
      needs: () => [],
      async run({ input }) {
        const name = String(input.FunctionName).split(':').at(-1) ?? '';
        const handler = HANDLERS.get(lambdas[name] ?? '');
        if (!handler) throw new Error(`expected a known handler for ${name}, got ${lambdas[name]}`);
        const { text, failed } = handler(JSON.parse(Buffer.from(input.Payload ?? '{}').toString()));
        return {
          StatusCode: 200,
          ExecutedVersion: '$LATEST',
          Payload: Buffer.from(text),
          ...(failed && { FunctionError: 'Unhandled' }),
        };
      },
    },
  },
});

/** JSON with a space after each comma and colon, as Python writes it. */
function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}: ${pythonJson(item)}`)
    .join(', ')}}`;
}
