import type { Tag } from '@aws-sdk/client-sagemaker';
import type { Cloud, Need, Operation } from '../../service.ts';
import { validation } from './names.ts';

const SPACE = 'sagemaker.tags';
const MOST = 50;

/** Condition keys that a request with tags carries. */
export const tagContext = (tags: readonly Tag[] | undefined): Record<string, string | readonly string[]> => ({
  ...Object.fromEntries((tags ?? []).map((tag) => [`aws:RequestTag/${tag.Key}`, tag.Value ?? ''])),
  ...(tags?.length ? { 'aws:TagKeys': tags.map((tag) => tag.Key ?? '') } : {}),
});

/** Creating with tags needs `sagemaker:AddTags` as well, as on AWS. */
export const tagNeeds = (arn: string, tags: readonly Tag[] | undefined): Need[] =>
  tags?.length ? [{ action: 'sagemaker:AddTags', resource: arn, context: tagContext(tags) }] : [];

/** Tags by ARN. */
export class Tags {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  of(arn: string): Tag[] {
    return this.#cloud.store.get<Tag[]>(SPACE, arn) ?? [];
  }

  /** @throws {ServiceError} ValidationException for more than 50 tags or a key twice */
  add(arn: string, tags: readonly Tag[] | undefined): Tag[] {
    const merged = new Map(this.of(arn).map((tag) => [tag.Key ?? '', tag.Value ?? '']));
    for (const tag of tags ?? []) merged.set(tag.Key ?? '', tag.Value ?? '');
    if (merged.size > MOST) throw validation(`expected at most ${MOST} tags on ${arn}, got ${merged.size}`);
    const all = [...merged].map(([Key, Value]) => ({ Key, Value }));
    if (all.length > 0) this.#cloud.store.put(SPACE, arn, all);
    return all;
  }

  remove(arn: string, keys: readonly string[]): void {
    this.#cloud.store.put(
      SPACE,
      arn,
      this.of(arn).filter((tag) => !keys.includes(tag.Key ?? '')),
    );
  }

  forget(arn: string): void {
    this.#cloud.store.delete(SPACE, arn);
  }
}

/** AddTags, DeleteTags, ListTags. */
export const tagOperations = (tags: Tags): Record<string, Operation> => ({
  AddTags: {
    members: ['ResourceArn', 'Tags'],
    needs: ({ input }) => [
      { action: 'sagemaker:AddTags', resource: input.ResourceArn, context: tagContext(input.Tags) },
    ],
    async run({ input }) {
      if (/:model-package\/[^/]+\/\d+$/.test(input.ResourceArn)) {
        throw validation('Tags cannot be added to a model package that belongs to a model package group');
      }
      return { Tags: tags.add(input.ResourceArn, input.Tags) };
    },
  },
  DeleteTags: {
    members: ['ResourceArn', 'TagKeys'],
    needs: ({ input }) => [{ action: 'sagemaker:DeleteTags', resource: input.ResourceArn }],
    async run({ input }) {
      tags.remove(input.ResourceArn, input.TagKeys);
      return {};
    },
  },
  ListTags: {
    members: ['ResourceArn', 'MaxResults'],
    needs: ({ input }) => [{ action: 'sagemaker:ListTags', resource: input.ResourceArn }],
    run: async ({ input }) => ({ Tags: tags.of(input.ResourceArn) }),
  },
});
