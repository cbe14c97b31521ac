import type {
  DescribeExecutionOutput,
  DescribeStateMachineForExecutionOutput,
  GetExecutionHistoryOutput,
} from '@aws-sdk/client-sfn';
import { type Block, graphOf, type StateMark } from './graph.ts';
import { type Markup, markup } from './markup.ts';
import { duration, facts, json, link, type Page, segment, statusTag, time } from './page.ts';
import { everyPage, NotFound, type View } from './view.ts';
import { type Outcome, type Visit, visitsOf } from './visits.ts';

/** Passes shown in full; beyond that, only those that did not simply succeed. */
const MOST_VISITS = 200;
/** Passes shown in any case. */
const MOST_SHOWN = 500;

const COLOURS: Readonly<Record<Outcome, string>> = {
  succeeded: 'good',
  failed: 'bad',
  caught: 'warn',
  running: 'busy',
  stopped: '',
};

/** `/executions?arn=…`: what one execution did, as a graph and state by state. */
export async function executionPage(view: View): Promise<Page> {
  const executionArn = view.query.get('arn');
  if (!executionArn) throw new NotFound('expected ?arn=, got none');
  const execution = await view.ask<DescribeExecutionOutput>('states', 'DescribeExecution', { executionArn });
  const [machine, histories] = await Promise.all([
    view.ask<DescribeStateMachineForExecutionOutput>('states', 'DescribeStateMachineForExecution', { executionArn }),
    everyPage(
      (nextToken) =>
        view.ask<GetExecutionHistoryOutput>('states', 'GetExecutionHistory', {
          executionArn,
          maxResults: 1000,
          ...(nextToken && { nextToken }),
        }),
      ({ nextToken }) => nextToken,
    ),
  ]);
  const running = execution.status === 'RUNNING';
  const visits = visitsOf(
    histories.flatMap(({ events }) => events ?? []),
    running,
  );
  const live = running && view.query.get('live') !== '0';
  return {
    title: execution.name ?? '',
    section: '/state-machines',
    live,
    body: markup`${summary(view, execution)}${running && liveSwitch(executionArn, live)}
<h2>Graph</h2>${legend()}<div class="card">${graphOf(definitionOf(machine), marksOf(visits))}</div>
<h2>States</h2>${statesList(visits, view)}`,
  };
}

const summary = (view: View, execution: DescribeExecutionOutput): Markup => {
  const machine = execution.stateMachineArn?.split(':').at(-1) ?? '';
  return markup`${facts([
    ['Status', statusTag(execution.status ?? '')],
    ['State machine', link(`/state-machines/${segment(machine)}`, machine)],
    ['Started', time(execution.startDate)],
    ['Ended', time(execution.stopDate)],
    ['Duration', duration(execution.startDate, execution.stopDate ?? view.cloud.clock.date())],
    ['Redriven', execution.redriveCount ? `${execution.redriveCount} times` : undefined],
    ['Map run', execution.mapRunArn && mapRunLink(execution.mapRunArn)],
    ['Error', execution.error],
    ['ARN', markup`<code>${execution.executionArn}</code>`],
  ])}${execution.cause && markup`<h2>Cause</h2>${json(execution.cause)}`}
<details><summary>Input${execution.output !== undefined && ' and output'} of the execution</summary>${json(execution.input ?? '')}${execution.output !== undefined && json(execution.output)}</details>`;
};

const liveSwitch = (arn: string, live: boolean): Markup => {
  const path = `/executions?arn=${segment(arn)}`;
  return markup`<p class="soft small">${live ? markup`This page loads itself again while the execution runs. ${link(`${path}&live=0`, 'Hold still')}` : link(path, 'Follow the execution')}</p>`;
};

const legend = (): Markup =>
  markup`<p class="legend">${(Object.keys(COLOURS) as Outcome[]).map((outcome) => tag(outcome))}<span class="tag">not reached</span> <span class="soft small">dotted: an error that is caught</span></p>`;

