import type { Datapoint } from '@aws-sdk/client-cloudwatch';
import type { FilterLogEventsResponse } from '@aws-sdk/client-cloudwatch-logs';
import type { FunctionConfiguration, ListFunctionsResponse } from '@aws-sdk/client-lambda';
import { ServiceError } from '../service.ts';
import { type Markup, markup } from './markup.ts';
import { facts, link, type Page, segment, table } from './page.ts';
import { everyPage, type View } from './view.ts';

const DAY = 86_400;
/** How far back counts and log lines go, in days. */
const DAYS = 7;
const MOST_LINES = 200;

/** `/functions`: all of them, with how often they ran. */
export async function functionsPage(view: View): Promise<Page> {
  const pages = await everyPage(
    (Marker) => view.ask<ListFunctionsResponse>('lambda', 'ListFunctions', { ...(Marker && { Marker }) }),
    ({ NextMarker }) => NextMarker,
  );
  const rows = await Promise.all(
    pages
      .flatMap(({ Functions }) => Functions ?? [])
      .map(async ({ FunctionName = '' }) => [
        link(`/functions/${segment(FunctionName)}`, FunctionName),
        ...(await countsOf(view, FunctionName)),
      ]),
  );
  return {
    title: 'Functions',
    section: '/functions',
    body: markup`<p class="soft">Counts are of the last ${DAYS} days.</p>${table(['Name', 'Invocations', 'Errors', 'Throttles'], rows, 'There is no function yet.')}`,
  };
}

/** `/functions/{name}`: configuration, counts and what it logged last. */
export async function functionPage(view: View): Promise<Page> {
  const FunctionName = view.path[0]!;
  const found = await view.ask<FunctionConfiguration>('lambda', 'GetFunctionConfiguration', { FunctionName });
  const [invocations, errors, throttles] = await countsOf(view, FunctionName);
  const group = found.LoggingConfig?.LogGroup ?? `/aws/lambda/${FunctionName}`;
  return {
    title: FunctionName,
    section: '/functions',
    body: markup`${facts([
      [`Last ${DAYS} days`, `${invocations} invocations, ${errors} errors, ${throttles} throttles`],
      ['Runtime', found.Runtime],
      ['Handler', found.Handler],
      ['Timeout', found.Timeout === undefined ? undefined : `${found.Timeout} s`],
      ['Memory', found.MemorySize === undefined ? undefined : `${found.MemorySize} MB`],
      ['Role', markup`<code>${found.Role}</code>`],
    ])}<h2>Log</h2><p class="soft small">${group}, newest first</p>${await logLines(view, group)}`,
  };
}

const countsOf = (view: View, name: string): Promise<number[]> =>
  Promise.all(['Invocations', 'Errors', 'Throttles'].map((metric) => sumOf(view, metric, name)));

async function sumOf(view: View, MetricName: string, name: string): Promise<number> {
  const now = Math.ceil(view.cloud.clock.now() / 1000 / 60) * 60;
  const { Datapoints = [] } = await view.ask<{ Datapoints?: Datapoint[] }>('monitoring', 'GetMetricStatistics', {
    Namespace: 'AWS/Lambda',
    MetricName,
    Dimensions: [{ Name: 'FunctionName', Value: name }],
    StartTime: now - DAYS * DAY,
    EndTime: now + 60,
    Period: DAY,
    Statistics: ['Sum'],
  });
  return Datapoints.reduce((sum, { Sum }) => sum + (Sum ?? 0), 0);
}

async function logLines(view: View, logGroupName: string): Promise<Markup> {
  const lines = await recentLines(view, logGroupName);
  if (lines.length === 0) return markup`<p class="soft">Nothing was logged in the last ${DAYS} days.</p>`;
  return markup`<div class="card"><ol class="log">${lines.map(
    ({ timestamp, message }) =>
      markup`<li><time>${new Date(timestamp ?? 0).toISOString().slice(5, 23).replace('T', ' ')}</time>${message?.trimEnd()}</li>`,
  )}</ol></div>`;
}

/** FilterLogEvents goes from old to new only, so the last pages are kept. */
async function recentLines(view: View, logGroupName: string) {
  try {
    const pages = await everyPage(
      (nextToken) =>
        view.ask<FilterLogEventsResponse>('logs', 'FilterLogEvents', {
          logGroupName,
          startTime: view.cloud.clock.now() - DAYS * DAY * 1000,
          ...(nextToken && { nextToken }),
        }),
      ({ nextToken }) => nextToken,
    );
    return pages
      .flatMap(({ events }) => events ?? [])
      .slice(-MOST_LINES)
      .reverse();
  } catch (error) {
    // The group comes with the first line.
    if (error instanceof ServiceError && error.code === 'ResourceNotFoundException') return [];
    throw error;
  }
}
