import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { SlotAssigner } from '../domain/slots/ports.ts';

/** The function that gives instances out: the only one that may answer the workflows that wait for them. */
export class LambdaSlotAssigner implements SlotAssigner {
  readonly #client: LambdaClient;
  readonly #functionName: string;

  constructor(functionName: string, client: LambdaClient = new LambdaClient({})) {
    this.#functionName = functionName;
    this.#client = client;
  }

  async settle(jobs: { readonly giveBack: readonly string[]; readonly answer: readonly string[] }): Promise<void> {
    const { FunctionError, Payload } = await this.#client.send(
      new InvokeCommand({ FunctionName: this.#functionName, Payload: JSON.stringify(jobs) }),
    );
    if (FunctionError) throw new Error(`expected ${this.#functionName} to settle, got ${Payload?.transformToString()}`);
  }
}
