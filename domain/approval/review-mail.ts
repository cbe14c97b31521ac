import { composeMail } from '../mail/mail-document.ts';
import type { Mail } from '../ports.ts';
import type { VersionRow } from '../version.ts';
import { day, moment } from './moment.ts';
import { REVIEW_CHANGES_NOTHING, type Review } from './review.ts';

/**
 * An approval is to be looked at again: to the model's owner and those who approved.
 *
 * @param approvers their names
 */
export const reviewMail = (
  { model, version, reviewBy }: Review,
  { release, approval }: Pick<VersionRow, 'release'> & { readonly approval: NonNullable<VersionRow['approval']> },
  to: readonly string[],
  approvers: readonly string[],
): Mail =>
  composeMail({
    to,
    subject: `[${model}] version ${version}: its approval is to be reviewed`,
    thread: `release/${model}/${release}`,
    blocks: [
      {
        kind: 'warning',
        text: `Version ${version} of ${model} serves by an approval that was to be reviewed by ${day(reviewBy)}.`,
      },
      {
        kind: 'facts',
        rows: [
          ['Approved by', approvers.join(', ')],
          ['When', moment(approval.at)],
          ['Meanwhile', REVIEW_CHANGES_NOTHING],
          ['To read again', `launchway lineage ${model}/${version} · launchway quality ${model}`],
          ['To renew it', `launchway submit, with today's data: people are asked about a new version`],
          ['To end it', `launchway revoke ${model}/${version}, launchway rollback ${model}`],
        ],
      },
    ],
    footer: 'For the owner of the model and those who approved this version. You are told once.',
  });
