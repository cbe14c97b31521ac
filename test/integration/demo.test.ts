import {
  CloudWatchLogsClient,
  paginateDescribeLogGroups,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  GetExecutionHistoryCommand,
  paginateGetExecutionHistory,
  paginateListExecutions,
  paginateListStateMachines,
} from '@aws-sdk/client-sfn';
import { paginateScan } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DynamoDbAuditTrail } from '../../adapters/dynamodb-audit-trail.ts';
import { type Connection, connectTo } from '../../cli/connection.ts';
import { approvalLink, readInbox } from '../../cli/demo/approve-by-mail.ts';
import { type DemoSummary, runDemo } from '../../cli/demo/run-demo.ts';
import { loadExample } from '../../cli/example.ts';
import { verifyChain } from '../../domain/audit-chain.ts';
import type { RoleUse } from '../../local/iam/usage.ts';
import { type DeployedCloud, deployedCloud } from '../support/deployed-cloud.ts';
import { runCli } from '../support/run-cli.ts';

let cloud: DeployedCloud;
let connection: Connection;
let summary: DemoSummary;
let said: string[];
let page: string;
/** URL of a queue with every event. */
let heard: string;

beforeAll(async () => {
  cloud = await deployedCloud();
  said = [];
  await listen();
  let decided: Promise<string> | undefined;
  summary = await runDemo(cloud, await loadExample('flight-delays'), (line) => {
    said.push(line);
    if (line.includes('ada@example.com')) decided = openLink(); // while the link is good
  });
  page = await decided!;
  connection = await connectTo(cloud.url, 'launchway-local');
}, 240_000);

afterAll(() => cloud?.remove());

describe('the demonstration', () => {
  it('deploys what was approved, stays quiet on quiet days, and sees the storm at the origins first', () => {
    expect(summary.release.status).toBe('Deployed');
    expect(summary.evaluation.auc).toBeGreaterThan(0.58);
    expect(summary.approval.approver).toBe('ada-approver');
    expect(summary.endpoint.servedVersion).toBe(1);
    expect(summary.capture.records).toBe(4000);
    expect(summary.monitor.quiet).toMatchObject({ verdict: 'Stable', rows: 2000, features: [] });
    expect(summary.monitor.storm).toMatchObject({ verdict: 'Drifted', rows: 1000 });
    expect(summary.monitor.storm.features[0]).toBe('origin');
    expect(said.at(-1)).toMatch(/^alert mail: \[flight-delays\] drift: origin/);
  });

  it('mails one alert each to owner and operators, that says what serves and what moved', async () => {
    const alerts = (await readInbox(cloud.url)).filter(({ subject }) => /drift/.test(subject));
    expect(alerts.flatMap(({ to }) => to).sort()).toEqual(['operators@example.com', 'ops-analytics@example.com']);
    expect(alerts[0]!.text).toMatch(/origin/);
    expect(alerts[0]!.text).toMatch(/version 1/i);
  });

  it('shows drift over time as metrics, and tells other systems of it', async () => {
    await cloud.cloud.idle();
    const Dimensions = [
      { Name: 'Deployment', Value: 'launchway-local' },
      { Name: 'Model', Value: 'flight-delays' },
    ];
    const now = cloud.cloud.clock.now() / 1000;
    const { Datapoints } = await call('monitoring', 'GetMetricStatistics', {
      ...{ Namespace: 'Launchway', MetricName: 'DriftedShare', Dimensions, Statistics: ['Maximum'], Period: 3600 },
      // No more than 1,440 periods may be asked for.
      ...{ StartTime: now - 30 * 86_400, EndTime: now + 3600 },
    });
    const shares = Datapoints.sort((a: any, b: any) => a.Timestamp - b.Timestamp).map((one: any) => one.Maximum);
    expect(shares).toHaveLength(3);
    expect(shares[0]).toBe(0);
    expect(shares[2]).toBeGreaterThan(20);

    const { Messages } = await call('sqs', 'ReceiveMessage', { QueueUrl: heard, MaxNumberOfMessages: 10 });
    const events = Messages.map(({ Body }: { Body: string }) => JSON.parse(Body));
    const told = events.map((event: any) => event['detail-type']).sort();
    expect(told).toEqual(['Drift Found', 'Drift Found', 'Incident Opened']);
    for (const { source, detail } of events) {
      expect([source, detail.deployment, detail.model]).toEqual(['launchway', 'launchway-local', 'flight-delays']);
    }
  });

  it('is refused nothing, and no background work fails', () => {
    expect(cloud.cloud.iam.denials).toEqual([]);
    expect(cloud.reported.filter((line) => /denied|failed/i.test(line))).toEqual([]);
  });

  it('leaves an audit chain that verifies, from the model to the deployment', async () => {
    const entries = await new DynamoDbAuditTrail(connection.table).list('flight-delays');
    expect(verifyChain('flight-delays', entries)).toMatchObject({ intact: true, entries: entries.length });
    expect(entries.map(({ type }) => type)).toEqual(
      expect.arrayContaining([
        'ModelCreated',
        'ReleaseAdmitted',
        'ApprovalRequested',
        'ChampionSwitched',
        'ReleaseEnded',
        'IncidentNotified',
      ]),
    );
  });

  it('shows the task token to nobody: not in mails, pages, logs or rows', async () => {
    const token = await taskToken();
    expect(token.length).toBeGreaterThan(30);
    const mails = await readInbox(cloud.url);
    expect(page).toContain('flight-delays');
    const exposed = { mails: JSON.stringify(mails), page, logs: await allLogs(), rows: await allRows() };
    for (const [where, text] of Object.entries(exposed)) {
      expect(text.length).toBeGreaterThan(500);
      expect([where, text.includes(token)]).toEqual([where, false]);
    }
  });

  it('F11: hands little from state to state: names of rows and addresses, nothing that grows', async () => {
    const largest = new Map<string, number>();
    for await (const { machine, events } of allHistories()) {
      const sizes = events.flatMap(({ stateEnteredEventDetails, stateExitedEventDetails }) => [
        (stateEnteredEventDetails?.input ?? '').length,
        (stateExitedEventDetails?.output ?? '').length,
      ]);
      largest.set(machine, Math.max(largest.get(machine) ?? 0, ...sizes));
    }
    expect([...largest.keys()]).toEqual(expect.arrayContaining(['launchway-local-release-model']));
    expect(largest.size).toBeGreaterThan(6);
    for (const [machine, bytes] of largest) expect([machine, bytes < 16 * 1024]).toEqual([machine, true]);
  });

  it('tries other thresholds on what was stored, with no prediction left to read', async () => {
    const Bucket = `launchway-local-captures-${connection.account}`;
    const { Contents } = await call('s3', 'ListObjectsV2', { Bucket });
    expect(Contents.length).toBeGreaterThan(0);
    for (const { Key } of Contents) await call('s3', 'DeleteObject', { Bucket, Key });

    const said = await backtest('--days', '30', '--effect', '5');
    expect([said.before.policy.effect, said.after.policy.effect]).toEqual([0.1, 5]);
    expect(said.before.alarms).toMatchObject([{ detector: 'drift', features: summary.monitor.storm.features }]);
    expect(said.before.alarmsPerWeek).toBeCloseTo(7 / said.windows, 12);
    expect(said.after).toMatchObject({ alarms: [], alarmsPerWeek: 0 });
    expect((await backtest('--days', '30', '--effect', '0.15')).after.alarms).toHaveLength(1);
  });

  it('knows which permissions it used', async () => {
    const roles = (await (await fetch(`${cloud.url}/_launchway/permissions`)).json()) as RoleUse[];
    const used = roles.flatMap(({ permissions }) => permissions.filter((one) => one.used).map(({ action }) => action));
    expect(used).toEqual(expect.arrayContaining(['kms:GenerateMac', 's3:PutObject', 'sagemaker:CreateEndpoint']));
  });
});

