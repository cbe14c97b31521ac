import { randomUUID } from 'node:crypto';
import { physicalName } from '../../physical-name.ts';
import type {
  Cloud,
  PolicyDocument,
  ProvisionedResource,
  ResourceHandler,
  ResourceRequest,
  Service,
} from '../../service.ts';
import { operations, subscriptionFrom } from './operations.ts';
import { Publisher } from './publish.ts';
import { type Topic, Topics } from './topics.ts';

/** Amazon SNS: standard topics to mails (in the inbox), queues and functions. */
export const createSnsService = (cloud: Cloud): Service => {
  const topics = new Topics(cloud);
  const publisher = new Publisher(cloud, topics);
  return {
    name: 'sns',
    operations: operations(topics, publisher),
    resources: {
      'AWS::SNS::Topic': topicResource(topics),
      'AWS::SNS::Subscription': subscriptionResource(topics),
      'AWS::SNS::TopicPolicy': topicPolicyResource(topics),
    },
    resourcePolicy: (arn) => {
      const topic = topics.find(arn);
      return topic && (topic.policy === undefined ? defaultPolicy(cloud, topic) : JSON.parse(topic.policy));
    },
    resume: async () => publisher.resume(),
  };
};

/** A topic without a policy of its own lets this account's alarms publish. */
const defaultPolicy = (cloud: Cloud, { arn }: Topic): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Action: 'sns:Publish',
      Resource: arn,
      Condition: { StringEquals: { 'aws:SourceAccount': cloud.account } },
    },
  ],
});

const topicResource = (topics: Topics): ResourceHandler => {
  const put = async (request: ResourceRequest): Promise<ProvisionedResource> => {
    const { DisplayName, KmsMasterKeyId, TracingConfig, Subscription } = request.properties;
    const name = physicalName(request, { given: request.properties.TopicName, longest: 256 });
    const arn = topics.arnOf(name);
    const recorded = { ...(KmsMasterKeyId && { KmsMasterKeyId }), ...(TracingConfig && { TracingConfig }) };
    topics.put({ name, arn, displayName: DisplayName ?? '', policy: topics.find(arn)?.policy, recorded });
    for (const inline of Subscription ?? []) topics.subscribe(subscriptionFrom({ ...inline, TopicArn: arn }, {}));
    return { ref: arn, attributes: { TopicArn: arn, TopicName: name } };
  };
  return {
    properties: ['TopicName', 'DisplayName', 'KmsMasterKeyId', 'TracingConfig', 'Subscription', 'Tags'],
    create: put,
    update: put,
    delete: async (_request, current) => topics.delete(current.ref),
  };
};

const subscriptionResource = (topics: Topics): ResourceHandler => {
  const put = async ({ properties }: ResourceRequest): Promise<ProvisionedResource> => {
    const { TopicArn: _, Protocol: __, Endpoint: ___, ...attributes } = properties;
    const { arn } = topics.subscribe(subscriptionFrom(properties, attributes));
    return { ref: arn, attributes: { Arn: arn } };
  };
  return {
    properties: [
      'TopicArn',
      'Protocol',
      'Endpoint',
      'RawMessageDelivery',
      'FilterPolicy',
      'FilterPolicyScope',
      'RedrivePolicy',
    ],
    create: put,
    update: put,
    delete: async (_request, current) => topics.unsubscribe(current.ref),
  };
};

const topicPolicyResource = (topics: Topics): ResourceHandler => {
  const attach = (arns: readonly string[], policy: string | undefined): void => {
    for (const arn of arns) {
      const topic = topics.find(arn);
      if (topic || policy !== undefined) topics.put({ ...topics.get(arn), policy });
    }
  };
  const put = async ({ properties }: ResourceRequest, ref: string): Promise<ProvisionedResource> => {
    attach(properties.Topics, JSON.stringify(properties.PolicyDocument));
    return { ref, attributes: { Id: ref, Topics: properties.Topics.join(' ') } };
  };
  return {
    properties: ['Topics', 'PolicyDocument'],
    create: (request) => put(request, `topic-policy-${randomUUID()}`),
    update: async (request, current) => {
      attach(current.attributes.Topics!.split(' '), undefined);
      return put(request, current.ref);
    },
    delete: async (_request, current) => attach(current.attributes.Topics!.split(' '), undefined),
  };
};
