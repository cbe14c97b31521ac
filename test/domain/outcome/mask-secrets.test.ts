import { describe, expect, it } from '@jest/globals';
import { maskLines, maskSecrets } from '../../../domain/outcome/mask-secrets.ts';

const JWT = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N';
// Put together here, so that no scanner of repositories takes them for real ones.
const SLACK = ['xoxb', '2345678901', 'abcdefghijklmnop'].join('-');
const GITHUB = `ghp_${'a1B2'.repeat(9)}`;

describe('maskSecrets', () => {
  it.each([
    ['key AKIAIOSFODNN7EXAMPLE used', 'key *** used'],
    ['temporary ASIAIOSFODNN7EXAMPLE', 'temporary ***'],
    ['secret wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY of dana', 'secret *** of dana'],
    ['aws_secret_access_key=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', 'aws_secret_access_key=***'],
    [`session IQoJb3JpZ2luX2VjEJr${'A1b2'.repeat(10)}==`, 'session ***'],
    ['password: hunter2, next', 'password: ***, next'],
    ['API_KEY="a b c"', 'API_KEY=***'],
    ['{"db_password": "it\\"s", "n": 1}', '{"db_password": ***, "n": 1}'],
    ['{\\"password\\": \\"hunter2\\", \\"n\\": 1}', '{\\"password\\": ***, \\"n\\": 1}'],
    ["{'token': 'a,b'}", "{'token': ***}"],
    ['config[:api_key] => abc', 'config[:api_key] => ***'],
    ['mysql -u me --password hunter2 db', 'mysql -u me --password *** db'],
    ['Authorization: Bearer abcdef0123456789', 'Authorization: Bearer ***'],
    ['"Authorization": "Basic dXNlcjpwYXNz"', '"Authorization": "Basic ***"'],
    ['Set-Cookie: session=abc; Path=/', 'Set-Cookie: ***'],
    [`jwt ${JWT} expired`, 'jwt *** expired'],
    [`push with ${GITHUB}`, 'push with ***'],
    [`slack ${SLACK}`, 'slack ***'],
    ['post https://hooks.slack.com/services/T0/B0/x', 'post https://hooks.slack.com/services/***'],
    ['postgres://me:secret@host/db', 'postgres://me:***@host/db'],
    ['postgres://me:p@ss/word@host/db', 'postgres://me:***@host/db'],
    ['redis://:secret@host:6379', 'redis://:***@host:6379'],
    ['Server=db;Uid=me;Pwd=hunter2;Encrypt=yes', 'Server=db;Uid=me;Pwd=***;Encrypt=yes'],
    ['AccountName=a;AccountKey=Zm9vYmFy==;Suffix=x', 'AccountName=a;AccountKey=***;Suffix=x'],
    ['https://x/?X-Amz-Signature=abc&y=1', 'https://x/?X-Amz-Signature=***&y=1'],
    ['https://a.blob/x?sv=1&sig=abc%3D&y=1', 'https://a.blob/x?sv=1&sig=***&y=1'],
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nnext', '***\nnext'],
    ['-----BEGIN OPENSSH PRIVATE KEY----- cut off', '***'],
  ])('%s', (line, masked) => {
    expect(maskSecrets(line)).toBe(masked);
  });

  it.each([
    "KeyError: 'origin'",
    'AUC 0.61 after 200 steps',
    'commit 5e9db0a1c3f2b4d6e8f00112233445566778899a',
    'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
    'File "/opt/ml/code/train.py", line 41, in <module>',
    'https://example.com/a/b?x=1#c',
    'validation:auc=0.61 at 2030-01-01T00:00:00Z',
  ])('leaves %s as it is', (line) => {
    expect(maskSecrets(line)).toBe(line);
  });
});

describe('maskLines', () => {
  const body = 'MIIEpAIBAAKCAQEA7bq0K8N5Xr5vXqkQ3b1cV9mYw2oPz8xTq4fJ6hK1sL0dA9eR';

  it('masks a private key over several lines', () => {
    const lines = [
      'before',
      'key is -----BEGIN PRIVATE KEY-----',
      body,
      'short==',
      '-----END PRIVATE KEY-----',
      'after',
    ];
    expect(maskLines(lines)).toEqual(['before', 'key is ***', '***', '***', '***', 'after']);
  });

  it('masks what is left of one whose beginning is cut off', () => {
    expect(maskLines(['AUC 1', body, 'Ab1=', '-----END PRIVATE KEY-----', 'after'])).toEqual([
      'AUC 1',
      '***',
      '***',
      '***',
      'after',
    ]);
  });
});
