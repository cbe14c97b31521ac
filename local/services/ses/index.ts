import { type Cloud, NotImplementedError, type Operation, type RestRoute, type Service } from '../../service.ts';
import { configurationSetOperations, configurationSetRoutes } from './configuration-set-operations.ts';
import { ConfigurationSets } from './configuration-sets.ts';
import { Fates } from './fates.ts';
import { Feedback } from './feedback.ts';
import { Identities, type Identity } from './identities.ts';
import { mountInbox } from './inbox.ts';
import { Mailbox } from './mailbox.ts';
import { configurationSetResource, emailIdentityResource, eventDestinationResource } from './resources.ts';
import { sendEmail } from './send-email.ts';

const routes: Record<string, RestRoute> = {
  SendEmail: { method: 'POST', path: '/v2/email/outbound-emails' },
  CreateEmailIdentity: { method: 'POST', path: '/v2/email/identities' },
  GetEmailIdentity: { method: 'GET', path: '/v2/email/identities/{EmailIdentity}' },
  DeleteEmailIdentity: { method: 'DELETE', path: '/v2/email/identities/{EmailIdentity}' },
  ListEmailIdentities: {
    method: 'GET',
    path: '/v2/email/identities',
    query: { NextToken: 'NextToken', PageSize: 'PageSize' },
  },
  ...configurationSetRoutes,
};

/** Amazon SES v2: no mail leaves; each is kept and shown in the inbox at `/_launchway/inbox`, and some bounce. */
export const createSesService = (cloud: Cloud): Service => {
  const identities = new Identities(cloud);
  const mailbox = new Mailbox(cloud);
  const sets = new ConfigurationSets(cloud);
  const fates = new Fates(cloud);
  const feedback = new Feedback(cloud, sets);
  const unmount = mountInbox(cloud.http, mailbox);
  return {
    name: 'ses',
    operations: {
      SendEmail: sendEmail(cloud, { identities, mailbox, sets, fates, feedback }),
      ...identityOperations(identities),
      ...configurationSetOperations(sets),
    },
    routes,
    resources: {
      'AWS::SES::EmailIdentity': emailIdentityResource(identities),
      'AWS::SES::ConfigurationSet': configurationSetResource(sets),
      'AWS::SES::ConfigurationSetEventDestination': eventDestinationResource(sets),
    },
    resume: async () => feedback.resume(),
    stop: async () => {
      unmount();
      fates.stop();
    },
  };
};

const identityOperations = (identities: Identities): Record<string, Operation> => {
  const needsIdentity =
    (action: string): Operation['needs'] =>
    ({ input }) => [{ action, resource: identities.arnOf(input.EmailIdentity) }];
  return {
    CreateEmailIdentity: {
      members: ['EmailIdentity', 'Tags', 'ConfigurationSetName'],
      needs: needsIdentity('ses:CreateEmailIdentity'),
      run: async ({ input }) => {
        const tags = Object.fromEntries((input.Tags ?? []).map((tag: Record<string, string>) => [tag.Key, tag.Value]));
        identities.put({ name: input.EmailIdentity, configurationSet: input.ConfigurationSetName, tags });
        return { IdentityType: typeOf(input.EmailIdentity), VerifiedForSendingStatus: true };
      },
    },
    GetEmailIdentity: {
      members: ['EmailIdentity'],
      needs: needsIdentity('ses:GetEmailIdentity'),
      run: async ({ input }) => describe(identities.get(input.EmailIdentity)),
    },
    DeleteEmailIdentity: {
      members: ['EmailIdentity'],
      needs: needsIdentity('ses:DeleteEmailIdentity'),
      run: async ({ input }) => {
        identities.delete(identities.get(input.EmailIdentity).name);
        return {};
      },
    },
    ListEmailIdentities: {
      members: ['NextToken', 'PageSize'],
      needs: () => [{ action: 'ses:ListEmailIdentities', resource: '*' }],
      run: async ({ input }) => {
        if (input.NextToken !== undefined) throw new NotImplementedError('ses:ListEmailIdentities NextToken');
        const EmailIdentities = identities.list().map(({ name }) => ({
          IdentityName: name,
          IdentityType: typeOf(name),
          SendingEnabled: true,
          VerificationStatus: 'SUCCESS',
        }));
        return { EmailIdentities };
      },
    },
  };
};

const typeOf = (name: string): string => (name.includes('@') ? 'EMAIL_ADDRESS' : 'DOMAIN');

const describe = ({ name, configurationSet, tags }: Identity) => ({
  IdentityType: typeOf(name),
  VerifiedForSendingStatus: true,
  VerificationStatus: 'SUCCESS',
  FeedbackForwardingStatus: true,
  ConfigurationSetName: configurationSet,
  Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
});
