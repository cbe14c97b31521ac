import type {
  CreateModelPackageInput,
  ModelApprovalStatus,
  ModelLifeCycle,
  UpdateModelPackageInput,
} from '@aws-sdk/client-sagemaker';
import type { Operation } from '../../service.ts';
import { NotImplementedError } from '../../service.ts';
import { LIST_MEMBERS, type ListRequest, listPage } from './listing.ts';
import { containerFrom, type ModelContainer } from './models.ts';
import { arnOf, onlyMembers, validation } from './names.ts';
import { ModelPackageGroups } from './package-groups.ts';
import type { Platform } from './platform.ts';

const PACKAGES = 'sagemaker.model-packages';

interface Package {
  readonly name: string;
  readonly arn: string;
  readonly group: string;
  readonly version: number;
  readonly createdAt: number;
  readonly request: CreateModelPackageInput;
  modifiedAt: number;
  approval: ModelApprovalStatus;
  approvalDescription?: string | undefined;
  lifeCycle?: ModelLifeCycle | undefined;
  metadata: Record<string, string>;
}

/** The model registry: groups, and their packages by version. */
export class ModelPackages {
  readonly operations: Readonly<Record<string, Operation>>;
  readonly #platform: Platform;
  readonly #groups: ModelPackageGroups;

  constructor(platform: Platform) {
    this.#platform = platform;
    this.#groups = new ModelPackageGroups(platform, (group) => this.#packagesOf(group).length > 0);
    this.operations = {
      ...this.#groups.operations(),
      CreateModelPackage: this.#create(),
      DescribeModelPackage: this.#describe(),
      UpdateModelPackage: this.#update(),
      DeleteModelPackage: this.#delete(),
      ListModelPackages: this.#list(),
    };
  }

  /** @throws {ServiceError} ValidationException where the package is not approved: only approved ones can be deployed by name */
  containerOf(packageName: string): ModelContainer {
    const model = this.#require(packageName);
    if (model.approval !== 'Approved') {
      throw validation(`Model package ${model.arn} must have ModelApprovalStatus Approved, got ${model.approval}`);
    }
    return containerFrom(
      'CreateModelPackage InferenceSpecification',
      model.request.InferenceSpecification!.Containers![0]!,
    );
  }

  #create(): Operation {
    return {
      members: [
        'ModelPackageGroupName',
        'ModelPackageDescription',
        'InferenceSpecification',
        'ModelApprovalStatus',
        'ModelMetrics',
        'CustomerMetadataProperties',
        'Tags',
        'ClientToken',
        'Domain',
        'Task',
        'SamplePayloadUrl',
        'DriftCheckBaselines',
        'MetadataProperties',
        'ModelLifeCycle',
      ],
      needs: ({ input }) => [
        {
          action: 'sagemaker:CreateModelPackage',
          resource: arnOf(this.#platform.cloud, 'model-package', input.ModelPackageGroupName ?? ''),
          context: approvalContext(input),
        },
      ],
      run: async ({ input }) => {
        const request = input as CreateModelPackageInput;
        checkPackage(request);
        const { cloud } = this.#platform;
        return cloud.store.transaction(() => {
          const group = this.#groups.require(request.ModelPackageGroupName!);
          const version = this.#groups.nextVersion(group);
          const model = newPackage(
            request,
            version,
            `${arnOf(cloud, 'model-package', group.name)}/${version}`,
            cloud.clock.now(),
          );
          this.#save(model);
          return { ModelPackageArn: model.arn };
        });
      },
    };
  }

