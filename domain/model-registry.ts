/** Where a version stands in SageMaker's registry. */
export type RegistryStatus = 'PendingManualApproval' | 'Approved' | 'Rejected';

/** How far a version has come, in the registry's own life cycle. */
export interface RegistryStage {
  readonly stage: 'Validation' | 'Approval' | 'Production';
  /** `Passed`, `Refused`, `Expired`, `Serving`, `Retired`, … */
  readonly status: string;
}

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
  readonly stage: RegistryStage;
  /** What training data were like, in Model Monitor's format. */
  readonly baseline?: { readonly statisticsUri: string; readonly constraintsUri: string };
  /** Lineage and metrics as text. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Registering the same version twice makes one package. */
  readonly token: string;
}

/** What becomes of a package; repeated, it changes nothing more. */
export interface RegistryChange {
  readonly status: RegistryStatus;
  readonly stage: RegistryStage;
  readonly why: string;
  /** Added to what is there. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** SageMaker's model registry: groups, and packages that mirror the lineage. */
export interface ModelRegistry {
  /** Makes the group where there is none. @returns the package's ARN */
  register(entry: RegistryEntry, tags: Readonly<Record<string, string>>): Promise<string>;
  setStatus(packageArn: string, change: RegistryChange): Promise<void>;
}
