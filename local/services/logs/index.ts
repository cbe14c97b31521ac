import { physicalName } from '../../physical-name.ts';
import type { Cloud, PolicyDocument, ResourceHandler, ResourceRequest, Service } from '../../service.ts';
import { NotImplementedError } from '../../service.ts';
import { eventOperations } from './event-operations.ts';
import { GroupOperations } from './group-operations.ts';
import { LogStore } from './log-store.ts';
import { groupArn } from './naming.ts';

const POLICIES = 'logs.policies';

/** CloudWatch Logs; lines in embedded metric format become metrics. */
export function createLogsService(cloud: Cloud): Service {
  const logs = new LogStore(cloud);
  const groups = new GroupOperations(cloud, logs);
  return {
    name: 'logs',
    operations: { ...groups.all, ...eventOperations(cloud, logs) },
    resources: {
      'AWS::Logs::LogGroup': groupHandler(cloud, logs, groups),
      'AWS::Logs::ResourcePolicy': policyHandler(cloud),
    },
    resourcePolicy: () => policyOf(cloud),
    resume: async () => logs.armPurge(),
  };
}

function groupHandler(cloud: Cloud, logs: LogStore, groups: GroupOperations): ResourceHandler {
  const put = async (request: ResourceRequest) => {
    const { properties } = request;
    if (![undefined, 'STANDARD'].includes(properties.LogGroupClass)) {
      throw new NotImplementedError(`AWS::Logs::LogGroup LogGroupClass ${properties.LogGroupClass}`);
    }
    const name = physicalName(request, { given: properties.LogGroupName, longest: 512 });
    await groups.create({
      name,
      kmsKeyId: properties.KmsKeyId,
      tags: Object.fromEntries(
        (properties.Tags ?? []).map((tag: { Key: string; Value: string }) => [tag.Key, tag.Value]),
      ),
      createdAt: logs.findGroup(name)?.createdAt ?? cloud.clock.now(),
    });
    groups.setRetention(
      name,
      properties.RetentionInDays === undefined ? undefined : Number(properties.RetentionInDays),
    );
    return { ref: name, attributes: { Arn: groupArn(cloud, name) } };
  };
  return {
    properties: ['LogGroupName', 'RetentionInDays', 'KmsKeyId', 'LogGroupClass', 'Tags'],
    create: put,
    update: put,
    delete: async (_request, current) => logs.deleteGroup(current.ref),
  };
}

/** Policies are the account's, not a group's: each names the groups it is about. */
function policyHandler(cloud: Cloud): ResourceHandler {
  const put: ResourceHandler['create'] = async ({ properties }) => {
    const document = properties.PolicyDocument;
    cloud.store.put(POLICIES, properties.PolicyName, typeof document === 'string' ? JSON.parse(document) : document);
    return { ref: properties.PolicyName, attributes: {} };
  };
  return {
    properties: ['PolicyName', 'PolicyDocument'],
    create: put,
    update: put,
    delete: async (_request, current) => cloud.store.delete(POLICIES, current.ref),
  };
}

/** The account's policies, and the one AWS keeps itself so that services deliver their logs (AWSLogDeliveryWrite20150319). */
function policyOf(cloud: Cloud): PolicyDocument {
  const delivery = {
    Effect: 'Allow',
    Principal: { Service: 'delivery.logs.amazonaws.com' },
    Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    Resource: '*',
  };
  const documents = cloud.store.list<PolicyDocument>(POLICIES).map(({ value }) => value);
  return { Version: '2012-10-17', Statement: [delivery, ...documents.flatMap(({ Statement }) => Statement)] };
}