const tag = (outcome: Outcome): Markup => markup`<span class="tag ${COLOURS[outcome]}">${outcome}</span>`;

/** For a Distributed Map's child: the Map's own processor, which is what it runs. */
function definitionOf({ definition, label }: DescribeStateMachineForExecutionOutput): Block {
  const whole = JSON.parse(definition ?? '') as Block;
  return label === undefined ? whole : (processorOf(whole, label) ?? whole);
}

function processorOf({ States }: Block, map: string): Block | undefined {
  for (const [name, state] of Object.entries(States)) {
    const inside = [...(state.Branches ?? []), state.ItemProcessor].filter((block) => block !== undefined);
    if (name === map && state.ItemProcessor) return state.ItemProcessor;
    for (const block of inside) {
      const found = processorOf(block, map);
      if (found) return found;
    }
  }
  return undefined;
}

/** The latest visit speaks for a state, but what runs or failed elsewhere is not hidden by it. */
function marksOf(visits: readonly Visit[]): Map<string, StateMark> {
  const marks = new Map<string, StateMark>();
  visits.forEach(({ name, outcome, parent }, index) => {
    const before = marks.get(name);
    const keep = parent !== undefined && before && /running|failed/.test(before.outcome);
    const shown = keep ? before : { outcome, anchor: `state-${index + 1}` };
    marks.set(name, { ...shown, visits: (before?.visits ?? 0) + 1 });
  });
  return marks;
}

function statesList(visits: readonly Visit[], view: View): Markup {
  if (visits.length === 0) return markup`<p class="soft">No state was entered yet.</p>`;
  const shown = visits
    .map((visit, index) => ({ visit, index }))
    .filter(({ visit, index }) => index < MOST_VISITS || visit.outcome !== 'succeeded')
    .slice(0, MOST_SHOWN);
  const hidden = visits.length - shown.length;
  return markup`<div class="card table">${shown.map(({ visit, index }) => visitDetails(visit, index, view))}</div>
${hidden > 0 && markup`<p class="soft">${hidden} more passes through states are not shown.</p>`}`;
}

function visitDetails(visit: Visit, index: number, view: View): Markup {
  const took = duration(
    visit.entered,
    visit.exited ?? (visit.outcome === 'running' ? view.cloud.clock.date() : undefined),
  );
  const failure = visit.failures.at(-1)?.error;
  return markup`<details class="state" id="state-${index + 1}"${visit.outcome === 'failed' && markup` open`}>
<summary>${tag(visit.outcome)} <strong>${visit.name}</strong> <span class="kind">${[visit.type, visit.parent && `in ${visit.parent.name}`, took, failure].filter(Boolean).join(' · ')}</span>${[...new Set(visit.executions)].map((arn) => markup` ${executionLink(arn)}`)}${visit.mapRuns.map((arn) => markup` ${mapRunLink(arn)}`)}</summary>
<div><p class="soft small">Entered ${time(visit.entered)}${visit.exited && markup`, exited ${time(visit.exited)}`}</p>
${visit.failures.map(({ error, cause }, attempt) => markup`<h3>Error${visit.failures.length > 1 && ` ${attempt + 1}`}: ${error}</h3>${cause !== '' && json(cause)}`)}
${visit.input !== undefined && markup`<h3>Input</h3>${json(visit.input)}`}
${visit.parameters !== undefined && markup`<h3>Arguments</h3>${json(visit.parameters)}`}
${visit.output === undefined ? '' : markup`<h3>Output</h3>${json(visit.output)}`}</div></details>`;
}

const executionLink = (arn: string): Markup =>
  link(`/executions?arn=${segment(arn)}`, `execution ${arn.split(':').at(-1)}`);

const mapRunLink = (arn: string): Markup => link(`/map-runs?arn=${segment(arn)}`, 'map run');
