import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { describe, expect, it } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { EmbeddedMetrics } from '../../adapters/embedded-metrics.ts';
import { EventBridgeEventPublisher } from '../../adapters/eventbridge-event-publisher.ts';
import { owedOfWindow } from '../../domain/monitoring/events.ts';
import type { WindowRow } from '../../domain/monitoring/rows.ts';

const window = {
  ...{ model: 'flights', version: 7, start: '2026-02-02T00:00:00.000Z', end: '2026-02-03T00:00:00.000Z', rows: 500 },
  ...{ verdict: 'Drifted', drifted: ['origin'], persistent: [] },
} as unknown as WindowRow;

describe('metrics in a log line', () => {
  const recorded = (metrics: Parameters<EmbeddedMetrics['record']>[0]) => {
    const lines: string[] = [];
    new EmbeddedMetrics('launchway-prod', (line) => lines.push(line)).record(metrics);
    expect(lines).toHaveLength(1);
    return JSON.parse(lines[0]!);
  };

  it('are in embedded metric format, by deployment and model', () => {
    const at = new Date('2026-02-03T00:15:00.000Z');
    const line = recorded({ model: 'flights', version: 7, at, values: { DriftedShare: 20, Rows: 500 } });
    expect(line).toEqual({
      _aws: {
        Timestamp: at.getTime(),
        CloudWatchMetrics: [
          {
            Namespace: 'Launchway',
            Dimensions: [['Deployment', 'Model']],
            Metrics: [
              { Name: 'DriftedShare', Unit: 'Percent' },
              { Name: 'Rows', Unit: 'Count' },
            ],
          },
        ],
      },
      ...{ Deployment: 'launchway-prod', Model: 'flights', version: 7, DriftedShare: 20, Rows: 500 },
    });
  });

  it('are of the deployment where they are of no model', () => {
    const line = recorded({ at: new Date(0), values: { ModelsServed: 3 } });
    expect(line._aws.CloudWatchMetrics[0].Dimensions).toEqual([['Deployment']]);
    expect(line).not.toHaveProperty('Model');
  });
});

describe('an event on the bus', () => {
  it('names its source, its type, whose it is and what it is of', async () => {
    const bus = mockClient(EventBridgeClient)
      .on(PutEventsCommand)
      .resolves({ Entries: [{ EventId: 'e' }] });
    await new EventBridgeEventPublisher('launchway-prod').publish(owedOfWindow(window)[0]!.event);
    const [entry] = bus.commandCalls(PutEventsCommand)[0]!.args[0].input.Entries!;
    expect(entry).toMatchObject({
      ...{ Source: 'launchway', DetailType: 'Drift Found', Resources: ['launchway-prod/flights'] },
    });
    expect(JSON.parse(entry!.Detail!)).toEqual({
      schema: 'launchway/event/v1',
      id: 'flights/v7/2026-02-02T00:00:00.000Z',
      ...{ deployment: 'launchway-prod', model: 'flights', version: 7, rows: 500 },
      window: { start: window.start, end: window.end },
      ...{ features: ['origin'], persistent: [], skewed: [], report: null },
    });
  });

  it('that the bus refuses is an error, although the call went through', async () => {
    mockClient(EventBridgeClient)
      .on(PutEventsCommand)
      .resolves({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'ThrottlingException', ErrorMessage: 'slow down' }] });
    await expect(
      new EventBridgeEventPublisher('launchway-prod').publish(owedOfWindow(window)[0]!.event),
    ).rejects.toMatchObject({
      name: 'EventRefusedError',
      message: 'expected Drift Found of flights to be taken, got ThrottlingException: slow down',
    });
  });
});
