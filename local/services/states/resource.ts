import { createHash } from 'node:crypto';
import {
  NotImplementedError,
  type ProvisionedResource,
  type ResourceHandler,
  type ResourceRequest,
} from '../../service.ts';
import type { Executions } from './executions.ts';
import type { LoggingConfiguration, MachineRecord, Tag } from './machines.ts';
import { deleteMachine } from './operations/machines.ts';

/** Names that CloudFormation makes up may be this long. */
const LONGEST_NAME = 80;

/** `AWS::StepFunctions::StateMachine`. */
export const stateMachineResource = (executions: Executions): ResourceHandler => ({
  properties: [
    'DefinitionString',
    'Definition',
    'DefinitionSubstitutions',
    'RoleArn',
    'StateMachineName',
    'StateMachineType',
    'LoggingConfiguration',
    'TracingConfiguration',
    'Tags',
  ],
  async create(request) {
    const name = request.properties.StateMachineName ?? generatedName(request);
    return provisioned(
      executions.machines.create({ name, type: request.properties.StateMachineType, ...settingsOf(request) }),
    );
  },
  async update(request, current) {
    const name = request.properties.StateMachineName ?? current.attributes.Name;
    if (name === current.attributes.Name)
      return provisioned(executions.machines.update(current.ref, settingsOf(request)));
    return provisioned(executions.machines.create({ name, ...settingsOf(request) }));
  },
  async delete(_request, current) {
    deleteMachine(executions, current.ref);
  },
});

const provisioned = ({ stateMachineArn, name, revisionId }: MachineRecord): ProvisionedResource => ({
  ref: stateMachineArn,
  attributes: { Arn: stateMachineArn, Name: name, StateMachineRevisionId: revisionId },
});

function settingsOf({ properties }: ResourceRequest) {
  return {
    definition: definitionOf(properties),
    roleArn: String(properties.RoleArn),
    loggingConfiguration: loggingOf(properties.LoggingConfiguration),
    tracingConfiguration: { enabled: isTrue(properties.TracingConfiguration?.Enabled) },
    tags: ((properties.Tags ?? []) as { Key: string; Value: string }[]).map(
      ({ Key, Value }): Tag => ({ key: Key, value: Value }),
    ),
  };
}

/** The definition's text, with each `${name}` of DefinitionSubstitutions replaced. */
// biome-ignore lint/suspicious/noExplicitAny: a template's properties are JSON from outside
function definitionOf(properties: any): string {
  const text = properties.DefinitionString ?? JSON.stringify(properties.Definition);
  if (typeof text !== 'string') throw new NotImplementedError('AWS::StepFunctions::StateMachine DefinitionS3Location');
  const substitutions = new Map<string, string>(Object.entries(properties.DefinitionSubstitutions ?? {}));
  return text.replaceAll(/\$\{([A-Za-z0-9_]+)\}/g, (whole, name: string) => {
    const value = substitutions.get(name);
    // As CloudFormation, leave what has no substitution; JSON escaping keeps the text a definition.
    return value === undefined ? whole : JSON.stringify(String(value)).slice(1, -1);
  });
}

// biome-ignore lint/suspicious/noExplicitAny: a template's properties are JSON from outside
function loggingOf(given: any): LoggingConfiguration {
  if (!given) return { level: 'OFF', includeExecutionData: false };
  return {
    level: given.Level ?? 'OFF',
    includeExecutionData: isTrue(given.IncludeExecutionData),
    destinations: ((given.Destinations ?? []) as { CloudWatchLogsLogGroup?: { LogGroupArn?: string } }[]).map(
      ({ CloudWatchLogsLogGroup }) => ({
        cloudWatchLogsLogGroup: {
          ...(CloudWatchLogsLogGroup?.LogGroupArn && { logGroupArn: CloudWatchLogsLogGroup.LogGroupArn }),
        },
      }),
    ),
  };
}

const isTrue = (value: unknown): boolean => value === true || value === 'true';

/** Stack, logical id and a stable ending, so that the name survives a restart. */
function generatedName({ stackName, logicalId }: ResourceRequest): string {
  const ending = createHash('sha256').update(`${stackName}/${logicalId}`).digest('hex').slice(0, 12);
  return `${`${stackName}-${logicalId}`.slice(0, LONGEST_NAME - ending.length - 1)}-${ending}`;
}
