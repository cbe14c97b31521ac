import {
  type Call,
  type Cloud,
  type Need,
  NotImplementedError,
  type Operation,
  type RestRoute,
  ServiceError,
} from '../../service.ts';
import { DEFAULT_GROUP, groupArn, SCHEDULE_MEMBERS, type Schedule, scheduleArn, scheduleFrom } from './schedule.ts';
import type { Group, Schedules } from './schedules.ts';

export const routes: Record<string, RestRoute> = {
  CreateSchedule: { method: 'POST', path: '/schedules/{Name}' },
  UpdateSchedule: { method: 'PUT', path: '/schedules/{Name}' },
  GetSchedule: { method: 'GET', path: '/schedules/{Name}', query: { groupName: 'GroupName' } },
  DeleteSchedule: {
    method: 'DELETE',
    path: '/schedules/{Name}',
    query: { groupName: 'GroupName', clientToken: 'ClientToken' },
  },
  ListSchedules: {
    method: 'GET',
    path: '/schedules',
    query: {
      ScheduleGroup: 'GroupName',
      NamePrefix: 'NamePrefix',
      State: 'State',
      NextToken: 'NextToken',
      MaxResults: 'MaxResults',
    },
  },
  CreateScheduleGroup: { method: 'POST', path: '/schedule-groups/{Name}' },
  GetScheduleGroup: { method: 'GET', path: '/schedule-groups/{Name}' },
  DeleteScheduleGroup: { method: 'DELETE', path: '/schedule-groups/{Name}', query: { clientToken: 'ClientToken' } },
  ListScheduleGroups: {
    method: 'GET',
    path: '/schedule-groups',
    query: { NamePrefix: 'NamePrefix', NextToken: 'NextToken', MaxResults: 'MaxResults' },
  },
};

/** EventBridge Scheduler's API. */
export const operations = (cloud: Cloud, schedules: Schedules): Record<string, Operation> => ({
  ...scheduleOperations(cloud, schedules),
  ...scheduleQueries(cloud, schedules),
  ...groupOperations(cloud, schedules),
});

const scheduleOperations = (cloud: Cloud, schedules: Schedules): Record<string, Operation> => ({
  CreateSchedule: {
    members: [...SCHEDULE_MEMBERS, 'ClientToken'],
    needs: (call) => [...needsSchedule(cloud, 'scheduler:CreateSchedule', call), ...needsPassRole(call)],
    run: async ({ input }) => {
      const schedule = scheduleFrom(cloud, input, cloud.clock.now());
      const existing = schedules.find(schedule.group, schedule.name);
      // The same request again: its answer was lost.
      if (existing && isRepeated(existing, schedule)) return { ScheduleArn: existing.arn };
      if (existing) {
        throw new ServiceError('ConflictException', `Schedule ${schedule.name} already exists.`, 409);
      }
      await checkRole(cloud, schedule);
      schedules.put(schedule);
      return { ScheduleArn: schedule.arn };
    },
  },
  UpdateSchedule: {
    members: [...SCHEDULE_MEMBERS, 'ClientToken'],
    needs: (call) => [...needsSchedule(cloud, 'scheduler:UpdateSchedule', call), ...needsPassRole(call)],
    run: async ({ input }) => {
      const { createdAt } = schedules.get(input.GroupName ?? DEFAULT_GROUP, input.Name);
      const schedule = scheduleFrom(cloud, input, createdAt);
      await checkRole(cloud, schedule);
      schedules.put(schedule);
      return { ScheduleArn: schedule.arn };
    },
  },
  DeleteSchedule: {
    members: ['Name', 'GroupName', 'ClientToken'],
    needs: (call) => needsSchedule(cloud, 'scheduler:DeleteSchedule', call),
    run: async ({ input }) => {
      schedules.delete(schedules.get(input.GroupName ?? DEFAULT_GROUP, input.Name));
      return {};
    },
  },
});

const isRepeated = (existing: Schedule, { clientToken }: Schedule): boolean =>
  clientToken !== undefined && existing.clientToken === clientToken;

const scheduleQueries = (cloud: Cloud, schedules: Schedules): Record<string, Operation> => ({
  GetSchedule: {
    members: ['Name', 'GroupName'],
    needs: (call) => needsSchedule(cloud, 'scheduler:GetSchedule', call),
    run: async ({ input }) => describe(schedules.get(input.GroupName ?? DEFAULT_GROUP, input.Name)),
  },
  ListSchedules: {
    members: ['GroupName', 'NamePrefix', 'State', 'NextToken', 'MaxResults'],
    needs: () => [{ action: 'scheduler:ListSchedules', resource: '*' }],
    run: async ({ input }) => {
      const found = schedules
        .list(input.GroupName)
        .filter(({ name }) => name.startsWith(input.NamePrefix ?? ''))
        .map((schedule) => summary(schedule))
        .filter(({ State }) => input.State === undefined || State === input.State);
      return page(found, input, 'Schedules', 'scheduler:ListSchedules');
    },
  },
});

