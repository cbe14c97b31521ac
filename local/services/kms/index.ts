import type { Call, Cloud, Need, Operation, Service } from '../../service.ts';
import { Cryptography } from './cryptography.ts';
import { armDeletions } from './deletion.ts';
import { type Key, Keys } from './keys.ts';
import { keyResources } from './resources.ts';

/** KMS with symmetric and HMAC keys; grants are not served, a principal needs the permission itself. */
export function createKmsService(cloud: Cloud): Service {
  const keys = new Keys(cloud);
  return {
    name: 'kms',
    operations: { ...cryptographicOperations(keys), ...keyOperations(keys) },
    resources: keyResources(cloud, keys),
    resourcePolicy: (arn) => keys.find(arn)?.policy,
    resume: async () => armDeletions(cloud, keys),
  };
}

function cryptographicOperations(keys: Keys): Readonly<Record<string, Operation>> {
  const cryptography = new Cryptography(keys);
  const on = (members: readonly string[], run: (input: Call['input']) => unknown): Operation => ({
    members: ['KeyId', ...members],
    needs: (call) => [needOf(keys, call, call.operation, call.input.KeyId, call.input.EncryptionContext)],
    run: async ({ input }) => run(input),
  });
  const sealed = (members: readonly string[]) => ['EncryptionContext', ...members];
  return {
    Encrypt: on(sealed(['Plaintext']), (input) => cryptography.encrypt(input)),
    Decrypt: {
      members: ['KeyId', ...sealed(['CiphertextBlob'])],
      needs: (call) => {
        const reference = cryptography.sealedBy(call.input.CiphertextBlob) ?? call.input.KeyId;
        return [needOf(keys, call, 'Decrypt', reference, call.input.EncryptionContext)];
      },
      run: async ({ input }) => cryptography.decrypt(input),
    },
    ReEncrypt: {
      members: [
        'CiphertextBlob',
        'SourceKeyId',
        'SourceEncryptionContext',
        'DestinationKeyId',
        'DestinationEncryptionContext',
      ],
      needs: (call) => {
        const { input } = call;
        const source = cryptography.sealedBy(input.CiphertextBlob) ?? input.SourceKeyId;
        return [
          needOf(keys, call, 'ReEncryptFrom', source, input.SourceEncryptionContext),
          needOf(keys, call, 'ReEncryptTo', input.DestinationKeyId, input.DestinationEncryptionContext),
        ];
      },
      run: async ({ input }) => cryptography.reEncrypt(input),
    },
    GenerateDataKey: on(sealed(['KeySpec', 'NumberOfBytes']), (input) => cryptography.generateDataKey(input)),
    GenerateDataKeyWithoutPlaintext: on(sealed(['KeySpec', 'NumberOfBytes']), (input) => {
      const { Plaintext: _, ...rest } = cryptography.generateDataKey(input);
      return rest;
    }),
    GenerateMac: on(['Message', 'MacAlgorithm'], (input) => cryptography.generateMac(input)),
    VerifyMac: on(['Message', 'Mac', 'MacAlgorithm'], (input) => cryptography.verifyMac(input)),
  };
}

function keyOperations(keys: Keys): Readonly<Record<string, Operation>> {
  const onKey = (run: (key: Key) => unknown): Operation => ({
    members: ['KeyId'],
    needs: (call) => [needOf(keys, call, call.operation, call.input.KeyId, undefined)],
    run: async ({ input }) => run(keys.get(input.KeyId)),
  });
  const listing = (run: () => unknown): Operation => ({
    members: [],
    needs: ({ operation }) => [{ action: `kms:${operation}`, resource: '*' }],
    run: async () => run(),
  });
  return {
    DescribeKey: onKey((key) => ({ KeyMetadata: metadataOf(key) })),
    GetKeyRotationStatus: onKey(({ arn, rotation }) => ({ KeyId: arn, KeyRotationEnabled: rotation })),
    ListKeys: listing(() => ({
      Keys: keys.list().map(({ id, arn }) => ({ KeyId: id, KeyArn: arn })),
      Truncated: false,
    })),
    ListAliases: listing(() => ({
      Aliases: keys.aliases().map(({ name, id }) => ({
        AliasName: name,
        AliasArn: keys.arnOf(id).replace(/key\/.*$/, name),
        TargetKeyId: id,
      })),
      Truncated: false,
    })),
  };
}

/** The permission on a key, with what its policy may ask about. */
function needOf(keys: Keys, { input }: Call, action: string, reference: unknown, encryptionContext: unknown): Need {
  const named = typeof reference === 'string' ? reference : '';
  const entries = Object.entries((encryptionContext ?? {}) as Record<string, string>);
  const key = keys.find(named);
  return {
    action: `kms:${action}`,
    resource: named === '' ? '*' : keys.arnOf(named),
    context: {
      ...(key && {
        'kms:CallerAccount': key.arn.split(':')[4]!,
        'kms:KeySpec': key.spec,
        'kms:KeyUsage': key.usage,
        ...Object.fromEntries(Object.entries(key.tags).map(([name, value]) => [`aws:ResourceTag/${name}`, value])),
      }),
      ...(typeof input.MacAlgorithm === 'string' && { 'kms:MacAlgorithm': input.MacAlgorithm }),
      ...(named.includes('alias/') && { 'kms:RequestAlias': named.slice(named.indexOf('alias/')) }),
      ...(entries.length > 0 && { 'kms:EncryptionContextKeys': entries.map(([name]) => name) }),
      ...Object.fromEntries(entries.map(([name, value]) => [`kms:EncryptionContext:${name}`, String(value)])),
    },
  };
}

const metadataOf = (key: Key) => ({
  AWSAccountId: key.arn.split(':')[4],
  KeyId: key.id,
  Arn: key.arn,
  CreationDate: new Date(key.createdAt),
  Enabled: key.enabled && key.deleteAt === undefined,
  Description: key.description,
  KeyUsage: key.usage,
  KeyState: key.deleteAt !== undefined ? 'PendingDeletion' : key.enabled ? 'Enabled' : 'Disabled',
  ...(key.deleteAt !== undefined && { DeletionDate: new Date(key.deleteAt) }),
  Origin: 'AWS_KMS',
  KeyManager: 'CUSTOMER',
  KeySpec: key.spec,
  CustomerMasterKeySpec: key.spec,
  MultiRegion: false,
  ...(key.usage === 'ENCRYPT_DECRYPT'
    ? { EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'] }
    : { MacAlgorithms: [key.spec.replace('HMAC_', 'HMAC_SHA_')] }),
});
