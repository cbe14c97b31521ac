import { physicalName } from '../../physical-name.ts';
import type { Cloud, ProvisionedResource, ResourceHandler, ResourceRequest, Service } from '../../service.ts';
import { checkBus, operations } from './operations.ts';
import { ruleFrom, targetFrom } from './rule.ts';
import { Rules } from './rules.ts';

/** Amazon EventBridge: the default bus with rules on events and on the clock. */
export const createEventsService = (cloud: Cloud): Service => {
  const rules = new Rules(cloud);
  const unlisten = cloud.onEvent((event) =>
    rules.route({ version: '0', ...event, time: `${event.time.slice(0, 19)}Z` }),
  );
  return {
    name: 'events',
    operations: operations(cloud, rules),
    resources: { 'AWS::Events::Rule': ruleResource(cloud, rules) },
    resume: async () => rules.resume(),
    stop: async () => unlisten(),
  };
};

const ruleResource = (cloud: Cloud, rules: Rules): ResourceHandler => {
  const put = async (request: ResourceRequest): Promise<ProvisionedResource> => {
    const { properties } = request;
    checkBus(cloud, properties.EventBusName);
    const Name = physicalName(request, { given: properties.Name, longest: 64 });
    const rule = ruleFrom(cloud, { ...properties, Name });
    const targets = (properties.Targets ?? []).map(targetFrom);
    cloud.store.transaction(() => {
      for (const { Id } of rules.targets(Name)) rules.removeTarget(Name, Id);
      for (const target of targets) rules.putTarget(Name, target);
      rules.put(rule);
    });
    return { ref: Name, attributes: { Arn: rule.arn } };
  };
  const remove = (name: string): void => {
    for (const { Id } of rules.targets(name)) rules.removeTarget(name, Id);
    rules.delete(name);
  };
  return {
    properties: [
      'Tags',
      'Name',
      'Description',
      'EventPattern',
      'ScheduleExpression',
      'State',
      'Targets',
      'EventBusName',
      'RoleArn',
    ],
    create: put,
    update: put,
    delete: async (_request, current) => remove(current.ref),
  };
};
