import {
  BatchGetImageCommand,
  ECRClient,
  ImageNotFoundException,
  RepositoryNotFoundException,
} from '@aws-sdk/client-ecr';
import type { ImageRegistry } from '../domain/release-ports.ts';
import type { ImageReference } from '../domain/training/images.ts';

/** An image for several processors is pinned as the list of them. */
const MANIFESTS = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

/** Registries in ECR: this account's own, and AWS's, which anybody may pull from but not describe. */
export class EcrImageRegistry implements ImageRegistry {
  readonly #account: string;
  readonly #region: string;
  readonly #client: ECRClient;

  constructor(account: string, region: string, client: ECRClient = new ECRClient({})) {
    this.#account = account;
    this.#region = region;
    this.#client = client;
  }

  async pin({ registry = this.#account, repository, tag }: ImageReference): Promise<string | undefined> {
    try {
      const { images } = await this.#client.send(
        new BatchGetImageCommand({
          registryId: registry,
          repositoryName: repository,
          imageIds: [{ imageTag: tag }],
          acceptedMediaTypes: MANIFESTS,
        }),
      );
      const digest = images?.[0]?.imageId?.imageDigest;
      return digest && `${registry}.dkr.ecr.${this.#region}.amazonaws.com/${repository}@${digest}`;
    } catch (error) {
      if (error instanceof ImageNotFoundException || error instanceof RepositoryNotFoundException) return undefined;
      throw error;
    }
  }
}
