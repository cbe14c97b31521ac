import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

// Most of a synthesis is loading aws-cdk-lib; the second one finds it compiled.
enableCompileCache(join(import.meta.dirname, '..', 'build', 'compile-cache'));
await import('./synthesize.ts');
