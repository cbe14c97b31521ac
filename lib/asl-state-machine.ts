import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArnFormat, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { LaunchwayConfig } from './config.ts';
import type { HandlerFunction } from './handler-function.ts';
import { allow, type Permission } from './permission.ts';
import { withinVpc } from './within-vpc.ts';

const DEFINITIONS = join(import.meta.dirname, '../state-machines');

/** Properties for AslStateMachine. */
export interface AslStateMachineProps {
  /** `namePrefix-stage`. */
  readonly prefix: string;

  /** File name under `state-machines/`, without `.asl.json`; also the last part of the machine's name. */
  readonly definition: string;

  /** Functions the definition invokes, by placeholder. Each is granted and nothing else. */
  // biome-ignore lint/suspicious/noExplicitAny: a function's environment contract does not matter to who invokes it
  readonly invokes?: Readonly<Record<string, HandlerFunction<any>>>;

  /** State machines the definition starts and waits for, by placeholder. Each is granted and nothing else. */
  readonly starts?: Readonly<Record<string, AslStateMachine>>;

  /** Whether it has a Distributed Map, whose items are executions of the machine itself. */
  readonly distributed?: boolean;

  /** Other placeholders. */
  readonly names?: Readonly<Record<string, string>>;

  /** Where the containers run that the definition makes. @default SageMaker's own network, without internet */
  readonly vpc?: LaunchwayConfig['vpc'];

  /** What else the definition calls, as statements that name their resources. */
  readonly integrations?: readonly Permission[];
}

/**
 * A state machine whose definition is a file in `state-machines/`.
 *
 * Placeholders and props must match exactly, so a renamed state or a forgotten ARN fails `cdk synth` rather than the first
 * execution. `TimeoutSeconds` stands in the file: CDK ignores a `timeout` beside a definition given as text.
 */
export class AslStateMachine extends Construct {
  /** The machine, for grants, alarms and schedules. */
  readonly stateMachine: StateMachine;
  /** Its physical name, as text. */
  readonly name: string;

  constructor(scope: Construct, id: string, props: AslStateMachineProps) {
    super(scope, id);
    const { invokes = {}, starts = {}, names = {}, integrations = [] } = props;
    const definition = readFileSync(join(DEFINITIONS, `${props.definition}.asl.json`), 'utf8');
    const substitutions = {
      ...mapValues(invokes, (fn) => fn.function.functionArn),
      ...mapValues(starts, (machine) => machine.stateMachine.stateMachineArn),
      ...names,
    };
    assertSameNames(props.definition, placeholdersIn(definition), Object.keys(substitutions));

    this.name = `${props.prefix}-${props.definition}`;
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('states.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    this.stateMachine = new StateMachine(this, 'Resource', {
      stateMachineName: this.name,
      role,
      // The text, not an S3 asset: `cdk diff` then shows what changes in the workflow.
      definitionBody: DefinitionBody.fromString(JSON.stringify(withinVpc(JSON.parse(definition), props.vpc))),
      definitionSubstitutions: substitutions,
      logs: {
        destination: new LogGroup(this, 'Logs', {
          logGroupName: `/aws/vendedlogs/states/${this.name}`,
          retention: RetentionDays.THREE_MONTHS,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
        level: LogLevel.ALL,
        includeExecutionData: false, // inputs hold task tokens
      },
    });
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'Log delivery (logs:CreateLogDelivery and its siblings) has no resource types; CDK adds the statement.',
    });
    Validations.of(this.stateMachine).acknowledge({
      id: 'AwsSolutions-SF2',
      reason: 'X-Ray needs a wildcard permission and adds nothing that the history of an execution does not show.',
    });

    for (const fn of Object.values(invokes)) allow(role, invokeStatement(fn));
    for (const machine of Object.values(starts))
      for (const statement of startStatements(this, machine)) allow(role, statement);
    if (props.distributed) for (const statement of distributedMapStatements(this, this.name)) allow(role, statement);
    for (const statement of integrations) allow(role, statement);
  }
}

/** The latest version only: aliases and versions are not used, and `grantInvoke` would add a wildcard. */
// biome-ignore lint/suspicious/noExplicitAny: a function's environment contract does not matter to who invokes it
const invokeStatement = (fn: HandlerFunction<any>): Permission => ({
  actions: ['lambda:InvokeFunction'],
  resources: [fn.function.functionArn],
});

/** What `startExecution.sync:2` needs; CDK grants nothing for it where the definition is text. */
function startStatements(scope: Construct, { stateMachine, name }: AslStateMachine): Permission[] {
  return [
    { actions: ['states:StartExecution'], resources: [stateMachine.stateMachineArn] },
    watchExecutionsStatement(scope, name),
    managedRuleStatement(scope, 'StepFunctionsGetEventsForStepFunctionsExecutionRule'),
  ];
}

/** A Distributed Map starts its own machine; by name, as a role that names its machine by Ref would be a circle. */
const distributedMapStatements = (scope: Construct, name: string): Permission[] => [
  { actions: ['states:StartExecution'], resources: [statesArn(scope, 'stateMachine', name)] },
  watchExecutionsStatement(scope, name),
];

const watchExecutionsStatement = (scope: Construct, name: string): Permission => ({
  actions: ['states:DescribeExecution', 'states:StopExecution'],
  because: 'Executions are named when they start; only those of this one machine are meant.',
  resources: [statesArn(scope, 'execution', `${name}:*`)],
});

const statesArn = (scope: Construct, resource: string, resourceName: string): string =>
  Stack.of(scope).formatArn({ service: 'states', resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });

/** Step Functions learns of the end of a `.sync` task through an EventBridge rule that it manages under the machine's role. */
export const managedRuleStatement = (scope: Construct, rule: string): Permission => ({
  actions: ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
  resources: [Stack.of(scope).formatArn({ service: 'events', resource: 'rule', resourceName: rule })],
});

const mapValues = <T>(record: Readonly<Record<string, T>>, f: (value: T) => string): Record<string, string> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]));

const placeholdersIn = (definition: string): string[] => [
  ...new Set([...definition.matchAll(/\$\{(\w+)\}/g)].map((match) => match[1]!)),
];

function assertSameNames(file: string, inFile: string[], given: string[]): void {
  const missing = inFile.filter((name) => !given.includes(name));
  const unused = given.filter((name) => !inFile.includes(name));
  if (missing.length || unused.length) {
    throw new Error(
      `${file}.asl.json and its construct disagree; missing: [${missing.join(', ')}], unused: [${unused.join(', ')}]`,
    );
  }
}
