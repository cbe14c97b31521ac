import type {
  DescribeMapRunOutput,
  DescribeStateMachineOutput,
  ExecutionListItem,
  ListExecutionsOutput,
  ListStateMachinesOutput,
} from '@aws-sdk/client-sfn';
import { graphOf } from './graph.ts';
import { type Markup, markup } from './markup.ts';
import { duration, facts, link, more, type Page, segment, statusTag, table, time } from './page.ts';
import { everyPage, NotFound, type View } from './view.ts';

export const stateMachines = async (view: View) =>
  (
    await everyPage(
      (nextToken) =>
        view.ask<ListStateMachinesOutput>('states', 'ListStateMachines', { ...(nextToken && { nextToken }) }),
      ({ nextToken }) => nextToken,
    )
  ).flatMap(({ stateMachines: machines }) => machines ?? []);

/** `/state-machines`: all of them, with what runs and what was last. */
export async function stateMachinesPage(view: View): Promise<Page> {
  const rows = await Promise.all(
    (await stateMachines(view)).map(async ({ name, stateMachineArn }) => {
      const latest = await executions(view, { stateMachineArn, maxResults: 1 });
      const running = await executions(view, { stateMachineArn, statusFilter: 'RUNNING', maxResults: 1000 });
      const last = latest.executions?.[0];
      return [
        link(`/state-machines/${segment(name ?? '')}`, name),
        String(running.executions?.length ?? 0),
        last && statusTag(last.status ?? ''),
        last && time(last.startDate),
      ];
    }),
  );
  return {
    title: 'State machines',
    section: '/state-machines',
    body: table(['Name', 'Running', 'Last', 'Started'], rows, 'There is no state machine yet.'),
  };
}

const STATUSES = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'] as const;

/** `/state-machines/{name}`: its executions, newest first, and its definition. */
export async function stateMachinePage(view: View): Promise<Page> {
  const { account, region } = view.cloud;
  const name = view.path[0]!;
  const stateMachineArn = `arn:aws:states:${region}:${account}:stateMachine:${name}`;
  const machine = await view.ask<DescribeStateMachineOutput>('states', 'DescribeStateMachine', { stateMachineArn });
  const status = STATUSES.find((known) => known === view.query.get('status'));
  const nextToken = view.query.get('after');
  const listed = await executions(view, {
    stateMachineArn,
    maxResults: 100,
    ...(status && { statusFilter: status }),
    ...(nextToken && { nextToken }),
  });
  const path = `/state-machines/${segment(name)}`;
  const filters = STATUSES.map(
    (known) =>
      markup` ${known === status ? statusTag(known) : link(`${path}?status=${known}`, known.toLowerCase().replace('_', ' '))}`,
  );
  return {
    title: name,
    section: '/state-machines',
    live: listed.executions?.some((execution) => execution.status === 'RUNNING') === true,
    body: markup`<p>Executions: ${status ? link(path, 'all') : markup`<span class="tag">all</span>`}${filters}</p>
${executionsTable(view, listed.executions ?? [])}${more(status ? `${path}?status=${status}` : path, listed.nextToken)}
<h2>Definition</h2><div class="card">${graphOf(JSON.parse(machine.definition ?? ''), new Map())}</div>
${facts([
  ['Type', machine.type],
  ['Role', markup`<code>${machine.roleArn}</code>`],
  ['Created', time(machine.creationDate)],
])}`,
  };
}

/** `/map-runs?arn=…`: a Distributed Map's counts and its child executions. */
export async function mapRunPage(view: View): Promise<Page> {
  const mapRunArn = view.query.get('arn');
  if (!mapRunArn) throw new NotFound('expected ?arn=, got none');
  const run = await view.ask<DescribeMapRunOutput>('states', 'DescribeMapRun', { mapRunArn });
  const nextToken = view.query.get('after');
  const children = await executions(view, { mapRunArn, maxResults: 100, ...(nextToken && { nextToken }) });
  const counts = Object.entries(run.itemCounts ?? {}).filter(([, count]) => Number(count) > 0);
  return {
    title: 'Map run',
    section: '/state-machines',
    live: run.status === 'RUNNING',
    body: markup`${facts([
      ['Status', statusTag(run.status ?? '')],
      ['Execution', link(`/executions?arn=${segment(run.executionArn ?? '')}`, run.executionArn?.split(':').at(-1))],
      ['Started', time(run.startDate)],
      ['Ended', time(run.stopDate)],
      ['Items', counts.map(([what, count]) => `${count} ${what}`).join(', ')],
    ])}<h2>Child executions</h2><p class="soft">Express children keep no history to show.</p>${executionsTable(view, children.executions ?? [])}${more(`/map-runs?arn=${segment(mapRunArn)}`, children.nextToken)}`,
  };
}

export const executions = (view: View, input: object): Promise<ListExecutionsOutput> =>
  view.ask<ListExecutionsOutput>('states', 'ListExecutions', input);

export const executionsTable = (view: View, items: readonly ExecutionListItem[]): Markup =>
  table(
    ['Execution', 'Status', 'Started', 'Duration'],
    items.map((execution) => [
      link(`/executions?arn=${segment(execution.executionArn ?? '')}`, execution.name),
      statusTag(execution.status ?? ''),
      time(execution.startDate),
      duration(execution.startDate, execution.stopDate ?? view.cloud.clock.date()),
    ]),
    'No execution.',
  );
