import { physicalName } from '../../physical-name.ts';
import type { Cloud, ProvisionedResource, ResourceHandler, ResourceRequest, Service } from '../../service.ts';
import { Deliveries } from './deliveries.ts';
import { operations, routes } from './operations.ts';
import { SCHEDULE_MEMBERS, scheduleFrom } from './schedule.ts';
import { Schedules } from './schedules.ts';

/** Amazon EventBridge Scheduler: occurrences on the cloud's clock, delivered as the schedule's role. */
export const createSchedulerService = (cloud: Cloud): Service => {
  const deliveries = new Deliveries(cloud);
  const schedules = new Schedules(cloud, deliveries);
  return {
    name: 'scheduler',
    operations: operations(cloud, schedules),
    routes,
    resources: {
      'AWS::Scheduler::Schedule': scheduleResource(cloud, schedules),
      'AWS::Scheduler::ScheduleGroup': groupResource(schedules),
    },
    resume: async () => {
      deliveries.resume();
      schedules.resume();
    },
  };
};

const scheduleResource = (cloud: Cloud, schedules: Schedules): ResourceHandler => {
  const put = async (request: ResourceRequest): Promise<ProvisionedResource> => {
    const Name = physicalName(request, { given: request.properties.Name, longest: 64 });
    const { createdAt } = schedules.find(request.properties.GroupName ?? 'default', Name) ?? {
      createdAt: cloud.clock.now(),
    };
    const schedule = scheduleFrom(cloud, { ...request.properties, Name }, createdAt);
    schedules.put(schedule);
    return { ref: Name, attributes: { Arn: schedule.arn, GroupName: schedule.group } };
  };
  const remove = (current: ProvisionedResource): void =>
    schedules.delete({ group: current.attributes.GroupName!, name: current.ref });
  return {
    properties: SCHEDULE_MEMBERS,
    create: put,
    update: async (request, current) => {
      const saved = await put(request);
      // In another group under the same name, it is another schedule that Ref does not tell apart.
      if (saved.ref === current.ref && saved.attributes.Arn !== current.attributes.Arn) remove(current);
      return saved;
    },
    delete: async (_request, current) => remove(current),
  };
};

const groupResource = (schedules: Schedules): ResourceHandler => {
  const put = async (request: ResourceRequest): Promise<ProvisionedResource> => {
    const name = physicalName(request, { given: request.properties.Name, longest: 64 });
    if (!schedules.findGroup(name)) schedules.putGroup(name);
    return { ref: name, attributes: { Arn: schedules.groupArn(name), State: 'ACTIVE' } };
  };
  return {
    properties: ['Name', 'Tags'],
    create: put,
    update: put,
    delete: async (_request, current) => schedules.deleteGroup(current.ref),
  };
};
