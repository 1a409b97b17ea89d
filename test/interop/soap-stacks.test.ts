import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { xsdTypeOf } from '../../src/wire/wsdl.ts'
import { freePort } from '../support/free-port.ts'
import {
  checkListener,
  checkRead,
  exampleFile,
  FIELDS,
  fieldArguments,
  listenerFile,
  missing,
  type ReadNotification,
  sentEnvelope,
  startListener,
  wsdlFile,
} from '../support/interop.ts'
import { temporaryFolder } from '../support/stores.ts'

const PHP = missing('php-cli php-soap', ['php', '-r', 'exit(class_exists("SoapServer") ? 0 : 1);'])

test('PHP’s SoapServer reads 1, 2 and 100 notifications by our WSDL and acknowledges them', {
  skip: PHP,
}, async (t) => {
  const address = `127.0.0.1:${await freePort()}`
  const listener = await startListener(t, ['php', '-S', address, exampleFile('php/listener.php')], {
    env: { WSDL: wsdlFile(t) },
    ready: /Development Server \((http:\S+)\) started/,
  })
  await checkListener(t, listener, `${listener.url}/listener`)
})

const PERL = missing('libsoap-lite-perl', [
  'perl',
  '-MSOAP::Lite',
  '-MHTTP::Daemon',
  '-MJSON::PP',
  '-e1',
])

test('Perl’s SOAP::Lite reads 1, 2 and 100 notifications and acknowledges them', {
  skip: PERL,
}, async (t) => {
  await checkListener(t, await startListener(t, ['perl', listenerFile('soap-lite.pl')]))
})

/** Debian's own, which has the packages; another Python may stand before it in the path. */
const PYTHON = '/usr/bin/python3'
const SPYNE = missing('python3-spyne', [PYTHON, '-c', 'import spyne'])

test('Python’s spyne reads 1, 2 and 100 notifications and acknowledges them', {
  skip: SPYNE,
}, async (t) => {
  const command = [PYTHON, listenerFile('spyne_listener.py'), ...fieldArguments()]
  await checkListener(t, await startListener(t, command))
})

test('the npm package soap reads 1, 2 and 100 notifications by our WSDL and acknowledges them', async (t) => {
  const command = [process.execPath, exampleFile('node/listener.mjs'), wsdlFile(t), '0']
  await checkListener(t, await startListener(t, command))
})

const GSOAP =
  missing('gsoap libgsoap-dev g++', ['wsdl2h', '-V']) ||
  missing('gsoap libgsoap-dev g++', [
    'g++',
    '-x',
    'c++',
    '-E',
    '-include',
    'stdsoap2.h',
    '/dev/null',
  ])

test('a gSOAP server, generated from our WSDL by wsdl2h and soapcpp2, reads 1, 2 and 100 notifications and acknowledges them', {
  skip: GSOAP,
}, async (t) => {
  await checkListener(t, await startListener(t, [buildGsoapListener(t)]))
})

/** Generates and compiles the listener; answers its program. */
function buildGsoapListener(t: TestContext): string {
  const folder = temporaryFolder(t)
  const run = (...[program = '', ...args]: readonly string[]) => {
    const { status, stderr, stdout } = spawnSync(program, args, { cwd: folder, encoding: 'utf8' })
    assert.equal(status, 0, `${program}: ${stdout}${stderr}`)
  }
  // C++ knows no `__` within a name: gSOAP spells it out.
  const lines = FIELDS.map(({ name }) => `FIELD("${name}", ${name.replaceAll('_', '_USCORE')})\n`)
  writeFileSync(join(folder, 'fields.inc'), lines.join(''))
  run('wsdl2h', '-o', 'account.h', wsdlFile(t))
  run('soapcpp2', '-S', '-j', '-x', '-L', '-w', '-I/usr/share/gsoap/import', 'account.h')
  const sources = [
    listenerFile('gsoap-listener.cpp'),
    'soapC.cpp',
    'soapNotificationBindingService.cpp',
  ]
  run('g++', '-O0', '-w', '-DWITH_PURE_VIRTUAL', '-I.', '-o', 'listener', ...sources, '-lgsoap++')
  return join(folder, 'listener')
}

const ZEEP = missing('python3-zeep', [PYTHON, '-c', 'import zeep'])

test('Python’s zeep finds every operation and type in our WSDL, and reads our messages by it', {
  skip: ZEEP,
}, (t) => {
  const folder = temporaryFolder(t)
  const sent = [1, 2, 100].map((count) => {
    const { envelope, recordIds } = sentEnvelope(count)
    const file = join(folder, `${count}.xml`)
    writeFileSync(file, envelope)
    return { file, recordIds }
  })
  const address = 'https://erp.example.com/listener?secret=a&b=c'
  const files = sent.map((each) => each.file)
  const args = [listenerFile('zeep_client.py'), wsdlFile(t, address), ...files]
  const { stdout, stderr } = spawnSync(PYTHON, args, { encoding: 'utf8' })
  const [known = '{}', ...lines] = stdout.trim().split('\n')

  assert.deepEqual(
    JSON.parse(known),
    {
      service: 'NotificationService',
      port: 'Notification',
      address,
      operations: {
        notifications: [
          'OrganizationId: ns0:ID, ActionId: ns0:ID, SessionId: xsd:string, EnterpriseUrl: xsd:string, ' +
            'PartnerUrl: xsd:string, Notification: ns2:AccountNotification[]',
          'Ack: xsd:boolean',
        ],
      },
      types: ['Account', 'AccountNotification', 'AggregateResult', 'ID', 'sObject'],
      fields: Object.fromEntries([
        ['fieldsToNull', 'string'],
        ['Id', 'ID'],
        ...FIELDS.map((field) => [field.name, xsdTypeOf(field).slice(4)]),
      ]),
    },
    stderr,
  )
  assert.equal(lines.length, 103)
  for (const { recordIds } of sent) {
    for (const line of lines.splice(0, recordIds.length)) {
      checkRead(JSON.parse(line) as ReadNotification, recordIds)
    }
  }
})
