import { type Operation, ServiceError } from '../../../service.ts';
import type { Executions } from '../executions.ts';
import type { MachineRecord, Tag } from '../machines.ts';
import { validate } from '../validation/validate.ts';
import { dateOf, need, page, passRole } from './permissions.ts';

const WILDCARD = '*';

/** Most diagnostics of a definition, unless asked for fewer. */
const MOST_DIAGNOSTICS = 100;

/** CreateStateMachine and its kin. */
export const machineOperations = (executions: Executions): Record<string, Operation> => {
  const { machines } = executions;
  return {
    CreateStateMachine: {
      members: ['name', 'definition', 'roleArn', 'type', 'loggingConfiguration', 'tracingConfiguration', 'tags'],
      needs: ({ input }) => [need('CreateStateMachine', machines.arnOf(input.name)), passRole(input.roleArn)],
      async run({ input }) {
        const { stateMachineArn, creationDate } = machines.create(input);
        return { stateMachineArn, creationDate: dateOf(creationDate) };
      },
    },
    UpdateStateMachine: {
      members: ['stateMachineArn', 'definition', 'roleArn', 'loggingConfiguration', 'tracingConfiguration'],
      needs: ({ input }) => [
        need('UpdateStateMachine', input.stateMachineArn),
        ...(input.roleArn === undefined ? [] : [passRole(input.roleArn)]),
      ],
      async run({ input: { stateMachineArn, ...settings } }) {
        const { updateDate, revisionId } = machines.update(stateMachineArn, settings);
        return { updateDate: dateOf(updateDate), revisionId };
      },
    },
    DeleteStateMachine: {
      members: ['stateMachineArn'],
      needs: ({ input }) => [need('DeleteStateMachine', input.stateMachineArn)],
      async run({ input }) {
        deleteMachine(executions, input.stateMachineArn);
        return {};
      },
    },
    ...readOperations(executions),
    ...tagOperations(executions),
  };
};

const readOperations = (executions: Executions): Record<string, Operation> => {
  const { machines } = executions;
  return {
    DescribeStateMachine: {
      members: ['stateMachineArn', 'includedData'],
      needs: ({ input }) => [need('DescribeStateMachine', input.stateMachineArn)],
      run: async ({ input }) => describe(executions, machines.get(input.stateMachineArn)),
    },
    ListStateMachines: {
      members: ['maxResults', 'nextToken'],
      needs: () => [need('ListStateMachines', WILDCARD)],
      async run({ input }) {
        const { items, nextToken } = page(machines.list(), input?.nextToken, input?.maxResults);
        return { stateMachines: items.map(summary), ...(nextToken && { nextToken }) };
      },
    },
    ValidateStateMachineDefinition: {
      members: ['definition', 'type', 'severity', 'maxResults'],
      needs: () => [need('ValidateStateMachineDefinition', WILDCARD)],
      async run({ input }) {
        const { findings } = validate(input.definition, input.type);
        const most = input.maxResults || MOST_DIAGNOSTICS;
        return {
          result: findings.length > 0 ? 'FAIL' : 'OK',
          diagnostics: findings.slice(0, most),
          truncated: findings.length > most,
        };
      },
    },
  };
};

/** Deletes a machine; its running executions end with it. */
export function deleteMachine(executions: Executions, arn: string): void {
  const prefix = `${arn.replace(':stateMachine:', ':execution:')}:`;
  for (const record of executions.journal.executions(prefix)) {
    if (record.status === 'RUNNING') executions.stop(record.executionArn);
  }
  executions.machines.delete(arn);
}

const summary = ({ stateMachineArn, name, type, creationDate }: MachineRecord) => ({
  stateMachineArn,
  name,
  type,
  creationDate: dateOf(creationDate),
});

function describe(executions: Executions, record: MachineRecord) {
  const { definition, roleArn } = executions.machines.revision(record);
  return {
    ...summary(record),
    status: 'ACTIVE',
    definition,
    roleArn,
    loggingConfiguration: record.loggingConfiguration,
    tracingConfiguration: record.tracingConfiguration,
    revisionId: record.revisionId,
  };
}

const tagOperations = ({ machines }: Executions): Record<string, Operation> => ({
  TagResource: {
    members: ['resourceArn', 'tags'],
    needs: ({ input }) => [need('TagResource', input.resourceArn)],
    async run({ input }) {
      const record = taggable(() => machines.get(input.resourceArn));
      const fresh = input.tags as readonly Tag[];
      const kept = record.tags.filter(({ key }) => !fresh.some((tag) => tag.key === key));
      machines.tag(record, [...kept, ...fresh]);
      return {};
    },
  },
  UntagResource: {
    members: ['resourceArn', 'tagKeys'],
    needs: ({ input }) => [need('UntagResource', input.resourceArn)],
    async run({ input }) {
      const record = taggable(() => machines.get(input.resourceArn));
      machines.tag(
        record,
        record.tags.filter(({ key }) => !input.tagKeys.includes(key)),
      );
      return {};
    },
  },
  ListTagsForResource: {
    members: ['resourceArn'],
    needs: ({ input }) => [need('ListTagsForResource', input.resourceArn)],
    run: async ({ input }) => ({ tags: taggable(() => machines.get(input.resourceArn)).tags }),
  },
});

/** The tag operations have their own name for what is missing. */
function taggable<T>(find: () => T): T {
  try {
    return find();
  } catch (error) {
    if (!(error instanceof ServiceError) || error.code !== 'StateMachineDoesNotExist') throw error;
    throw new ServiceError('ResourceNotFound', error.message);
  }
}
