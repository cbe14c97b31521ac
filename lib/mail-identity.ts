import { Stack } from 'aws-cdk-lib';
import {
  CfnConfigurationSet,
  CfnConfigurationSetEventDestination,
  ConfigurationSet,
  EmailIdentity,
  Identity,
} from 'aws-cdk-lib/aws-ses';
import { Construct } from 'constructs';
import type { HandlerFunction } from './handler-function.ts';
import { allow } from './permission.ts';

/** The SES identity that sends, without the tracking that would rewrite approval links. */
export class MailIdentity extends Construct {
  readonly #from: string;
  readonly #arns: string[];

  constructor(scope: Construct, id: string, { prefix, from }: { readonly prefix: string; readonly from: string }) {
    super(scope, id);
    const stack = Stack.of(this);
    const configurationSetName = `${prefix}-mail`;
    // Open and click tracking need an event destination with those events: there is none with them. VDM would rewrite links too.
    const untracked = new CfnConfigurationSet(this, 'ConfigurationSet', {
      name: configurationSetName,
      vdmOptions: {
        dashboardOptions: { engagementMetrics: 'DISABLED' },
        guardianOptions: { optimizedSharedDelivery: 'DISABLED' },
      },
    });
    const undelivered = new CfnConfigurationSetEventDestination(this, 'Undelivered', {
      configurationSetName,
      eventDestination: {
        name: 'undelivered',
        enabled: true,
        matchingEventTypes: ['BOUNCE', 'COMPLAINT', 'REJECT'],
        eventBridgeDestination: {
          eventBusArn: stack.formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' }),
        },
      },
    });
    undelivered.node.addDependency(untracked);
    // The identity's default, so that no sender has to name it.
    const sender = new EmailIdentity(this, 'Sender', {
      identity: Identity.email(from),
      configurationSet: ConfigurationSet.fromConfigurationSetName(this, 'Untracked', configurationSetName),
    });
    sender.node.addDependency(untracked);
    this.#from = from;
    this.#arns = [
      stack.formatArn({ service: 'ses', resource: 'identity', resourceName: from }),
      stack.formatArn({ service: 'ses', resource: 'configuration-set', resourceName: configurationSetName }),
    ];
  }

  // biome-ignore lint/suspicious/noExplicitAny: grants do not depend on a function's environment contract
  grantSend(handler: HandlerFunction<any>): void {
    allow(handler.role, {
      actions: ['ses:SendEmail'],
      resources: this.#arns,
      conditions: { StringEquals: { 'ses:FromAddress': this.#from } },
    });
  }
}
