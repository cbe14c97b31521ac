import {
  GetExecutionHistoryCommand,
  type HistoryEvent,
  paginateGetExecutionHistory,
  type SFNClient,
} from '@aws-sdk/client-sfn';

/** One state that an execution, or one nested in it, has entered. */
export interface Step {
  /** From the outermost machine: `['Train Model', 'Plan Training']`. */
  readonly path: readonly string[];
  readonly at: Date;
}

/** Follows an execution and the executions it starts, state by state. */
export class ExecutionProgress {
  readonly #sfn: SFNClient;
  readonly #arn: string;
  readonly #under: readonly string[];
  #seen = 0;
  readonly #nested = new Map<string, ExecutionProgress>();
  #state = '';

  constructor(sfn: SFNClient, executionArn: string, under: readonly string[] = []) {
    this.#sfn = sfn;
    this.#arn = executionArn;
    this.#under = under;
  }

  /** @returns the states entered since the last call, in the order they were entered */
  async next(): Promise<Step[]> {
    const steps: Step[] = [];
    for (const event of await this.#newEvents()) {
      if (event.stateEnteredEventDetails?.name) {
        this.#state = event.stateEnteredEventDetails.name;
        steps.push({ path: [...this.#under, this.#state], at: event.timestamp! });
      }
      const nested = nestedExecution(event);
      if (nested && !this.#nested.has(nested)) {
        this.#nested.set(nested, new ExecutionProgress(this.#sfn, nested, [...this.#under, this.#state]));
      }
    }
    for (const nested of this.#nested.values()) steps.push(...(await nested.next()));
    return steps.sort((a, b) => a.at.getTime() - b.at.getTime());
  }

  async #newEvents(): Promise<HistoryEvent[]> {
    const events: HistoryEvent[] = [];
    for await (const page of paginateGetExecutionHistory({ client: this.#sfn }, { executionArn: this.#arn })) {
      events.push(...(page.events ?? []));
    }
    const fresh = events.slice(this.#seen);
    this.#seen = events.length;
    return fresh;
  }
}

/** The ARN of the execution that a `startExecution.sync` task has started. */
function nestedExecution({ taskSubmittedEventDetails: submitted }: HistoryEvent): string | undefined {
  if (submitted?.resourceType !== 'states' || !submitted.output) return undefined;
  return (JSON.parse(submitted.output) as { ExecutionArn?: string }).ExecutionArn;
}

/** Whether the execution exists yet. */
export const executionExists = async (sfn: SFNClient, executionArn: string): Promise<boolean> => {
  try {
    await sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1 }));
    return true;
  } catch (error) {
    if ((error as Error).name === 'ExecutionDoesNotExist') return false;
    throw error;
  }
};
