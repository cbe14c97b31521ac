import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { WithdrawalAnswer, WithdrawalAsked, Withdrawals } from '../domain/approval/ports.ts';

/** The function that takes questions back, called and waited for. */
export class LambdaWithdrawals implements Withdrawals {
  readonly #client: LambdaClient;
  readonly #functionName: string;

  constructor(functionName: string, client: LambdaClient = new LambdaClient({})) {
    this.#functionName = functionName;
    this.#client = client;
  }

  async withdraw(asked: WithdrawalAsked): Promise<WithdrawalAnswer> {
    const { FunctionError, Payload } = await this.#client.send(
      new InvokeCommand({ FunctionName: this.#functionName, Payload: Buffer.from(JSON.stringify(asked)) }),
    );
    const said = Buffer.from(Payload ?? []).toString();
    if (FunctionError !== undefined) throw new Error(`expected the withdrawal to be judged, got ${said.slice(0, 300)}`);
    return JSON.parse(said) as WithdrawalAnswer;
  }
}
