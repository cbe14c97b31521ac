import { createHash } from 'node:crypto';

/** What names a resource. */
interface Named {
  readonly stackName: string;
  readonly logicalId: string;
}

interface NameRules {
  /** The name the template gives; used as it is. */
  readonly given?: string | undefined;
  /** Longest name the service takes. */
  readonly longest: number;
  /** @default false */
  readonly lowercase?: boolean;
  /** Appended to the whole (`.fifo`). */
  readonly suffix?: string;
}

/**
 * A resource's physical name: the template's own, or `Stack-LogicalId-RANDOM` as CloudFormation makes them.
 *
 * The random part is a digest of stack and logical id, so the same template gets the same names on every machine.
 *
 * @returns at most `longest` characters; stack and logical id are cut where they are too long
 */
export function physicalName({ stackName, logicalId }: Named, rules: NameRules): string {
  if (rules.given !== undefined) return rules.given;
  const { longest, lowercase = false, suffix = '' } = rules;
  const digest = createHash('sha256').update(`${stackName}/${logicalId}`).digest('hex').slice(0, 12).toUpperCase();
  const room = longest - digest.length - suffix.length - 1;
  const half = Math.floor((room - 1) / 2);
  const stack = stackName.slice(0, Math.max(half, room - 1 - logicalId.length));
  const name = `${stack}-${logicalId.slice(0, room - 1 - stack.length)}-${digest}${suffix}`;
  return lowercase ? name.toLowerCase() : name;
}
