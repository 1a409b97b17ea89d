import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDataCloudApi } from '../../../../test/support/datacloud-api.ts'
import { storesUnderTest } from '../../../../test/support/stores.ts'

type Operation = {
  readonly summary: string
  readonly description: string
  readonly security: readonly unknown[]
  readonly parameters: readonly { readonly name: string; readonly in: string }[]
  readonly responses: Readonly<Record<string, unknown>>
}

type Description = {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> }
}

const [store] = storesUnderTest()

test('openapi.json names every route that is answered, with its parts, rights and forms, and none besides', async (t) => {
  const { call, answered } = await openDataCloudApi(t, (await store?.url(t)) ?? '')
  const { status, json } = await call('GET /openapi.json', { as: null })
  assert.equal(status, 200)
  const description = json as Description
  assert.equal(description.openapi, '3.1.0')

  const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  const named = operations.map(({ path, method }) => `${method.toUpperCase()} ${path}`)
  const received = ['POST /jobconfigs/{id}/sfdc/obm', 'POST /jobconfigs/{id}/sfdc/obm/{secret}']
  assert.deepEqual(named.toSorted(), [...answered, ...received].toSorted())

  for (const { path, method, operation } of operations) {
    const place = `${method} ${path}`
    const parts = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    const described = operation.parameters.filter((each) => each.in === 'path')
    assert.deepEqual(
      described.map(({ name }) => name),
      parts,
      place,
    )
    assert.match(operation.description, /^Needs /, place)
    assert.ok(
      Object.keys(operation.responses).some((each) => each.startsWith('2')),
      place,
    )
  }
  assert.deepEqual(
    operations.filter(({ operation }) => operation.security.length === 0).map(({ path }) => path),
    [
      '/jobconfigs/{id}/sfdc/obm',
      '/jobconfigs/{id}/sfdc/obm/{secret}',
      '/login',
      '/login/refresh',
      '/openapi.json',
    ],
  )
})

test('every form that openapi.json refers to is in it, and none lies there unused', async (t) => {
  const { call } = await openDataCloudApi(t, (await store?.url(t)) ?? '')
  const { text, json } = await call('GET /openapi.json', { as: null })
  const used = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name)
  const { schemas } = (json as Description).components
  assert.deepEqual([...new Set(used)].toSorted(), Object.keys(schemas).toSorted())
})
