import type { ModelRow } from '../../domain/model.ts';
import { labelsMail } from '../../domain/quality/labels-mail.ts';
import type { LabelFileRow } from '../../domain/quality/rows.ts';
import type { MeasureQualityDependencies } from './measure-quality.ts';

/** Tells the owner, and whoever uploaded them, of outcomes that could not be used. Nothing is said where all could. */
export async function tellOfLabels(
  { mailer, config }: Pick<MeasureQualityDependencies, 'mailer' | 'config'>,
  { owner }: ModelRow,
  file: LabelFileRow,
): Promise<void> {
  const uploader = file.submitter.person === undefined ? undefined : config.people[file.submitter.person]?.email;
  const mail = labelsMail([...new Set([owner, ...(uploader === undefined ? [] : [uploader])])], file);
  if (mail) await mailer.send(mail);
}
