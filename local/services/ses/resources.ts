import { randomUUID } from 'node:crypto';
import { physicalName } from '../../physical-name.ts';
import type { Cloud, ProvisionedResource, ResourceHandler, ResourceRequest } from '../../service.ts';
import type { Identities } from './identities.ts';

const CONFIGURATION_SETS = 'ses.configuration-sets';
const EVENT_DESTINATIONS = 'ses.event-destinations';

/** `AWS::SES::EmailIdentity`: Ref is the address or the domain. DKIM, MAIL FROM and feedback are recorded: no mail leaves. */
export const emailIdentityResource = (identities: Identities): ResourceHandler => {
  const put = async ({ properties }: ResourceRequest): Promise<ProvisionedResource> => {
    const name: string = properties.EmailIdentity;
    const configurationSet = properties.ConfigurationSetAttributes?.ConfigurationSetName;
    identities.put({ name, configurationSet, tags: tagsOf(properties.Tags) });
    const tokens = [1, 2, 3].flatMap((token) => [
      [`DkimDNSTokenName${token}`, `token${token}._domainkey.${name}`],
      [`DkimDNSTokenValue${token}`, `token${token}.dkim.amazonses.com`],
    ]);
    return { ref: name, attributes: Object.fromEntries(tokens) };
  };
  return {
    properties: [
      'EmailIdentity',
      'ConfigurationSetAttributes',
      'DkimAttributes',
      'DkimSigningAttributes',
      'FeedbackAttributes',
      'MailFromAttributes',
      'Tags',
    ],
    create: put,
    update: put,
    delete: async (_request, current) => identities.delete(current.ref),
  };
};

/** `AWS::SES::ConfigurationSet`: Ref is the name; its options are recorded, since nothing is tracked here. */
export const configurationSetResource = (cloud: Cloud): ResourceHandler => {
  const put = async (request: ResourceRequest): Promise<ProvisionedResource> => {
    const name = physicalName(request, { given: request.properties.Name, longest: 64 });
    cloud.store.put(CONFIGURATION_SETS, name, request.properties);
    return { ref: name, attributes: {} };
  };
  const remove = (name: string): void => cloud.store.delete(CONFIGURATION_SETS, name);
  return {
    properties: [
      'Name',
      'DeliveryOptions',
      'ReputationOptions',
      'SendingOptions',
      'SuppressionOptions',
      'TrackingOptions',
      'VdmOptions',
      'Tags',
    ],
    create: put,
    update: put,
    delete: async (_request, current) => remove(current.ref),
  };
};

/** `AWS::SES::ConfigurationSetEventDestination`: recorded, since no mail leaves and so none bounces. */
export const eventDestinationResource = (cloud: Cloud): ResourceHandler => {
  const put = async ({ properties }: ResourceRequest, ref: string): Promise<ProvisionedResource> => {
    cloud.store.put(EVENT_DESTINATIONS, ref, properties);
    return { ref, attributes: { Id: ref } };
  };
  return {
    properties: ['ConfigurationSetName', 'EventDestination'],
    create: (request) => put(request, randomUUID()),
    update: (request, current) => put(request, current.ref),
    delete: async (_request, current) => cloud.store.delete(EVENT_DESTINATIONS, current.ref),
  };
};

const tagsOf = (tags: readonly { Key: string; Value: string }[] | undefined): Record<string, string> =>
  Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key, Value]));