  #describe(): Operation {
    return {
      members: ['ModelPackageName'],
      needs: ({ input }) => [{ action: 'sagemaker:DescribeModelPackage', resource: input.ModelPackageName }],
      run: async ({ input }) => {
        const model = this.#require(input.ModelPackageName);
        const { ClientToken: _token, Tags: _tags, ...described } = model.request;
        return {
          ...described,
          ...summary(model),
          ModelPackageName: model.name,
          LastModifiedTime: new Date(model.modifiedAt),
          ModelPackageStatusDetails: { ValidationStatuses: [], ImageScanStatuses: [] },
          CertifyForMarketplace: false,
          ...(model.approvalDescription && { ApprovalDescription: model.approvalDescription }),
          CustomerMetadataProperties: model.metadata,
        };
      },
    };
  }

  #update(): Operation {
    return {
      members: [
        'ModelPackageArn',
        'ModelApprovalStatus',
        'ApprovalDescription',
        'CustomerMetadataProperties',
        'CustomerMetadataPropertiesToRemove',
        'ModelLifeCycle',
      ],
      needs: ({ input }) => [
        {
          action: 'sagemaker:UpdateModelPackage',
          resource: input.ModelPackageArn,
          context: approvalContext(input),
        },
      ],
      run: async ({ input }) => {
        const request = input as UpdateModelPackageInput;
        const model = this.#require(request.ModelPackageArn!);
        const before = model.approval;
        model.approval = request.ModelApprovalStatus ?? before;
        if (request.ApprovalDescription !== undefined) model.approvalDescription = request.ApprovalDescription;
        if (request.ModelLifeCycle) model.lifeCycle = lifeCycleOf(request.ModelLifeCycle);
        Object.assign(model.metadata, request.CustomerMetadataProperties);
        for (const key of request.CustomerMetadataPropertiesToRemove ?? []) delete model.metadata[key];
        model.modifiedAt = this.#platform.cloud.clock.now();
        this.#save(model);
        return { ModelPackageArn: model.arn };
      },
    };
  }

  #delete(): Operation {
    return {
      members: ['ModelPackageName'],
      needs: ({ input }) => [{ action: 'sagemaker:DeleteModelPackage', resource: input.ModelPackageName }],
      run: async ({ input }) => {
        this.#platform.cloud.store.delete(PACKAGES, this.#require(input.ModelPackageName).arn);
        return {};
      },
    };
  }

  #list(): Operation {
    return {
      members: ['ModelPackageGroupName', 'ModelApprovalStatus', ...LIST_MEMBERS],
      needs: () => [{ action: 'sagemaker:ListModelPackages', resource: '*' }],
      run: async ({ input }) => {
        const { ModelPackageGroupName: group, ModelApprovalStatus: approval, ...request } = input;
        if (group === undefined)
          throw new NotImplementedError('sagemaker:ListModelPackages without ModelPackageGroupName');
        const all = this.#packagesOf(this.#groups.require(group).name).filter(
          (model) => !approval || model.approval === approval,
        );
        const { items, nextToken } = listPage(all, request as ListRequest);
        return { ModelPackageSummaryList: items.map(summary), ...(nextToken && { NextToken: nextToken }) };
      },
    };
  }

  #save(model: Package): void {
    const { cloud } = this.#platform;
    cloud.store.put(PACKAGES, model.arn, model);
    cloud.publish({
      source: 'aws.sagemaker',
      'detail-type': 'SageMaker Model Package State Change',
      resources: [model.arn],
      detail: { ...summary(model), ModelPackageName: model.name, CreationTime: model.createdAt },
    });
  }

  #require(nameOrArn: string): Package {
    const model = this.#platform.cloud.store.get<Package>(PACKAGES, nameOrArn);
    if (!model) throw validation(`ModelPackage ${nameOrArn} does not exist.`);
    return model;
  }

  #packagesOf(group: string): Package[] {
    return this.#platform.cloud.store
      .list<Package>(PACKAGES, `${arnOf(this.#platform.cloud, 'model-package', group)}/`)
      .map((entry) => entry.value);
  }
}

function checkPackage(request: CreateModelPackageInput): void {
  if (!request.ModelPackageGroupName) throw new NotImplementedError('sagemaker:CreateModelPackage without a group');
  if (request.Tags?.length) {
    throw validation('Tags cannot be specified for a model package that belongs to a model package group');
  }
  const specification = request.InferenceSpecification;
  const what = 'CreateModelPackage InferenceSpecification';
  const listed = ['SupportedContentTypes', 'SupportedResponseMIMETypes', 'SupportedTransformInstanceTypes'];
  onlyMembers(what, specification, ['Containers', 'SupportedRealtimeInferenceInstanceTypes', ...listed]);
  if (specification?.Containers?.length !== 1)
    throw new NotImplementedError(`sagemaker:${what} other than one container`);
  containerFrom(what, specification.Containers[0]!);
}

const newPackage = (request: CreateModelPackageInput, version: number, arn: string, now: number): Package => ({
  name: `${request.ModelPackageGroupName!.split('/').at(-1)}/${version}`,
  arn,
  group: request.ModelPackageGroupName!.split('/').at(-1)!,
  version,
  createdAt: now,
  modifiedAt: now,
  request,
  approval: request.ModelApprovalStatus ?? 'PendingManualApproval',
  metadata: { ...request.CustomerMetadataProperties },
  ...(request.ModelLifeCycle && { lifeCycle: lifeCycleOf(request.ModelLifeCycle) }),
});

/** @throws {ServiceError} ValidationException where the stage or its status is missing */
function lifeCycleOf({ Stage, StageStatus, StageDescription }: ModelLifeCycle): ModelLifeCycle {
  if (!Stage || !StageStatus) throw validation('ModelLifeCycle must have a Stage and a StageStatus');
  return { Stage, StageStatus, ...(StageDescription !== undefined && { StageDescription }) };
}

/** What a policy may ask of a change of approval or of stage. */
function approvalContext(input: { ModelApprovalStatus?: string; ModelLifeCycle?: ModelLifeCycle }) {
  const { ModelApprovalStatus: approval, ModelLifeCycle: lifeCycle } = input;
  return {
    ...(approval && { 'sagemaker:ModelApprovalStatus': approval }),
    ...(lifeCycle?.Stage && { 'sagemaker:ModelLifeCycle:Stage': lifeCycle.Stage }),
    ...(lifeCycle?.StageStatus && { 'sagemaker:ModelLifeCycle:StageStatus': lifeCycle.StageStatus }),
  };
}

const summary = (model: Package) => ({
  ModelPackageGroupName: model.group,
  ModelPackageVersion: model.version,
  ModelPackageArn: model.arn,
  ...(model.request.ModelPackageDescription && { ModelPackageDescription: model.request.ModelPackageDescription }),
  CreationTime: new Date(model.createdAt),
  ModelPackageStatus: 'Completed',
  ModelApprovalStatus: model.approval,
  ...(model.lifeCycle && { ModelLifeCycle: model.lifeCycle }),
});
