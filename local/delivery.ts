import { type Cloud, NotImplementedError, type Principal } from './service.ts';

/** What a service hands on to a queue, a topic, a function or a bus. */
export interface Delivery {
  /** Text; JSON where a function receives it. */
  readonly body: string;
  /** Become string attributes of a queue's or a topic's message. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** For FIFO queues. */
  readonly groupId?: string;
  /** For event buses, whose events need a name and a source. */
  readonly event?: { readonly detailType: string; readonly source: string };
}

/**
 * Delivers to a target by its ARN with the principal's permissions.
 *
 * @throws {ServiceError} what the target's service answers; NotImplemented for a kind of target that none of the templates uses
 */
export async function deliver(cloud: Cloud, principal: Principal, arn: string, delivery: Delivery): Promise<void> {
  const service = arn.split(':')[2];
  const { body, groupId } = delivery;
  const MessageAttributes = stringAttributes(delivery.attributes ?? {});
  switch (service) {
    case 'sqs': {
      const QueueUrl = queueUrl(cloud, arn);
      const input = { QueueUrl, MessageBody: body, MessageAttributes, MessageGroupId: groupId };
      await cloud.call({ service: 'sqs', operation: 'SendMessage', principal, input });
      return;
    }
    case 'sns':
      await cloud.call({
        service: 'sns',
        operation: 'Publish',
        principal,
        input: { TopicArn: arn, Message: body, MessageAttributes },
      });
      return;
    case 'lambda': {
      const input = { FunctionName: arn, InvocationType: 'Event', Payload: Buffer.from(body) };
      await cloud.call({ service: 'lambda', operation: 'Invoke', principal, input });
      return;
    }
    case 'states':
      await cloud.call({
        service: 'states',
        operation: 'StartExecution',
        principal,
        input: { stateMachineArn: arn, input: body },
      });
      return;
    case 'events': {
      const { event } = delivery;
      if (!event) throw new NotImplementedError(`delivery to ${arn} without a detail type and a source`);
      const entry = { EventBusName: arn, DetailType: event.detailType, Source: event.source, Detail: body };
      await cloud.call({ service: 'events', operation: 'PutEvents', principal, input: { Entries: [entry] } });
      return;
    }
    default:
      throw new NotImplementedError(`delivery to ${arn}`);
  }
}

/** The URL of the queue with this ARN. */
export const queueUrl = (cloud: Cloud, arn: string): string => {
  const [, , , , account, name] = arn.split(':');
  return `${cloud.url}/${account}/${name}`;
};

const stringAttributes = (attributes: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
  );
