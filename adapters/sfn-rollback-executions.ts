import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { RollbackExecutions } from '../domain/deployment/ports.ts';

/** Executions of `roll-back-model` through Step Functions. */
export class SfnRollbackExecutions implements RollbackExecutions {
  readonly #stateMachineArn: string;
  readonly #client: SFNClient;

  constructor(stateMachineArn: string, client: SFNClient = new SFNClient({})) {
    this.#stateMachineArn = stateMachineArn;
    this.#client = client;
  }

  async start(name: string, input: { readonly model: string; readonly rollback: number }): Promise<void> {
    try {
      await this.#client.send(
        new StartExecutionCommand({ stateMachineArn: this.#stateMachineArn, name, input: JSON.stringify(input) }),
      );
    } catch (error) {
      // The name stands in the rollback's row, so this is its own execution.
      if (!(error instanceof ExecutionAlreadyExists)) throw error;
    }
  }
}
