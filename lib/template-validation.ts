import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CloudFormationValidatePlugin,
  type IPolicyValidationContext,
  type PolicyValidationPluginReport,
} from 'aws-cdk-lib';

const LOCK = join(import.meta.dirname, '..', 'package-lock.json');

type Stack = IPolicyValidationContext['stackTemplates'][number];

/**
 * AWS's CloudFormation validator, which reads each template once: one that it found nothing to say about, warnings included, is not
 * read again until it, its account, its region or a locked package changes. Starting the validator is most of a synthesis.
 */
export class TemplateValidation extends CloudFormationValidatePlugin {
  readonly #directory: string;

  /** @param directory keeps an empty file per validated template, named by its digest */
  constructor(directory: string) {
    super();
    this.#directory = directory;
  }

  override validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    const changed = context.stackTemplates.filter((stack) => !existsSync(this.#mark(stack)));
    if (changed.length === 0) return { success: true, violations: [] };
    const report = super.validate(context);
    if (report.success && report.violations.length === 0) {
      mkdirSync(this.#directory, { recursive: true });
      for (const stack of changed) writeFileSync(this.#mark(stack), '');
    }
    return report;
  }

  #mark({ templatePath, accountId, region }: Stack): string {
    const hash = createHash('sha256').update(`${accountId}\0${region}\0`);
    for (const file of [LOCK, templatePath]) hash.update(readFileSync(file)).update('\0');
    return join(this.#directory, hash.digest('hex'));
  }
}
