import { DescribeEndpointCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import type { ReleaseRow } from '../../domain/release.ts';
import type { RunningCloud } from '../../local/run.ts';
import { type Connection, connectTo } from '../connection.ts';
import type { Example } from '../example.ts';
import { submitModel } from '../submit-model.ts';
import { watchRelease } from '../watch-release.ts';
import { approveByMail, readInbox } from './approve-by-mail.ts';
import { LocalClock } from './local-clock.ts';
import { predict } from './predict.ts';
import { readWindows, type WindowSummary } from './read-windows.ts';

const APPROVER = { person: 'ada-approver', email: 'ada@example.com' };
const QUIET_ROWS = 2000;
const STORM_ROWS = 1000;

/** What the demonstration measured; `--json FILE` holds it. */
export interface DemoSummary {
  readonly release: { readonly status: string; readonly seconds: number };
  readonly evaluation: { readonly auc: number };
  readonly approval: { readonly approver: string };
  readonly endpoint: { readonly name: string; readonly servedVersion: number };
  readonly capture: { readonly records: number };
  readonly monitor: { readonly quiet: WindowSummary; readonly storm: WindowSummary };
  readonly alert: { readonly subject: string };
  readonly lambdaInvocations: number;
  readonly stateTransitions: number;
}

/**
 * The whole story on a local cloud, through its public interfaces only.
 *
 * @throws {Error} whatever does not happen as promised
 */
export async function runDemo(
  running: RunningCloud,
  example: Example,
  say: (line: string) => void,
): Promise<DemoSummary> {
  const connection = await connectTo(running.url, 'launchway-local', example.submitter);
  const clock = new LocalClock(running.url);
  const started = Date.now();

  say(`uploading ${example.name}: model.yaml and ${example.trainingFile.name}`);
  const { model } = await submitModel(connection, example, new Date(await clock.now()));
  const release = await watchRelease(connection, model, 1, say, {
    every: 100,
    fastForward: () => clock.advance(30_000),
    onAwaitingApproval: async () =>
      say(
        `  ada@example.com opens the link in her mail and decides: ${await approveByMail(running.url, APPROVER.email, 'better than no model; gates passed')}`,
      ),
  });
  if (release.status !== 'Deployed')
    throw new Error(`expected the release to be Deployed, got ${release.status}: ${release.outcome?.message}`);
  const seconds = (Date.now() - started) / 1000;
  const served = await servedVersion(connection, release);
  say(`version ${served.version} serves at ${served.endpointName}`);

  await clock.advanceToNextDay();
  const quiet = await oneDay(connection, clock, example, served, 'quiet', 0, QUIET_ROWS, say);
  await oneDay(connection, clock, example, served, 'storm', 0, STORM_ROWS, say);
  const storm = await oneDay(connection, clock, example, served, 'storm', 1, STORM_ROWS, say);
  const [alert] = (await readInbox(running.url)).filter(({ subject }) => /drift/i.test(subject));
  if (!alert) throw new Error('expected an alert mail after two drifted windows, got none');
  say(`alert mail: ${alert.subject}`);

  return {
    release: { status: release.status, seconds },
    evaluation: { auc: release.steps.evaluation!.metrics.auc! },
    approval: { approver: await approverOf(connection, release) },
    endpoint: { name: served.endpointName, servedVersion: served.version },
    capture: {
      records: (await readWindows(connection, model, served.version)).reduce((sum, { rows }) => sum + rows, 0),
    },
    monitor: { quiet, storm },
    alert: { subject: alert.subject },
    ...running.counters(),
  };
}

/** A day of traffic, then the check of its window. */
async function oneDay(
  connection: Connection,
  clock: LocalClock,
  example: Example,
  served: { readonly endpointName: string; readonly model: string; readonly version: number },
  kind: 'quiet' | 'storm',
  window: number,
  rows: number,
  say: (line: string) => void,
): Promise<WindowSummary> {
  const day = new Date(await clock.now()).toISOString().slice(0, 10);
  const scores = await predict(connection.client, served.endpointName, example.requests(kind, window, rows));
  if (!scores.every(Number.isFinite)) throw new Error('expected a score for every request');
  say(`${day}  ${rows} ${kind} predictions; the local clock moves to the next day`);
  await clock.advanceToNextDay();
  const summary = (await readWindows(connection, served.model, served.version)).find(({ start }) =>
    start.startsWith(day),
  );
  if (!summary) throw new Error(`expected a check of the window of ${day}, got none`);
  say(`${day}  ${summary.verdict}${summary.features.length ? `: ${summary.features.slice(0, 3).join(', ')}` : ''}`);
  return summary;
}

async function servedVersion({ client, lineage }: Connection, release: ReleaseRow) {
  const { champion } = await lineage.getModel(release.model);
  if (!champion) throw new Error('expected a champion, got none');
  const endpoint = await new SageMakerClient(client).send(
    new DescribeEndpointCommand({ EndpointName: champion.endpointName }),
  );
  if (endpoint.EndpointStatus !== 'InService' || endpoint.EndpointConfigName !== champion.endpointConfigName) {
    throw new Error(
      `expected ${champion.endpointConfigName} InService, got ${endpoint.EndpointConfigName} ${endpoint.EndpointStatus}`,
    );
  }
  return { model: release.model, version: champion.version, endpointName: champion.endpointName };
}

async function approverOf({ lineage }: Connection, release: ReleaseRow): Promise<string> {
  const version = await lineage.getVersion(release.model, release.version!);
  if (!version.approval) throw new Error('expected the served version to carry its approval, got none');
  return version.approval.approvers.join(', ');
}
