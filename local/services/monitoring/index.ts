import { physicalName } from '../../physical-name.ts';
import type { Cloud, ResourceHandler, ResourceRequest, Service } from '../../service.ts';
import { ServiceError } from '../../service.ts';
import { alarmOf } from './alarm.ts';
import { ALARM_MEMBERS, alarmArn, alarmOperations } from './alarm-operations.ts';
import { Alarms } from './alarms.ts';
import { metricOperations } from './metric-operations.ts';
import { MetricStore } from './metric-store.ts';

const DASHBOARDS = 'cloudwatch.dashboards';

/** CloudWatch metrics and alarms; dashboards are only kept. */
export function createMonitoringService(cloud: Cloud): Service {
  const metrics = new MetricStore(cloud);
  const alarms = new Alarms(cloud, metrics);
  return {
    name: 'monitoring',
    operations: {
      ...metricOperations(cloud, metrics, (metric) => alarms.measured(metric)),
      ...alarmOperations(cloud, alarms),
    },
    resources: {
      'AWS::CloudWatch::Alarm': alarmHandler(cloud, alarms),
      'AWS::CloudWatch::Dashboard': dashboardHandler(cloud),
    },
    resume: async () => alarms.armAll(),
  };
}

function alarmHandler(cloud: Cloud, alarms: Alarms): ResourceHandler {
  const put = async (request: ResourceRequest) => {
    const name = physicalName(request, { given: request.properties.AlarmName, longest: 255 });
    const arn = alarmArn(cloud, name);
    const input = { ...request.properties, AlarmName: name };
    alarms.put(alarmOf(input, arn, cloud.clock.now(), alarms.find(name)));
    return { ref: name, attributes: { Arn: arn } };
  };
  return {
    properties: ALARM_MEMBERS,
    create: put,
    update: put,
    delete: async (_request, current) => alarms.delete(current.ref),
  };
}

function dashboardHandler(cloud: Cloud): ResourceHandler {
  const put = async (request: ResourceRequest) => {
    const { DashboardName, DashboardBody } = request.properties;
    const name = physicalName(request, { given: DashboardName, longest: 255 });
    try {
      JSON.parse(DashboardBody);
    } catch (error) {
      throw new ServiceError('InvalidParameterInput', `expected JSON as DashboardBody: ${(error as Error).message}`);
    }
    cloud.store.put(DASHBOARDS, name, DashboardBody);
    return { ref: name, attributes: {} };
  };
  return {
    properties: ['DashboardName', 'DashboardBody'],
    create: put,
    update: put,
    delete: async (_request, current) => cloud.store.delete(DASHBOARDS, current.ref),
  };
}
