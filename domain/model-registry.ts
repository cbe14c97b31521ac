/** Where a version stands in SageMaker's registry. */
export type RegistryStatus = 'PendingManualApproval' | 'Approved' | 'Rejected';

/** A model version as the registry shows it to other tools. */
export interface RegistryEntry {
  /** The group's name: one per model. */
  readonly group: string;
  readonly description: string;
  readonly image: string;
  readonly artifactUri: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly contentType: string;
  readonly evaluationUri: string;
  readonly status: RegistryStatus;
  /** Lineage and metrics as text. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Registering the same version twice makes one package. */
  readonly token: string;
}

/** SageMaker's model registry: groups, and packages that mirror the lineage. */
export interface ModelRegistry {
  /** Makes the group where there is none. @returns the package's ARN */
  register(entry: RegistryEntry, tags: Readonly<Record<string, string>>): Promise<string>;
  setStatus(packageArn: string, status: RegistryStatus, why: string): Promise<void>;
}
