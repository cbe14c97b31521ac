import { type Need, type Operation, ServiceError } from '../../../service.ts';
import type { Executions } from '../executions.ts';
import { type Json, PAYLOAD_LIMIT } from '../json.ts';
import { need } from './permissions.ts';

/** SendTaskSuccess, SendTaskFailure and SendTaskHeartbeat. */
export const callbackOperations = (executions: Executions): Record<string, Operation> => {
  const { tokens } = executions;
  return {
    SendTaskSuccess: {
      members: ['taskToken', 'output'],
      needs: ({ input }) => [onMachineOf(executions, 'SendTaskSuccess', input.taskToken)],
      async run({ input }) {
        tokens.answer(input.taskToken, { output: parse(input.output) });
        return {};
      },
    },
    SendTaskFailure: {
      members: ['taskToken', 'error', 'cause'],
      needs: ({ input }) => [onMachineOf(executions, 'SendTaskFailure', input.taskToken)],
      async run({ input: { taskToken, error, cause } }) {
        tokens.answer(taskToken, { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) });
        return {};
      },
    },
    SendTaskHeartbeat: {
      members: ['taskToken'],
      needs: ({ input }) => [onMachineOf(executions, 'SendTaskHeartbeat', input.taskToken)],
      async run({ input }) {
        tokens.beat(input.taskToken, executions.now());
        return {};
      },
    },
  };
};

/** A token belongs to an execution, and the permission to answer it is given on the execution's machine. */
function onMachineOf(executions: Executions, operation: string, token: string): Need {
  const arn = executions.tokens.executionOf(token);
  const record = arn === undefined ? undefined : executions.journal.execution(arn);
  return need(operation, record?.stateMachineArn ?? '*');
}

/** @throws {ServiceError} InvalidOutput */
function parse(output: unknown): Json {
  if (typeof output !== 'string' || Buffer.byteLength(output) > PAYLOAD_LIMIT) {
    throw new ServiceError('InvalidOutput', `Invalid Output: expected JSON text of at most ${PAYLOAD_LIMIT} bytes`);
  }
  try {
    return JSON.parse(output) as Json;
  } catch (error) {
    throw new ServiceError('InvalidOutput', `Invalid Output: '${(error as Error).message}'`);
  }
}
