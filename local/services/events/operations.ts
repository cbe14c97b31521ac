import { randomUUID } from 'node:crypto';
import { type Call, type Cloud, type Need, NotImplementedError, type Operation, ServiceError } from '../../service.ts';
import { type Rule, ruleArn, ruleFrom, type Target, targetFrom } from './rule.ts';
import type { Rules } from './rules.ts';

const MOST_TARGETS = 5;

/** EventBridge's API for the default bus. */
export const operations = (cloud: Cloud, rules: Rules): Record<string, Operation> => ({
  PutEvents: putEvents(cloud, rules),
  ...ruleOperations(cloud, rules),
  ...ruleQueries(cloud, rules),
  ...targetOperations(cloud, rules),
});

const ruleOperations = (cloud: Cloud, rules: Rules): Record<string, Operation> => ({
  PutRule: {
    members: ['Name', 'EventPattern', 'ScheduleExpression', 'State', 'Description', 'RoleArn', 'EventBusName', 'Tags'],
    needs: (call) => [...needsRule(cloud, 'events:PutRule', 'Name')(call), ...needsPassRole(call.input.RoleArn)],
    run: async ({ input }) => {
      checkBus(cloud, input.EventBusName);
      const rule = ruleFrom(cloud, input);
      rules.put(rule);
      return { RuleArn: rule.arn };
    },
  },
  DeleteRule: {
    members: ['Name', 'EventBusName', 'Force'],
    needs: needsRule(cloud, 'events:DeleteRule', 'Name'),
    run: async ({ input }) => {
      if (rules.targets(input.Name).length > 0) {
        throw new ServiceError('ValidationException', "Rule can't be deleted since it has targets.");
      }
      rules.delete(input.Name);
      return {};
    },
  },
  EnableRule: setState(cloud, rules, true),
  DisableRule: setState(cloud, rules, false),
});

const ruleQueries = (cloud: Cloud, rules: Rules): Record<string, Operation> => ({
  DescribeRule: {
    members: ['Name', 'EventBusName'],
    needs: needsRule(cloud, 'events:DescribeRule', 'Name'),
    run: async ({ input }) => {
      checkBus(cloud, input.EventBusName);
      return describe(rules.get(input.Name));
    },
  },
  ListRules: {
    members: ['NamePrefix', 'EventBusName', 'NextToken', 'Limit'],
    needs: () => [{ action: 'events:ListRules', resource: '*' }],
    run: async ({ input }) => {
      if (input.NextToken !== undefined) throw new NotImplementedError('events:ListRules NextToken');
      checkBus(cloud, input.EventBusName);
      const found = rules.list().filter(({ name }) => name.startsWith(input.NamePrefix ?? ''));
      if (found.length > (input.Limit ?? Number.POSITIVE_INFINITY))
        throw new NotImplementedError('events:ListRules Limit');
      return { Rules: found.map(describe) };
    },
  },
});

const setState = (cloud: Cloud, rules: Rules, enabled: boolean): Operation => ({
  members: ['Name', 'EventBusName'],
  needs: needsRule(cloud, enabled ? 'events:EnableRule' : 'events:DisableRule', 'Name'),
  run: async ({ input }) => {
    const rule = rules.get(input.Name);
    rules.put({
      ...ruleFrom(cloud, { ...describe(rule), EventPattern: rule.pattern, State: enabled ? 'ENABLED' : 'DISABLED' }),
      createdAt: rule.createdAt,
    });
    return {};
  },
});