const call = (service: string, operation: string, input: object): Promise<any> =>
  cloud.cloud.call({ service, operation, input, principal: { kind: 'user', arn: 'arn:aws:iam::000000000000:root' } });

/** `launchway drift backtest`, as a person runs it. */
async function backtest(...options: string[]): Promise<any> {
  const args = ['drift', 'backtest', 'flight-delays', ...options, '--json'];
  const { code, stdout, stderr } = await runCli(args, { stateDir: cloud.stateDir });
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** A queue that takes what Launchway tells other systems. */
async function listen(): Promise<void> {
  heard = (await call('sqs', 'CreateQueue', { QueueName: 'heard' })).QueueUrl;
  const arn = 'arn:aws:sqs:eu-west-1:000000000000:heard';
  const allowed = { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:SendMessage' };
  const Policy = JSON.stringify({ Statement: [{ ...allowed, Resource: arn }] });
  await call('sqs', 'SetQueueAttributes', { QueueUrl: heard, Attributes: { Policy } });
  await call('events', 'PutRule', { Name: 'heard', EventPattern: '{"source":["launchway"]}' });
  await call('events', 'PutTargets', { Rule: 'heard', Targets: [{ Id: 'heard', Arn: arn }] });
}

async function openLink(): Promise<string> {
  return (await fetch(approvalLink(await readInbox(cloud.url, 'ada@example.com')))).text();
}

/** As the service itself keeps it: the parameters of the task that waited for people. */
async function taskToken(): Promise<string> {
  const machine = `arn:aws:states:eu-west-1:${connection.account}:stateMachine:launchway-local-approve-model`;
  for await (const page of paginateListExecutions({ client: connection.sfn }, { stateMachineArn: machine })) {
    const { events } = await connection.sfn.send(
      new GetExecutionHistoryCommand({ executionArn: page.executions![0]!.executionArn }),
    );
    const parameters = events!
      .map(({ taskScheduledEventDetails }) => taskScheduledEventDetails?.parameters)
      .find((text) => text?.includes('taskToken'));
    return JSON.parse(parameters!).Payload.taskToken;
  }
  throw new Error('expected an execution that asked for approval, got none');
}

/** What every execution went through. */
async function* allHistories() {
  const client = connection.sfn;
  for await (const { stateMachines } of paginateListStateMachines({ client }, {})) {
    for (const { stateMachineArn, name } of stateMachines!) {
      for await (const { executions } of paginateListExecutions({ client }, { stateMachineArn })) {
        for (const { executionArn } of executions!) {
          for await (const { events } of paginateGetExecutionHistory({ client }, { executionArn }))
            yield { machine: name!, events: events! };
        }
      }
    }
  }
}

async function allLogs(): Promise<string> {
  const client = new CloudWatchLogsClient(connection.client);
  const lines: string[] = [];
  for await (const { logGroups } of paginateDescribeLogGroups({ client }, {})) {
    for (const { logGroupName } of logGroups!) {
      for await (const { events } of paginateFilterLogEvents({ client }, { logGroupName }))
        lines.push(...events!.map(({ message }) => message!));
    }
  }
  return lines.join('\n');
}

async function allRows(): Promise<string> {
  const rows: unknown[] = [];
  for await (const { Items } of paginateScan({ client: connection.table.client }, { TableName: connection.table.name }))
    rows.push(...Items!);
  return JSON.stringify(rows);
}
