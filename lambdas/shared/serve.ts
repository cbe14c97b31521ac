import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { z } from 'zod';

export const logger = new Logger();

/** Wraps a use case in what every handler needs: logging context and a checked input. */
export const serve = <Input, Output>(input: z.ZodType<Input>, useCase: (input: Input) => Promise<Output>) =>
  middy<unknown, Output>()
    .use(injectLambdaContext(logger, { clearState: true }))
    .onError(({ error }) => {
      logger.error('handler failed', error as Error);
    })
    .handler((event) => useCase(input.parse(event)));
