import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { ReleaseExecutions } from '../domain/release-ports.ts';

/** Executions of `release-model` through Step Functions. */
export class SfnReleaseExecutions implements ReleaseExecutions {
  readonly #stateMachineArn: string;
  readonly #client: SFNClient;

  constructor(stateMachineArn: string, client: SFNClient = new SFNClient({})) {
    this.#stateMachineArn = stateMachineArn;
    this.#client = client;
  }

  async start(name: string, input: { readonly model: string; readonly release: number }): Promise<void> {
    try {
      await this.#client.send(
        new StartExecutionCommand({ stateMachineArn: this.#stateMachineArn, name, input: JSON.stringify(input) }),
      );
    } catch (error) {
      // The name is the digest of the inputs and stands in the release's row, so this is the release's own execution, ended.
      if (!(error instanceof ExecutionAlreadyExists)) throw error;
    }
  }
}
