import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { TemplateValidation } from '../../lib/template-validation.ts';

const folder = mkdtempSync(join(tmpdir(), 'launchway-validation-'));
const marks = join(folder, 'marks');
const templatePath = join(folder, 'Stack.template.json');
const validation = new TemplateValidation(marks);
afterAll(() => {
  validation._dispose();
  rmSync(folder, { recursive: true });
});
beforeEach(() => rmSync(marks, { recursive: true, force: true }));

const GOOD = { Key: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 30 } } };
const BAD = { Key: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 'soon' } } };

function validate(Resources: object, region = 'eu-west-1') {
  writeFileSync(templatePath, JSON.stringify({ Resources }));
  return validation.validate({
    templatePaths: [templatePath],
    stackTemplates: [{ stackConstructPath: 'Stack', templatePath, accountId: '123456789012', region }],
    appConstruct: new App(),
  });
}

describe('a template that AWS’s validator reads', () => {
  it('is remembered once nothing was found in it, until it or its region changes', () => {
    expect(validate(GOOD)).toMatchObject({ success: true, violations: [] });
    expect(readdirSync(marks)).toHaveLength(1);
    expect(validate(GOOD)).toMatchObject({ success: true, violations: [] });
    expect(readdirSync(marks)).toHaveLength(1);
    expect(validate(GOOD, 'eu-central-1')).toMatchObject({ success: true });
    expect(readdirSync(marks)).toHaveLength(2);
  });

  it('is refused as often as it is wrong, also after it was right', () => {
    validate(GOOD);
    for (let i = 0; i < 2; i++) expect(validate(BAD).violations).not.toEqual([]);
    expect(readdirSync(marks)).toHaveLength(1);
  });
});
