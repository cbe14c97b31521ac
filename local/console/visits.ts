import type { HistoryEvent } from '@aws-sdk/client-sfn';

export type Outcome = 'succeeded' | 'failed' | 'caught' | 'running' | 'stopped';

/** One pass through a state, as the history tells it. */
export interface Visit {
  readonly name: string;
  /** `Task`, `Choice`, … */
  readonly type: string;
  /** The Parallel or Map state it ran in. */
  readonly parent: Visit | undefined;
  readonly entered: Date;
  readonly input: string | undefined;
  exited?: Date;
  output?: string;
  outcome: Outcome;
  /** Each failed attempt, oldest first. */
  readonly failures: { readonly error: string; readonly cause: string }[];
  /** Executions of other state machines that it started. */
  readonly executions: string[];
  /** Distributed Map's runs. */
  readonly mapRuns: string[];
  /** Parameters of its latest attempt, as JSON text. */
  parameters?: string;
}

type Details = Readonly<Record<string, unknown>>;

/**
 * Every pass through a state, in the order of entering.
 *
 * Each event names the one before it on its line of control; so branches of a Parallel and iterations of a Map that interleave
 * come apart again.
 *
 * @param events the whole history, oldest first
 * @param running whether the execution is
 */
export function visitsOf(events: readonly HistoryEvent[], running: boolean): Visit[] {
  const visits: Visit[] = [];
  const contexts = new Map<number, Visit | undefined>();
  for (const event of events) {
    const before = contexts.get(event.previousEventId ?? 0);
    contexts.set(event.id!, follow(visits, event, before));
  }
  for (const visit of visits) if (visit.exited === undefined) visit.outcome = unfinished(visit, running);
  return visits;
}

/** @returns the visit that the event's successors belong to */
function follow(visits: Visit[], event: HistoryEvent, context: Visit | undefined): Visit | undefined {
  const details = detailsOf(event);
  const entering = /^(\w+)StateEntered$/.exec(event.type ?? '');
  if (entering) {
    const visit: Visit = {
      name: text(details.name) ?? '',
      type: entering[1]!,
      parent: context,
      entered: event.timestamp!,
      input: text(details.input),
      outcome: 'running',
      failures: [],
      executions: [],
      mapRuns: [],
    };
    visits.push(visit);
    return visit;
  }
  if (/StateExited$/.test(event.type ?? '')) return exit(event, details, context);
  const visit = /^(Map|Parallel)/.test(event.type ?? '') ? enclosing(context) : context;
  if (visit) note(visit, event.type ?? '', details);
  return visit;
}

function exit(event: HistoryEvent, details: Details, context: Visit | undefined): Visit | undefined {
  let visit = context;
  while (visit && (visit.name !== details.name || visit.exited)) visit = visit.parent;
  if (!visit) return context;
  visit.exited = event.timestamp!;
  const output = text(details.output);
  if (output !== undefined) visit.output = output;
  visit.outcome = visit.outcome === 'failed' ? 'caught' : 'succeeded';
  return visit.parent;
}

/** The Map or Parallel that an event of theirs is about. */
function enclosing(context: Visit | undefined): Visit | undefined {
  let visit = context;
  while (visit && visit.type !== 'Map' && visit.type !== 'Parallel') visit = visit.parent;
  return visit;
}

function note(visit: Visit, type: string, details: Details): void {
  const parameters = text(details.parameters) ?? (/Scheduled$/.test(type) ? text(details.input) : undefined);
  if (parameters !== undefined) visit.parameters = parameters;
  if (typeof details.mapRunArn === 'string') visit.mapRuns.push(details.mapRunArn);
  if (details.resourceType === 'states') visit.executions.push(...startedExecutions(text(details.output)));
  const failed = /(Failed|TimedOut|Aborted)$/.test(type);
  if (failed && !/^Execution/.test(type)) {
    visit.failures.push({ error: text(details.error) ?? type, cause: text(details.cause) ?? '' });
  }
  // A later attempt that works ends what an earlier one left.
  visit.outcome = failed ? 'failed' : /(Scheduled|Succeeded|Started)$/.test(type) ? 'running' : visit.outcome;
}

function startedExecutions(output: string | undefined): string[] {
  const arn = /"ExecutionArn"\s*:\s*"(arn:[^"\\]+)"/i.exec(output ?? '')?.[1];
  return arn === undefined ? [] : [arn];
}

function unfinished(visit: Visit, running: boolean): Outcome {
  if (visit.parent?.exited) return 'stopped';
  if (running) return 'running';
  return visit.outcome === 'failed' || visit.type === 'Fail' || visit.failures.length > 0 ? 'failed' : 'stopped';
}

function detailsOf(event: HistoryEvent): Details {
  const [, details] = Object.entries(event).find(([member]) => member.endsWith('EventDetails')) ?? [];
  return (details ?? {}) as Details;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
