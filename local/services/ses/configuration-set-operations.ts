import { type Need, NotImplementedError, type Operation, type RestRoute, ServiceError } from '../../service.ts';
import type { ConfigurationSets, EventDestination } from './configuration-sets.ts';

const SETS = '/v2/email/configuration-sets';
const DESTINATIONS = `${SETS}/{ConfigurationSetName}/event-destinations`;

export const configurationSetRoutes: Record<string, RestRoute> = {
  CreateConfigurationSet: { method: 'POST', path: SETS },
  GetConfigurationSet: { method: 'GET', path: `${SETS}/{ConfigurationSetName}` },
  DeleteConfigurationSet: { method: 'DELETE', path: `${SETS}/{ConfigurationSetName}` },
  ListConfigurationSets: { method: 'GET', path: SETS, query: { NextToken: 'NextToken', PageSize: 'PageSize' } },
  CreateConfigurationSetEventDestination: { method: 'POST', path: DESTINATIONS },
  GetConfigurationSetEventDestinations: { method: 'GET', path: DESTINATIONS },
  UpdateConfigurationSetEventDestination: { method: 'PUT', path: `${DESTINATIONS}/{EventDestinationName}` },
  DeleteConfigurationSetEventDestination: { method: 'DELETE', path: `${DESTINATIONS}/{EventDestinationName}` },
};

/** What a set says of itself beside its name; recorded, since nothing is tracked and no mail leaves. */
const OPTIONS = [
  'DeliveryOptions',
  'ReputationOptions',
  'SendingOptions',
  'SuppressionOptions',
  'TrackingOptions',
  'VdmOptions',
  'Tags',
] as const;

export function configurationSetOperations(sets: ConfigurationSets): Record<string, Operation> {
  const onSet =
    (operation: string) =>
    ({ input }: { readonly input: { readonly ConfigurationSetName: string } }): Need[] => [
      { action: `ses:${operation}`, resource: sets.arnOf(input.ConfigurationSetName) },
    ];
  return {
    CreateConfigurationSet: {
      members: ['ConfigurationSetName', ...OPTIONS],
      needs: onSet('CreateConfigurationSet'),
      run: async ({ input: { ConfigurationSetName: name, ...options } }) => {
        if (sets.find(name)) throw alreadyExists(`Configuration set <${name}> already exists.`);
        sets.put(name, options);
        return {};
      },
    },
    GetConfigurationSet: {
      members: ['ConfigurationSetName'],
      needs: onSet('GetConfigurationSet'),
      run: async ({ input: { ConfigurationSetName: name } }) => ({ ...sets.get(name), ConfigurationSetName: name }),
    },
    DeleteConfigurationSet: {
      members: ['ConfigurationSetName'],
      needs: onSet('DeleteConfigurationSet'),
      run: async ({ input }) => {
        sets.get(input.ConfigurationSetName);
        sets.delete(input.ConfigurationSetName);
        return {};
      },
    },
    ListConfigurationSets: {
      members: ['NextToken', 'PageSize'],
      needs: () => [{ action: 'ses:ListConfigurationSets', resource: '*' }],
      run: async ({ input }) => {
        if (input?.NextToken !== undefined) throw new NotImplementedError('ses:ListConfigurationSets NextToken');
        return { ConfigurationSets: sets.names() };
      },
    },
    ...destinationOperations(sets, onSet),
  };
}

function destinationOperations(
  sets: ConfigurationSets,
  onSet: (operation: string) => Operation['needs'],
): Record<string, Operation> {
  const find = (set: string, name: string) => sets.destinations(set).find((destination) => destination.name === name);
  return {
    CreateConfigurationSetEventDestination: {
      members: ['ConfigurationSetName', 'EventDestinationName', 'EventDestination'],
      needs: onSet('CreateConfigurationSetEventDestination'),
      run: async ({ input: { ConfigurationSetName: set, EventDestinationName: name, EventDestination } }) => {
        if (find(set, name)) throw alreadyExists(`Event destination <${name}> already exists.`);
        sets.putDestination(set, name, EventDestination);
        return {};
      },
    },
    GetConfigurationSetEventDestinations: {
      members: ['ConfigurationSetName'],
      needs: onSet('GetConfigurationSetEventDestinations'),
      run: async ({ input }) => {
        sets.get(input.ConfigurationSetName);
        return { EventDestinations: sets.destinations(input.ConfigurationSetName).map(described) };
      },
    },
    UpdateConfigurationSetEventDestination: {
      members: ['ConfigurationSetName', 'EventDestinationName', 'EventDestination'],
      needs: onSet('UpdateConfigurationSetEventDestination'),
      run: async ({ input: { ConfigurationSetName: set, EventDestinationName: name, EventDestination } }) => {
        if (!find(set, name)) throw notFound(name);
        sets.putDestination(set, name, EventDestination);
        return {};
      },
    },
    DeleteConfigurationSetEventDestination: {
      members: ['ConfigurationSetName', 'EventDestinationName'],
      needs: onSet('DeleteConfigurationSetEventDestination'),
      run: async ({ input: { ConfigurationSetName: set, EventDestinationName: name } }) => {
        if (!find(set, name)) throw notFound(name);
        sets.deleteDestination(set, name);
        return {};
      },
    },
  };
}

const described = ({ name, enabled, types, busArn, topicArn }: EventDestination) => ({
  Name: name,
  Enabled: enabled,
  MatchingEventTypes: types,
  ...(busArn && { EventBridgeDestination: { EventBusArn: busArn } }),
  ...(topicArn && { SnsDestination: { TopicArn: topicArn } }),
});

const alreadyExists = (message: string) => new ServiceError('AlreadyExistsException', message);

const notFound = (name: string) =>
  new ServiceError('NotFoundException', `Event destination <${name}> does not exist.`, 404);
