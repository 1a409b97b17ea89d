import type { JobConfig } from '../../jobs/job-config.ts'
import type { FieldList } from '../../wire/field-list/field-list.ts'
import { FieldListError, readFieldList } from '../../wire/field-list/read-field-list.ts'
import { ApiError } from '../api-error.ts'
import type { DataCloudPorts } from './datacloud-ports.ts'
import { openConfigWriter } from './job-config/config-writer.ts'
import { boundedLists, fieldListKey, readActionId } from './job-config/read-field-lists.ts'
import { invalid } from './read-fields.ts'
import type { ApiRoute, ConfigAsk } from './route/api-route.ts'
import type { Guards } from './route/guards.ts'

/** Takes the file that an administrator has, where `fieldLists` of a job config takes what it says. */
export function fieldListRoutes(ports: DataCloudPorts, { onConfig }: Guards): readonly ApiRoute[] {
  const writer = openConfigWriter(ports)
  return [
    {
      method: 'POST',
      path: '/jobconfigs/{id}/sfdc/field-lists',
      summary:
        'Take the field list of an outbound message from its WSDL or workflow file, in place of the one there is',
      query: {
        actionid: 'id of the outbound message; absent: the list is for all of the object’s',
        object: 'API name of the object of a workflow file',
        message: 'which outbound message of a workflow file; absent: the only one',
      },
      takes: 'message',
      gives: 'JobConfig',
      answers: { 200: 'The job config, with the list among its fieldLists' },
      ...onConfig(['edit'], async (ask) => {
        const list = listOf(ask)
        return writer.change(ask, (before) => withList(before, list))
      }),
    },
  ]
}

function listOf({ body, query }: ConfigAsk): FieldList {
  if (typeof body !== 'string') throw invalid('the body', 'a WSDL or a workflow file', body)
  const hints = {
    objectName: query.get('object') ?? null,
    messageName: query.get('message') ?? null,
    actionId: readActionId(query.get('actionid'), 'actionid'),
  }
  try {
    return readFieldList(body, hints)
  } catch (error) {
    if (!(error instanceof FieldListError)) throw error
    throw new ApiError(400, error.errorCode, error.message)
  }
}

function withList(config: JobConfig, list: FieldList): JobConfig {
  const others = config.fieldLists.filter((each) => fieldListKey(each) !== fieldListKey(list))
  return { ...config, fieldLists: boundedLists([...others, list], 'fieldLists') }
}
