import type {
  DescribeEndpointConfigOutput,
  DescribeEndpointOutput,
  ListEndpointsOutput,
  ProductionVariantSummary,
} from '@aws-sdk/client-sagemaker';
import { ServiceError } from '../service.ts';
import { type Markup, markup } from './markup.ts';
import { facts, json, link, type Page, segment, statusTag, table, time } from './page.ts';
import { everyPage, type View } from './view.ts';

export const endpoints = async (view: View) =>
  (
    await everyPage(
      (NextToken) => view.ask<ListEndpointsOutput>('sagemaker', 'ListEndpoints', { ...(NextToken && { NextToken }) }),
      ({ NextToken }) => NextToken,
    )
  ).flatMap(({ Endpoints }) => Endpoints ?? []);

export async function endpointsTable(view: View): Promise<Markup> {
  return table(
    ['Name', 'Status', 'Changed'],
    (await endpoints(view)).map(({ EndpointName = '', EndpointStatus = '', LastModifiedTime }) => [
      link(`/endpoints/${segment(EndpointName)}`, EndpointName),
      statusTag(EndpointStatus),
      time(LastModifiedTime),
    ]),
    'There is no endpoint yet.',
  );
}

/** `/endpoints`: all of them. */
export const endpointsPage = async (view: View): Promise<Page> => ({
  title: 'Endpoints',
  section: '/endpoints',
  body: await endpointsTable(view),
});

const ONGOING = /(ing|RollingBack)$/;

/** `/endpoints/{name}`: what serves, what is coming, and how its status went. */
export async function endpointPage(view: View): Promise<Page> {
  const EndpointName = view.path[0]!;
  const endpoint = await view.ask<DescribeEndpointOutput>('sagemaker', 'DescribeEndpoint', { EndpointName });
  const pending = endpoint.PendingDeploymentSummary;
  const capture = endpoint.DataCaptureConfig;
  return {
    title: EndpointName,
    section: '/endpoints',
    live: ONGOING.test(endpoint.EndpointStatus ?? ''),
    body: markup`${facts([
      ['Status', statusTag(endpoint.EndpointStatus ?? '')],
      ['Reason', endpoint.FailureReason],
      ['Configuration', endpoint.EndpointConfigName],
      ['Created', time(endpoint.CreationTime)],
      ['Changed', time(endpoint.LastModifiedTime)],
      [
        'Data capture',
        capture && `${capture.CaptureStatus}, ${capture.CurrentSamplingPercentage}% to ${capture.DestinationS3Uri}`,
      ],
    ])}
<h2>Variants</h2>${variantsTable(endpoint.ProductionVariants ?? [])}
${pending && markup`<h2>Coming: ${pending.EndpointConfigName}</h2>${variantsTable(pending.ProductionVariants ?? [])}`}
<h2>Status changes</h2><p class="soft small">As events told them since this local cloud's process started; SageMaker keeps no history.</p>
${table(
  ['At', 'Status'],
  view.changes.of(EndpointName).map(({ at, status }) => [time(new Date(at)), statusTag(status)]),
  'None since then.',
)}
${await configuration(view, endpoint.EndpointConfigName)}`,
  };
}

const variantsTable = (variants: readonly ProductionVariantSummary[]): Markup =>
  table(
    ['Variant', 'Weight', 'Instances', 'Image'],
    variants.map((variant) => [
      variant.VariantName,
      variant.CurrentWeight,
      variant.CurrentServerlessConfig ? 'serverless' : variant.CurrentInstanceCount,
      variant.DeployedImages?.[0]?.ResolvedImage,
    ]),
    'No variant serves.',
  );

async function configuration(view: View, name: string | undefined): Promise<Markup | undefined> {
  try {
    const config = await view.ask<DescribeEndpointConfigOutput>('sagemaker', 'DescribeEndpointConfig', {
      EndpointConfigName: name,
    });
    return markup`<h2>Configuration</h2>${json(JSON.stringify(config))}`;
  } catch (error) {
    // An endpoint keeps serving when its configuration is deleted.
    if (error instanceof ServiceError) return markup`<h2>Configuration</h2><p class="soft">${error.message}</p>`;
    throw error;
  }
}
