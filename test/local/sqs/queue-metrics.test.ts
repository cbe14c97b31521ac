import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SmallCloud } from '../support/small-cloud.ts';

let small: SmallCloud;

beforeEach(async () => {
  small = await SmallCloud.start();
});

afterEach(() => small.stop());

describe('an alarm on a dead-letter queue', () => {
  it('tells of a message that arrives there, and is quiet again when it is gone', async () => {
    const { ref: QueueUrl } = await small.create('AWS::SQS::Queue', { QueueName: 'dead' });
    const { ref: TopicArn } = await small.create('AWS::SNS::Topic', { TopicName: 'alerts' });
    await small.create('AWS::SNS::Subscription', { TopicArn, Protocol: 'email', Endpoint: 'ops@example.org' });
    await small.create('AWS::CloudWatch::Alarm', {
      AlarmName: 'dead-letters',
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [{ Name: 'QueueName', Value: 'dead' }],
      Statistic: 'Maximum',
      Period: 300,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
      AlarmActions: [TopicArn],
    });
    const state = async () =>
      (await small.call('monitoring', 'DescribeAlarms', { AlarmNames: ['dead-letters'] })).MetricAlarms[0].StateValue;
    await small.call('sqs', 'SendMessage', { QueueUrl, MessageBody: 'poison' });
    await small.cloud.clock.advance(3_600_000);
    expect(await state()).toBe('ALARM');
    const mails = await (await fetch(`${small.cloud.url}/_launchway/inbox.json?to=ops@example.org`)).json();
    expect(mails).toMatchObject([{ subject: expect.stringContaining('dead-letters') }]);
    await small.call('sqs', 'PurgeQueue', { QueueUrl });
    await small.cloud.clock.advance(3_600_000);
    expect(await state()).toBe('OK');
  });
});
