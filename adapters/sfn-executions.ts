import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';

/** Executions of one state machine, whose names stand in the rows that they are of. */
export class SfnExecutions<Input extends object> {
  readonly #stateMachineArn: string;
  readonly #client: SFNClient;

  constructor(stateMachineArn: string, client: SFNClient = new SFNClient({})) {
    this.#stateMachineArn = stateMachineArn;
    this.#client = client;
  }

  async start(name: string, input: Input): Promise<void> {
    try {
      await this.#client.send(
        new StartExecutionCommand({ stateMachineArn: this.#stateMachineArn, name, input: JSON.stringify(input) }),
      );
    } catch (error) {
      // The name stands in the row, so this is its own execution.
      if (!(error instanceof ExecutionAlreadyExists)) throw error;
    }
  }
}