const groupOperations = (cloud: Cloud, schedules: Schedules): Record<string, Operation> => {
  const needsGroup =
    (action: string) =>
    ({ input }: Call): Need[] => [{ action, resource: groupArn(cloud, input.Name) }];
  return {
    CreateScheduleGroup: {
      members: ['Name', 'Tags', 'ClientToken'],
      needs: needsGroup('scheduler:CreateScheduleGroup'),
      run: async ({ input }) => {
        if (schedules.findGroup(input.Name)) {
          throw new ServiceError('ConflictException', `Schedule group ${input.Name} already exists.`, 409);
        }
        schedules.putGroup(input.Name);
        return { ScheduleGroupArn: groupArn(cloud, input.Name) };
      },
    },
    GetScheduleGroup: {
      members: ['Name'],
      needs: needsGroup('scheduler:GetScheduleGroup'),
      run: async ({ input }) => describeGroup(cloud, schedules.group(input.Name)),
    },
    DeleteScheduleGroup: {
      members: ['Name', 'ClientToken'],
      needs: needsGroup('scheduler:DeleteScheduleGroup'),
      run: async ({ input }) => {
        schedules.deleteGroup(schedules.group(input.Name).name);
        return {};
      },
    },
    ListScheduleGroups: {
      members: ['NamePrefix', 'NextToken', 'MaxResults'],
      needs: () => [{ action: 'scheduler:ListScheduleGroups', resource: '*' }],
      run: async ({ input }) => {
        const found = schedules.groups().filter(({ name }) => name.startsWith(input.NamePrefix ?? ''));
        const described = found.map((group) => describeGroup(cloud, group));
        return page(described, input, 'ScheduleGroups', 'scheduler:ListScheduleGroups');
      },
    },
  };
};

const needsSchedule = (cloud: Cloud, action: string, { input }: Call): Need[] => [
  { action, resource: scheduleArn(cloud, input.GroupName ?? DEFAULT_GROUP, input.Name) },
];

const needsPassRole = ({ input }: Call): Need[] =>
  typeof input.Target?.RoleArn === 'string'
    ? [
        {
          action: 'iam:PassRole',
          resource: input.Target.RoleArn,
          context: { 'iam:PassedToService': 'scheduler.amazonaws.com' },
        },
      ]
    : [];

/** Scheduler refuses a role that does not trust it as soon as the schedule is made. */
const checkRole = async (cloud: Cloud, { target, group }: Schedule): Promise<void> => {
  try {
    await cloud.assume(target.RoleArn, 'check', 'scheduler.amazonaws.com', groupArn(cloud, group));
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    throw new ServiceError(
      'ValidationException',
      `The execution role you provide must allow AWS EventBridge Scheduler to assume the role. ${error.message}`,
    );
  }
};

// biome-ignore lint/suspicious/noExplicitAny: the list operations' input
const page = <T>(found: readonly T[], input: any, member: string, operation: string) => {
  if (input.NextToken !== undefined) throw new NotImplementedError(`${operation} NextToken`);
  const most = Number(input.MaxResults ?? 100);
  if (found.length > most) throw new NotImplementedError(`${operation} more than ${most}`);
  return { [member]: found };
};

const summary = ({ arn, group, name, enabled, target, createdAt, modifiedAt }: Schedule) => ({
  Arn: arn,
  GroupName: group,
  Name: name,
  State: enabled ? 'ENABLED' : 'DISABLED',
  Target: { Arn: target.Arn },
  CreationDate: new Date(createdAt),
  LastModificationDate: new Date(modifiedAt),
});

const describe = (schedule: Schedule) => ({
  ...summary(schedule),
  ScheduleExpression: schedule.expression,
  ScheduleExpressionTimezone: schedule.timeZone,
  StartDate: schedule.startAt === undefined ? undefined : new Date(schedule.startAt),
  EndDate: schedule.endAt === undefined ? undefined : new Date(schedule.endAt),
  Description: schedule.description,
  FlexibleTimeWindow: schedule.window,
  Target: schedule.target,
  ActionAfterCompletion: schedule.deleteAfterCompletion ? 'DELETE' : 'NONE',
  KmsKeyArn: schedule.kmsKeyArn,
});

const describeGroup = (cloud: Cloud, { name, createdAt }: Group) => ({
  Arn: groupArn(cloud, name),
  Name: name,
  State: 'ACTIVE',
  CreationDate: new Date(createdAt),
  LastModificationDate: new Date(createdAt),
});
