import type { Call, Operation } from '../../service.ts';
import { checkedTags } from './description.ts';
import { versionMember } from './objects.ts';
import { objectNeed } from './permissions.ts';
import type { ObjectVersion, Tag } from './records.ts';
import type { S3 } from './writing.ts';

const MEMBERS = ['Bucket', 'Key', 'VersionId', 'ExpectedBucketOwner'] as const;

export const taggingOperations = (s3: S3): Record<string, Operation> => ({
  GetObjectTagging: {
    members: MEMBERS,
    needs: ({ input }) => [objectNeed('GetObjectTagging', input)],
    run: async ({ input }) => {
      const bucket = s3.state.bucket(input);
      const version = s3.state.object(input.Bucket, input.Key, input.VersionId);
      return { TagSet: version.tags, ...versionMember(version, bucket) };
    },
  },
  PutObjectTagging: {
    members: [...MEMBERS, 'Tagging'],
    needs: ({ input }) => {
      const tags: readonly Tag[] = input.Tagging?.TagSet ?? [];
      const asked = Object.fromEntries(tags.map(({ Key, Value }) => [`s3:RequestObjectTag/${Key}`, Value]));
      return [
        objectNeed('PutObjectTagging', input, { ...asked, 's3:RequestObjectTagKeys': tags.map(({ Key }) => Key) }),
      ];
    },
    run: async (call) => setTags(s3, call, checkedTags(call.input.Tagging?.TagSet ?? []), 'ObjectTagging:Put'),
  },
  DeleteObjectTagging: {
    members: MEMBERS,
    needs: ({ input }) => [objectNeed('DeleteObjectTagging', input)],
    run: async (call) => setTags(s3, call, [], 'ObjectTagging:Delete'),
  },
});

/** Tags change without a new version. */
function setTags({ cloud, state, notifications }: S3, { input, principal }: Call, tags: readonly Tag[], event: string) {
  const { version, bucket, outgoing } = cloud.store.transaction(() => {
    const bucket = state.bucket(input);
    const version: ObjectVersion = { ...state.object(input.Bucket, input.Key, input.VersionId), tags };
    const versions = state.versions(input.Bucket, input.Key);
    state.putVersions(
      input.Bucket,
      input.Key,
      versions.map((other) => (other.versionId === version.versionId ? version : other)),
    );
    const { etag, size, versionId } = version;
    const sequencer = state.nextSequencer();
    const outgoing = notifications.record(bucket, {
      name: event,
      key: input.Key,
      etag,
      size,
      versionId,
      sequencer,
      principal,
    });
    return { version, bucket, outgoing };
  });
  notifications.send(outgoing);
  return versionMember(version, bucket);
}
