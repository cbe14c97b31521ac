import { Stack, Token, Validations } from 'aws-cdk-lib';
import { PolicyStatement, type PolicyStatementProps, type Role } from 'aws-cdk-lib/aws-iam';

/** One statement of a role's policy; one whose resource is a pattern says why it cannot be narrower. */
export interface Permission {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: PolicyStatementProps['conditions'];
  /** Stands beside the finding as its reason. */
  readonly because?: string;
}

/**
 * Adds a permission to a role. A pattern among its resources is acknowledged to cdk-nag for exactly that pattern, with the
 * permission's own reason, so no acknowledgement can hide another hole.
 *
 * @throws {Error} a pattern without a reason
 */
export function allow(role: Role, { actions, resources, conditions, because }: Permission): void {
  role.addToPolicy(new PolicyStatement({ actions: [...actions], resources: [...resources], conditions }));
  for (const resource of resources) {
    const pattern = flatten(Stack.of(role).resolve(resource));
    if (!pattern.includes('*')) continue;
    if (!because) throw new Error(`expected a reason why ${actions.join(', ')} needs the pattern ${pattern}, got none`);
    Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[Resource::${pattern}]`, reason: because });
  }
}

/** A resolved ARN as cdk-nag names it in a finding: `arn:<AWS::Partition>:s3:::name/*`. */
function flatten(node: unknown): string {
  if (typeof node === 'string') return node;
  if (node && typeof node === 'object') {
    const [[kind, value]] = Object.entries(node) as [[string, unknown]];
    if (kind === 'Fn::Join') {
      const [delimiter, parts] = value as [string, unknown[]];
      return parts.map(flatten).join(delimiter);
    }
    if (kind === 'Ref') return `<${value}>`;
    if (kind === 'Fn::GetAtt') return `<${(value as string[]).join('.')}>`;
  }
  if (Token.isUnresolved(node)) throw new Error(`expected an ARN built from names, got the token ${String(node)}`);
  throw new Error(`expected an ARN, got ${JSON.stringify(node)}`);
}