const targetOperations = (cloud: Cloud, rules: Rules): Record<string, Operation> => ({
  PutTargets: {
    members: ['Rule', 'EventBusName', 'Targets'],
    needs: (call) => [
      ...needsRule(cloud, 'events:PutTargets', 'Rule')(call),
      ...(call.input.Targets ?? []).flatMap((target: { RoleArn?: string }) => needsPassRole(target.RoleArn)),
    ],
    run: async ({ input }) => {
      checkBus(cloud, input.EventBusName);
      const { name } = rules.get(input.Rule);
      const targets: Target[] = (input.Targets ?? []).map(targetFrom);
      const ids = new Set([...rules.targets(name), ...targets].map(({ Id }) => Id));
      if (ids.size > MOST_TARGETS)
        throw new ServiceError('LimitExceededException', 'The requested resource exceeds the maximum number allowed.');
      for (const target of targets) rules.putTarget(name, target);
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
  },
  RemoveTargets: {
    members: ['Rule', 'EventBusName', 'Ids', 'Force'],
    needs: needsRule(cloud, 'events:RemoveTargets', 'Rule'),
    run: async ({ input }) => {
      const { name } = rules.get(input.Rule);
      for (const id of input.Ids ?? []) rules.removeTarget(name, id);
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
  },
  ListTargetsByRule: {
    members: ['Rule', 'EventBusName', 'NextToken', 'Limit'],
    needs: needsRule(cloud, 'events:ListTargetsByRule', 'Rule'),
    run: async ({ input }) => {
      if (input.NextToken !== undefined) throw new NotImplementedError('events:ListTargetsByRule NextToken');
      return { Targets: rules.targets(rules.get(input.Rule).name) };
    },
  },
});

const putEvents = (cloud: Cloud, rules: Rules): Operation => ({
  members: ['Entries'],
  needs: ({ input }) =>
    (input.Entries ?? []).map((entry: { Source?: string; DetailType?: string; EventBusName?: string }) => ({
      action: 'events:PutEvents',
      resource: busArn(cloud, entry.EventBusName),
      context: { 'events:source': entry.Source ?? '', 'events:detail-type': entry.DetailType ?? '' },
    })),
  run: async ({ input }) => {
    const entries = input.Entries ?? [];
    if (entries.length < 1 || entries.length > 10) {
      throw new ServiceError('ValidationException', `expected 1 to 10 entries, got ${entries.length}`);
    }
    if (bytesOf(entries) > LARGEST_REQUEST) {
      throw new ServiceError('ValidationException', 'Total size of the entries in the request is over the limit.');
    }
    const Entries = entries.map((entry: unknown) => putEvent(cloud, rules, entry));
    return { FailedEntryCount: Entries.filter((entry: object) => 'ErrorCode' in entry).length, Entries };
  },
});

/** What counts of an entry, in bytes. @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html */
const LARGEST_REQUEST = 1_048_576;

// biome-ignore lint/suspicious/noExplicitAny: entries from outside, checked one by one
const bytesOf = (entries: readonly any[]): number =>
  entries
    .flatMap(({ Time, Source, DetailType, Detail, Resources }) => [
      Time === undefined ? '' : 'x'.repeat(14),
      ...[Source, DetailType, Detail, ...(Resources ?? [])].map((text) => String(text ?? '')),
    ])
    .reduce((sum, text) => sum + Buffer.byteLength(text), 0);

const ENTRY_MEMBERS = ['Time', 'Source', 'Resources', 'DetailType', 'Detail', 'EventBusName', 'TraceHeader'];

// biome-ignore lint/suspicious/noExplicitAny: an entry from outside, checked here
const putEvent = (cloud: Cloud, rules: Rules, entry: any) => {
  const unknown = Object.keys(entry).find((member) => !ENTRY_MEMBERS.includes(member));
  if (unknown) throw new NotImplementedError(`events:PutEvents ${unknown}`);
  checkBus(cloud, entry.EventBusName);
  const missing = ['Source', 'DetailType', 'Detail'].find((member) => !entry[member]);
  if (missing)
    return failed('InvalidArgument', `Parameter ${missing} is not valid. Reason: ${missing} is a required argument.`);
  if (entry.Source.startsWith('aws.'))
    return failed('NotAuthorizedForSource', `Not authorized for the source ${entry.Source}.`);
  let detail: unknown;
  try {
    detail = JSON.parse(entry.Detail);
  } catch {
    return failed('MalformedDetail', 'Detail is malformed.');
  }
  if (typeof detail !== 'object' || detail === null || Array.isArray(detail))
    return failed('MalformedDetail', 'Detail is malformed.');
  const time =
    entry.Time === undefined
      ? cloud.clock.date()
      : new Date(typeof entry.Time === 'number' ? entry.Time * 1000 : entry.Time);
  const id = randomUUID();
  rules.route({
    version: '0',
    id,
    'detail-type': entry.DetailType,
    source: entry.Source,
    account: cloud.account,
    time: `${time.toISOString().slice(0, 19)}Z`,
    region: cloud.region,
    resources: entry.Resources ?? [],
    detail,
  });
  return { EventId: id };
};

const failed = (ErrorCode: string, ErrorMessage: string) => ({ ErrorCode, ErrorMessage });

const needsRule =
  (cloud: Cloud, action: string, member: 'Name' | 'Rule') =>
  ({ input }: Call): Need[] => [{ action, resource: ruleArn(cloud, input[member]) }];

const needsPassRole = (roleArn: string | undefined): Need[] =>
  roleArn === undefined
    ? []
    : [{ action: 'iam:PassRole', resource: roleArn, context: { 'iam:PassedToService': 'events.amazonaws.com' } }];

const busArn = ({ region, account }: Cloud, name = 'default'): string =>
  name.startsWith('arn:') ? name : `arn:aws:events:${region}:${account}:event-bus/${name}`;

/** There is the default bus only. */
export const checkBus = (cloud: Cloud, name: string | undefined): void => {
  if (busArn(cloud, name) !== busArn(cloud)) {
    throw new ServiceError('ResourceNotFoundException', `Event bus ${name} does not exist.`);
  }
};

const describe = (rule: Rule) => ({
  Name: rule.name,
  Arn: rule.arn,
  EventPattern: rule.pattern && JSON.stringify(rule.pattern),
  ScheduleExpression: rule.scheduleExpression,
  State: rule.enabled ? 'ENABLED' : 'DISABLED',
  Description: rule.description,
  RoleArn: rule.roleArn,
  EventBusName: 'default',
});
