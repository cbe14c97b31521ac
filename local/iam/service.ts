import { physicalName } from '../physical-name.ts';
import type { Cloud, ProvisionedResource, ResourceHandler, ResourceRequest, Service } from '../service.ts';
import { NotImplementedError, ServiceError } from '../service.ts';
import { refuseAwsManaged } from './iam.ts';
import { statementsOf } from './policy.ts';
import { type Role, Roles } from './roles.ts';

/** IAM's resources: roles and policies. Its API is not served; roles come from templates. */
export function createIamService(cloud: Cloud): Service {
  const roles = new Roles(cloud.store);
  return {
    name: 'iam',
    operations: {},
    resourcePolicy: (arn) => roles.find(arn)?.trust,
    resources: {
      'AWS::IAM::Role': roleHandler(cloud, roles),
      'AWS::IAM::Policy': policyHandler(roles),
      'AWS::IAM::ManagedPolicy': managedPolicyHandler(cloud, roles),
    },
  };
}

function roleHandler(cloud: Cloud, roles: Roles): ResourceHandler {
  const put = async (request: ResourceRequest): Promise<ProvisionedResource> => {
    const role = roleOf(cloud, request, roles);
    roles.put(role);
    return { ref: role.name, attributes: { Arn: role.arn, RoleId: role.id } };
  };
  return {
    properties: [
      'AssumeRolePolicyDocument',
      'Policies',
      'ManagedPolicyArns',
      'PermissionsBoundary',
      'RoleName',
      'Path',
      'Description',
      'MaxSessionDuration',
      'Tags',
    ],
    create: put,
    update: put,
    delete: async (_request, current) => roles.delete(current.ref),
  };
}

function roleOf(cloud: Cloud, request: ResourceRequest, roles: Roles): Role {
  const { properties } = request;
  if (!properties.AssumeRolePolicyDocument)
    throw new ServiceError('ValidationError', 'expected AssumeRolePolicyDocument');
  const name = physicalName(request, { given: properties.RoleName, longest: 64 });
  const managed: string[] = properties.ManagedPolicyArns ?? [];
  for (const arn of [...managed, properties.PermissionsBoundary ?? '']) refuseAwsManaged(arn);
  return {
    name,
    arn: `arn:aws:iam::${cloud.account}:role${properties.Path ?? '/'}${name}`,
    id: `AROA${name}`,
    trust: properties.AssumeRolePolicyDocument,
    inline: inlineOf(properties.Policies ?? []),
    managed,
    boundary: properties.PermissionsBoundary,
    description: properties.Description,
    maxSessionDuration: Number(properties.MaxSessionDuration ?? 3600),
    tags: Object.fromEntries(
      (properties.Tags ?? []).map((tag: { Key: string; Value: string }) => [tag.Key, tag.Value]),
    ),
    createdAt: roles.byName(name)?.createdAt ?? cloud.clock.date().toISOString(),
  };
}

const inlineOf = (policies: readonly { PolicyName: string; PolicyDocument: unknown }[]): Role['inline'] =>
  Object.fromEntries(policies.map(({ PolicyName, PolicyDocument }) => [PolicyName, PolicyDocument]));

/** An inline policy given apart from its roles, as CDK writes them. */
function policyHandler(roles: Roles): ResourceHandler {
  const put = async (request: ResourceRequest): Promise<ProvisionedResource> => {
    const { PolicyName, PolicyDocument, Roles: names = [], Users, Groups } = request.properties;
    if (Users?.length || Groups?.length) throw new NotImplementedError('AWS::IAM::Policy Users and Groups');
    roles.attach(ownerOf(request, PolicyName), { name: PolicyName, document: PolicyDocument, roles: names });
    return { ref: PolicyName, attributes: { Id: PolicyName } };
  };
  return {
    properties: ['PolicyName', 'PolicyDocument', 'Roles', 'Users', 'Groups'],
    create: put,
    update: put,
    delete: async (request, current) => roles.detach(ownerOf(request, current.ref)),
  };
}

function managedPolicyHandler(cloud: Cloud, roles: Roles): ResourceHandler {
  const put = async (request: ResourceRequest): Promise<ProvisionedResource> => {
    const { properties } = request;
    if (properties.Users?.length || properties.Groups?.length) {
      throw new NotImplementedError('AWS::IAM::ManagedPolicy Users and Groups');
    }
    statementsOf(properties.PolicyDocument);
    const name = physicalName(request, { given: properties.ManagedPolicyName, longest: 128 });
    const arn = `arn:aws:iam::${cloud.account}:policy${properties.Path ?? '/'}${name}`;
    roles.attach(ownerOf(request, arn), {
      name,
      arn,
      document: properties.PolicyDocument,
      roles: properties.Roles ?? [],
    });
    return { ref: arn, attributes: { PolicyArn: arn } };
  };
  return {
    properties: ['ManagedPolicyName', 'PolicyDocument', 'Roles', 'Users', 'Groups', 'Path', 'Description'],
    create: put,
    update: put,
    delete: async (request, current) => roles.detach(ownerOf(request, current.ref)),
  };
}

/** The ref is part of it: a replacement exists beside what it replaces until that is deleted. */
const ownerOf = ({ stackName, logicalId }: ResourceRequest, ref: string): string => `${stackName}/${logicalId}/${ref}`;
