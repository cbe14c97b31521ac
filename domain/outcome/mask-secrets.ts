/** What looks like a credential in a log line. The first group, where there is one, is kept. */
const SECRETS: readonly RegExp[] = [
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*/g,
  /\b(?:gh[pousr]_|xox[abprs]-|sk-)[A-Za-z0-9_-]{16,}/g,
  /((?:authorization|bearer)["']?\s*[:=]?\s*(?:bearer|basic)?\s+)[A-Za-z0-9._~+/=-]{12,}/gi,
  /((?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|credential)[\w-]*["']?\s*[:=]\s*)(?:"[^"]*"|'[^']*'|[^\s,;&]+)/gi,
  /([a-z][a-z0-9+.-]*:\/\/[^\s:/@]+:)[^\s@/]+(?=@)/gi,
  /([?&](?:X-Amz-Signature|X-Amz-Security-Token|X-Amz-Credential)=)[^&\s]+/gi,
];

/** Replaces what looks like a credential by `***`; better one too many than one too few. */
export const maskSecrets = (text: string): string =>
  SECRETS.reduce(
    (masked, pattern) => masked.replace(pattern, (_match, kept) => `${typeof kept === 'string' ? kept : ''}***`),
    text,
  );
