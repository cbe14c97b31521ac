import { readFileSync } from 'node:fs';
import { type ExecuteResult, execute, type TaskHandler } from '../../local/services/states/execute.ts';

/**
 * What a workflow's tasks answer. Functions by placeholder stem (`PlanTraining`), nested machines by theirs (`ServeVersion`), and
 * service calls by operation (`createModel`). A value is the answer; an Error is thrown; an array is answered one by one, the last
 * one for ever.
 */
export type Answers = Readonly<Record<string, unknown>>;

export interface WorkflowRun extends ExecuteResult {
  /** `Plan Training → Job Exists?`: every step from one state to the next, retries aside. */
  readonly edges: readonly string[];
  /** Calls in order, by the same names as the answers. */
  readonly calls: readonly { readonly name: string; readonly args: any }[];
}

/** An error under the name that Step Functions would report. */
export const failure = (name: string, message = 'told to fail'): Error => Object.assign(new Error(message), { name });

/** Runs a shipped workflow with the interpreter of the local cloud, in virtual time. */
export async function runWorkflow(
  file: string,
  input: unknown,
  answers: Answers,
  options: { failNth?: number; with?: Error; definition?: string } = {},
): Promise<WorkflowRun> {
  const text = (options.definition ?? readFileSync(`state-machines/${file}.asl.json`, 'utf8'))
    .replaceAll(/\$\{(\w+)\}/g, '$1')
    // A Distributed Map takes the same branches in line; its child executions are for a LocalCloud to run.
    .replaceAll('"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"', '"Mode": "INLINE"');
  const calls: { name: string; args: any }[] = [];
  const asked = new Map<string, number>();
  const resources = new Set([...text.matchAll(/"Resource": ?"([^"]+)"/g)].map(([, resource]) => resource!));
  const handler =
    (resource: string): TaskHandler =>
    (args, context) => {
      const name = nameOf(resource, args);
      calls.push({ name, args });
      if (options.with && calls.length - 1 === options.failNth) throw options.with;
      if (!(name in answers)) throw new Error(`expected an answer for ${name}, got none`);
      const given = answers[name];
      const nth = asked.get(name) ?? 0;
      asked.set(name, nth + 1);
      const answer = Array.isArray(given) ? given[Math.min(nth, given.length - 1)] : given;
      if (answer instanceof Error) throw answer;
      if (resource.endsWith('.waitForTaskToken')) {
        if (answer !== undefined) context.after(60, () => context.sendTaskSuccess(context.token, answer));
        return {};
      }
      return resource.includes(':lambda:')
        ? { Payload: answer }
        : resource.includes('startExecution')
          ? { Output: answer }
          : answer;
    };
  const handlers = Object.fromEntries([...resources].map((resource) => [resource, handler(resource)]));
  const result = await execute(text, input, handlers);
  return { ...result, edges: edgesOf(result), calls };
}

/** What a call is named by: its function, its nested machine, or the operation. */
export const nameOf = (resource: string, args: any): string =>
  (args.FunctionName ?? args.StateMachineArn ?? resource.split(':').at(-1)!.split('.')[0]).replace(
    /(FunctionArn|StateMachineArn)$/,
    '',
  );

/** From the history: each entered state and the one it came from. */
function edgesOf({ history }: ExecuteResult): string[] {
  const byId = new Map(history.map((event) => [event.id, event]));
  return history.flatMap((event) => {
    if (!event.type.endsWith('StateEntered')) return [];
    let before = byId.get(event.previousEventId);
    while (before && !before.type.endsWith('StateEntered')) before = byId.get(before.previousEventId);
    return before ? [`${before.stateEnteredEventDetails.name} → ${event.stateEnteredEventDetails.name}`] : [];
  });
}
