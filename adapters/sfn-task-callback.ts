import { SendTaskSuccessCommand, SFNClient, TaskDoesNotExist, TaskTimedOut } from '@aws-sdk/client-sfn';
import type { TaskCallback } from '../domain/approval/ports.ts';

/** Answers a Step Functions task that waits with a token. */
export class SfnTaskCallback implements TaskCallback {
  readonly #client: SFNClient;

  constructor(client: SFNClient = new SFNClient({})) {
    this.#client = client;
  }

  async succeed(token: string, output: unknown): Promise<'answered' | 'gone'> {
    try {
      await this.#client.send(new SendTaskSuccessCommand({ taskToken: token, output: JSON.stringify(output) }));
      return 'answered';
    } catch (error) {
      // Both mean that nobody waits any more: it timed out, was stopped or redriven, or an earlier delivery answered it.
      if (error instanceof TaskTimedOut || error instanceof TaskDoesNotExist) return 'gone';
      throw error;
    }
  }
}
