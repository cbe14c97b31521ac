import { join } from 'node:path';
import { App, DefaultStackSynthesizer, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import config from '../launchway.config.ts';
import { prefixOf } from '../lib/config.ts';
import { PipelineStack } from '../lib/pipeline-stack.ts';
import { StorageStack } from '../lib/storage-stack.ts';
import { TemplateValidation } from '../lib/template-validation.ts';

const build = join(import.meta.dirname, '..', 'build');
const app = new App();
Validations.of(app).addPlugins(new AwsSolutionsChecks(), new TemplateValidation(join(build, 'validated-templates')));

const prefix = prefixOf(config);
const synthesizer = () => new DefaultStackSynthesizer({ generateBootstrapVersionRule: false });
const storage = new StorageStack(app, 'Storage', {
  config,
  stackName: `${prefix}-storage`,
  synthesizer: synthesizer(),
});
new PipelineStack(app, 'Pipeline', {
  config,
  storage,
  stackName: `${prefix}-pipeline`,
  synthesizer: synthesizer(),
  bundleDirectory: join(build, 'handlers'),
});
for (const [key, value] of Object.entries(config.tags)) Tags.of(app).add(key, value);
app.synth();
