import { z } from 'zod';

/** Which release of which model: what every step of `release-model` is given. Everything else it reads from the table. */
export const ReleaseInput = z.object({ model: z.string().min(1), release: z.number().int().positive() });
export type ReleaseInput = z.infer<typeof ReleaseInput>;

const name = z.string().min(1);

/** Environment variables by what they give access to; each function's contract picks what it uses. */
export const TableEnv = z.object({ LINEAGE_TABLE_NAME: name });
/** `namePrefix-stage`: whose events and metrics these are. */
export const DeploymentEnv = z.object({ PREFIX: name });
export const BucketOwnerEnv = z.object({ ACCOUNT_ID: z.string().regex(/^\d{12}$/) });
export const IntakeEnv = BucketOwnerEnv.extend({ INTAKE_BUCKET_NAME: name });
export const ArtifactsEnv = BucketOwnerEnv.extend({ ARTIFACTS_BUCKET_NAME: name });
export const ApprovedEnv = BucketOwnerEnv.extend({ APPROVED_BUCKET_NAME: name });
export const CapturesEnv = BucketOwnerEnv.extend({ CAPTURES_BUCKET_NAME: name });

/** Where notices for channels go; absent where no tier has one. */
export const NoticeEnv = z.object({ NOTICE_QUEUE_URL: z.string().url().optional() });

/** Checks links (KMS HMAC). */
export const LinkKeysEnv = z.object({
  LINK_KEY_ARN: name,
  /** While keys rotate: the one whose links still work. */
  FORMER_LINK_KEY_ARN: name.optional(),
});

export const liveKeyArns = ({
  LINK_KEY_ARN,
  FORMER_LINK_KEY_ARN,
}: z.infer<typeof LinkKeysEnv>): [string, ...string[]] =>
  FORMER_LINK_KEY_ARN === undefined ? [LINK_KEY_ARN] : [LINK_KEY_ARN, FORMER_LINK_KEY_ARN];

/** What a page needs to know who has signed in; both are set where an issuer is configured. */
export const PagesEnv = z.object({
  /** Checks sessions (KMS HMAC). */
  SESSION_KEY_ARN: name.optional(),
  /** Base URL of the pages, without a trailing slash. */
  PAGES_URL: z.string().url().optional(),
});
