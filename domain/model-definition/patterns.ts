/** Names of models: part of every AWS name and S3 key. */
export const MODEL_NAME = /^[a-z][a-z0-9-]{1,29}$/;
/** A sentence for people, on one line. */
export const DESCRIPTION = /^(?=\S)[^\p{C}\p{Zl}\p{Zp}]{19,199}\S$/u;
export const TEAM_NAME = /^[a-z][a-z0-9-]{1,15}$/;
export const TIER_NAME = /^[a-z][a-z0-9-]{0,29}$/;
/** A CSV column that needs no quoting anywhere; no control characters, so it prints on one line. */
export const COLUMN = /^[^\p{C},"]{1,100}$/u;
export const EMAIL = /^[^\s@<>,;"]{1,64}@[^\s@<>,;"]{1,190}$/;
export const INSTANCE_TYPE = /^ml\.[a-z0-9-]+\.[a-z0-9]+$/;
/** Names that begin with `sagemaker_` are SageMaker's own. */
export const HYPERPARAMETER = /^(?!sagemaker_)[A-Za-z][A-Za-z0-9_.-]{0,99}$/;
/** `repository:tag`. */
export const IMAGE = /^[a-z0-9]+([._/-][a-z0-9]+)*:[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
/** A relative path without `..`. */
export const RELATIVE_PATH = /^(?!\/)(?!.*(^|\/)\.\.(\/|$))[A-Za-z0-9._/-]{1,200}$/;
