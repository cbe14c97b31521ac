import type { CreateModelPackageGroupInput } from '@aws-sdk/client-sagemaker';
import type { Operation } from '../../service.ts';
import { arnOf, requireName, validation } from './names.ts';
import type { Platform } from './platform.ts';
import { tagContext, tagNeeds } from './tags.ts';

const GROUPS = 'sagemaker.model-package-groups';

export interface Group {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly description?: string;
  /** Versions are never used twice, also not after a deletion. */
  lastVersion: number;
}

/** Model package groups; each counts the versions of its packages. */
export class ModelPackageGroups {
  readonly #platform: Platform;
  readonly #hasPackages: (group: string) => boolean;

  constructor(platform: Platform, hasPackages: (group: string) => boolean) {
    this.#platform = platform;
    this.#hasPackages = hasPackages;
  }

  operations(): Record<string, Operation> {
    return {
      CreateModelPackageGroup: this.#create(),
      DescribeModelPackageGroup: this.#describe(),
      DeleteModelPackageGroup: this.#delete(),
    };
  }

  /**
   * @param nameOrArn of the group
   * @throws {ServiceError} ValidationException where there is none
   */
  require(nameOrArn: string): Group {
    const group = this.#find(String(nameOrArn));
    if (!group) throw validation(`ModelPackageGroup ${this.#arn(nameOrArn)} does not exist.`);
    return group;
  }

  /** Counts one further version; call it in the transaction that stores the package. */
  nextVersion(group: Group): number {
    group.lastVersion++;
    this.#platform.cloud.store.put(GROUPS, group.name, group);
    return group.lastVersion;
  }

  #create(): Operation {
    return {
      members: ['ModelPackageGroupName', 'ModelPackageGroupDescription', 'Tags'],
      needs: ({ input }) => {
        const resource = this.#arn(input.ModelPackageGroupName);
        const context = tagContext(input.Tags);
        return [{ action: 'sagemaker:CreateModelPackageGroup', resource, context }, ...tagNeeds(resource, input.Tags)];
      },
      run: async ({ input }) => {
        const request = input as CreateModelPackageGroupInput;
        const { cloud, tags } = this.#platform;
        const name = requireName('ModelPackageGroupName', request.ModelPackageGroupName);
        const arn = this.#arn(name);
        if (this.#find(name)) throw validation(`Model Package Group already exists: ${arn}`);
        const description = request.ModelPackageGroupDescription;
        const group: Group = {
          name,
          arn,
          createdAt: cloud.clock.now(),
          lastVersion: 0,
          ...(description && { description }),
        };
        cloud.store.put(GROUPS, name, group);
        tags.add(arn, request.Tags);
        return { ModelPackageGroupArn: arn };
      },
    };
  }

  #describe(): Operation {
    return {
      members: ['ModelPackageGroupName'],
      needs: ({ input }) => [
        { action: 'sagemaker:DescribeModelPackageGroup', resource: this.#arn(input.ModelPackageGroupName) },
      ],
      run: async ({ input }) => {
        const group = this.require(input.ModelPackageGroupName);
        return {
          ModelPackageGroupName: group.name,
          ModelPackageGroupArn: group.arn,
          ...(group.description && { ModelPackageGroupDescription: group.description }),
          CreationTime: new Date(group.createdAt),
          CreatedBy: {},
          ModelPackageGroupStatus: 'Completed',
        };
      },
    };
  }

  #delete(): Operation {
    return {
      members: ['ModelPackageGroupName'],
      needs: ({ input }) => [
        { action: 'sagemaker:DeleteModelPackageGroup', resource: this.#arn(input.ModelPackageGroupName) },
      ],
      run: async ({ input }) => {
        const group = this.require(input.ModelPackageGroupName);
        if (this.#hasPackages(group.name)) {
          throw validation(`Model Package Group ${group.arn} cannot be deleted: it still has model packages`);
        }
        this.#platform.cloud.store.delete(GROUPS, group.name);
        return {};
      },
    };
  }

  #find(nameOrArn: string): Group | undefined {
    return this.#platform.cloud.store.get<Group>(GROUPS, nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1));
  }

  #arn(nameOrArn: string): string {
    return String(nameOrArn).startsWith('arn:')
      ? nameOrArn
      : arnOf(this.#platform.cloud, 'model-package-group', nameOrArn);
  }
}
