import type { Cloud, ProvisionedResource, ResourceHandler } from '../../service.ts';
import { NotImplementedError, ServiceError } from '../../service.ts';
import { scheduleDeletion } from './deletion.ts';
import type { Key, KeySettings, Keys } from './keys.ts';

/** AWS::KMS::Key and AWS::KMS::Alias. */
export function keyResources(cloud: Cloud, keys: Keys): Readonly<Record<string, ResourceHandler>> {
  return { 'AWS::KMS::Key': keyHandler(cloud, keys), 'AWS::KMS::Alias': aliasHandler(keys) };
}

function keyHandler(cloud: Cloud, keys: Keys): ResourceHandler {
  return {
    properties: [
      'KeySpec',
      'KeyUsage',
      'KeyPolicy',
      'Description',
      'Enabled',
      'EnableKeyRotation',
      'RotationPeriodInDays',
      'PendingWindowInDays',
      'MultiRegion',
      'Tags',
    ],
    create: async ({ properties }) => {
      if (properties.MultiRegion) throw new NotImplementedError('AWS::KMS::Key MultiRegion');
      const spec = properties.KeySpec ?? 'SYMMETRIC_DEFAULT';
      return provisioned(keys.create(spec, properties.KeyUsage, settingsOf(properties)));
    },
    update: async ({ properties }, current) => {
      const key = keys.get(current.ref);
      const spec = properties.KeySpec ?? 'SYMMETRIC_DEFAULT';
      if (spec !== key.spec) return provisioned(keys.create(spec, properties.KeyUsage, settingsOf(properties)));
      keys.put({ ...key, ...settingsOf(properties) });
      return current;
    },
    delete: async ({ properties }, current) =>
      scheduleDeletion(cloud, keys, current.ref, Number(properties.PendingWindowInDays ?? 30)),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: a template's properties
const settingsOf = (properties: any): KeySettings => ({
  ...(properties.KeyPolicy && { policy: properties.KeyPolicy }),
  description: properties.Description ?? '',
  enabled: properties.Enabled ?? true,
  rotation: properties.EnableKeyRotation ?? false,
  tags: Object.fromEntries((properties.Tags ?? []).map((tag: { Key: string; Value: string }) => [tag.Key, tag.Value])),
});

const provisioned = ({ id, arn }: Key): ProvisionedResource => ({ ref: id, attributes: { Arn: arn, KeyId: id } });

function aliasHandler(keys: Keys): ResourceHandler {
  const put: ResourceHandler['create'] = async ({ properties }) => {
    const { AliasName: name, TargetKeyId: target } = properties;
    if (typeof name !== 'string' || !/^alias\/(?!aws\/)[\w/-]+$/.test(name)) {
      throw new ServiceError('ValidationException', `expected AliasName alias/NAME, got ${name}`);
    }
    keys.putAlias(name, keys.get(target).id);
    return { ref: name, attributes: {} };
  };
  return {
    properties: ['AliasName', 'TargetKeyId'],
    create: put,
    update: put,
    delete: async (_request, current) => keys.deleteAlias(current.ref),
  };
}
