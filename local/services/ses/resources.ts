import { randomUUID } from 'node:crypto';
import { physicalName } from '../../physical-name.ts';
import type { ProvisionedResource, ResourceHandler, ResourceRequest } from '../../service.ts';
import type { ConfigurationSets } from './configuration-sets.ts';
import type { Identities } from './identities.ts';

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
export const configurationSetResource = (sets: ConfigurationSets): ResourceHandler => {
  const put = async (request: ResourceRequest): Promise<ProvisionedResource> => {
    const name = physicalName(request, { given: request.properties.Name, longest: 64 });
    const { Name: _, ...options } = request.properties;
    sets.put(name, options);
    return { ref: name, attributes: {} };
  };
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
    delete: async (_request, current) => sets.delete(current.ref),
  };
};

/** `AWS::SES::ConfigurationSetEventDestination`: Ref is `SET|NAME`, as no other resource can have it. */
export const eventDestinationResource = (sets: ConfigurationSets): ResourceHandler => {
  const put = ({ properties }: ResourceRequest, fallback: string): ProvisionedResource => {
    const { ConfigurationSetName: set, EventDestination: destination } = properties;
    const { name } = sets.putDestination(set, destination?.Name ?? fallback, destination);
    const ref = `${set}|${name}`;
    return { ref, attributes: { Id: ref } };
  };
  const remove = (ref: string): void => {
    const [set = '', name = ''] = ref.split('|');
    sets.deleteDestination(set, name);
  };
  return {
    properties: ['ConfigurationSetName', 'EventDestination'],
    create: async (request) => put(request, randomUUID()),
    update: async (request, current) => {
      const next = put(request, current.ref.split('|')[1] ?? randomUUID());
      if (next.ref !== current.ref) remove(current.ref);
      return next;
    },
    delete: async (_request, current) => remove(current.ref),
  };
};

const tagsOf = (tags: readonly { Key: string; Value: string }[] | undefined): Record<string, string> =>
  Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key, Value]));
