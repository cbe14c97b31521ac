import { Stack } from 'aws-cdk-lib';
import { CfnConfigurationSet, EmailIdentity, Identity } from 'aws-cdk-lib/aws-ses';
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
    // Open and click tracking need an event destination with those events: there is none. VDM would rewrite links too.
    new CfnConfigurationSet(this, 'ConfigurationSet', {
      name: configurationSetName,
      vdmOptions: {
        dashboardOptions: { engagementMetrics: 'DISABLED' },
        guardianOptions: { optimizedSharedDelivery: 'DISABLED' },
      },
    });
    new EmailIdentity(this, 'Sender', { identity: Identity.email(from) });
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
