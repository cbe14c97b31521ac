import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, RemovalPolicy, type Size, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, type Code, Function as LambdaFunction, LoggingFormat, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { z } from 'zod';

const HANDLERS = join(import.meta.dirname, '../lambdas');

/** What every function of a deployment has in common. */
export interface HandlerDefaults {
  /** `namePrefix-stage`. */
  readonly prefix: string;
  /** The one bundle of all handlers. */
  readonly code: Code;
}

/** Properties for HandlerFunction. */
export interface HandlerFunctionProps<Env extends z.ZodType> extends HandlerDefaults {
  /** Folder under `lambdas/`; its `handler.ts` exports `handler`. */
  readonly handler: string;

  /** The folder's environment contract. */
  readonly env: Env;

  /** One value for every variable in the contract; the compiler counts them. */
  readonly environment: z.input<Env>;

  /** @default 30 seconds */
  readonly timeout?: Duration;

  /** @default 512 MB */
  readonly memorySize?: number;

  /** Of /tmp. @default 512 MB */
  readonly scratchSize?: Size;
}

/** A Node.js function under its own role, which may write its own log and nothing else until it is granted more. */
export class HandlerFunction<Env extends z.ZodType> extends Construct {
  readonly function: LambdaFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: HandlerFunctionProps<Env>) {
    super(scope, id);
    if (!existsSync(join(HANDLERS, props.handler, 'handler.ts'))) {
      throw new Error(`expected lambdas/${props.handler}/handler.ts, got no such file`);
    }
    const functionName = `${props.prefix}-${props.handler}`;
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    logGroup.grantWrite(this.role);
    this.function = new LambdaFunction(this, 'Function', {
      functionName,
      code: props.code,
      handler: `${props.handler}/index.handler`,
      environment: props.environment as Record<string, string>,
      role: this.role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      timeout: props.timeout ?? Duration.seconds(30),
      memorySize: props.memorySize ?? 512,
      ...(props.scratchSize && { ephemeralStorageSize: props.scratchSize }),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
    });
  }
}
