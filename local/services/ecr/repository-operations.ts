import { type Cloud, type Operation, ServiceError } from '../../service.ts';
import { readImages } from './images.ts';
import { imagesOf } from './registry.ts';
import { type Repositories, repositoryArn, repositoryUri } from './repositories.ts';

export const repositoryOperations = (cloud: Cloud, repositories: Repositories): Record<string, Operation> => {
  const described = (name: string) => {
    const { createdAt, immutableTags } = repositories.find(name) ?? {};
    return {
      repositoryArn: repositoryArn(cloud, name),
      registryId: cloud.account,
      repositoryName: name,
      repositoryUri: repositoryUri(cloud, name),
      ...(createdAt !== undefined && { createdAt: new Date(createdAt) }),
      imageTagMutability: immutableTags ? 'IMMUTABLE' : 'MUTABLE',
    };
  };
  return {
    DescribeRepositories: {
      members: ['repositoryNames', 'registryId'],
      needs: ({ input }) =>
        (input.repositoryNames ?? ['*']).map((name: string) => ({
          action: 'ecr:DescribeRepositories',
          resource: repositoryArn(cloud, name),
        })),
      run: async ({ input }) => {
        const all = [...readImages(cloud).keys(), ...repositories.list().map(({ name }) => name)];
        const names: readonly string[] = input.repositoryNames ?? [...new Set(all)].sort();
        for (const name of names) imagesOf(cloud, name);
        return { repositories: names.map(described) };
      },
    },
    CreateRepository: {
      members: ['repositoryName', 'imageTagMutability', 'registryId', 'tags'],
      needs: ({ input }) => [{ action: 'ecr:CreateRepository', resource: repositoryArn(cloud, input.repositoryName) }],
      run: async ({ input: { repositoryName: name, imageTagMutability, tags } }) => {
        if (repositories.find(name)) {
          throw new ServiceError(
            'RepositoryAlreadyExistsException',
            `The repository with name '${name}' already exists in the registry with id '${cloud.account}'`,
          );
        }
        repositories.put(name, {
          immutableTags: imageTagMutability === 'IMMUTABLE',
          recorded: { ...(tags && { Tags: tags }) },
        });
        return { repository: described(name) };
      },
    },
    DeleteRepository: {
      members: ['repositoryName', 'registryId', 'force'],
      needs: ({ input }) => [{ action: 'ecr:DeleteRepository', resource: repositoryArn(cloud, input.repositoryName) }],
      run: async ({ input: { repositoryName: name, force } }) => {
        imagesOf(cloud, name);
        const repository = described(name);
        repositories.delete(name, force === true);
        return { repository };
      },
    },
  };
};
