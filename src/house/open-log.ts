import pino from 'pino'
import type { Log, LogFields } from '../base/log.ts'

/** One JSON line for each event on standard error; standard output stays for what a command answers. */
export function openJsonLog(level: string): Log {
  const logger = pino(
    {
      level,
      base: { pid: process.pid },
      messageKey: 'event',
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    pino.destination({ fd: 2, sync: false }),
  )
  return {
    debug: (event, fields) => logger.debug(fields ?? {}, event),
    info: (event, fields) => logger.info(fields ?? {}, event),
    warn: (event, fields) => logger.warn(fields ?? {}, event),
    error: (event, fields) => logger.error(fields ?? {}, event),
  }
}

/** A log that hands each event to `tell`. */
export function openTellingLog(
  tell: (level: 'debug' | 'info' | 'warn' | 'error', event: string, fields: LogFields) => void,
): Log {
  return {
    debug: (event, fields) => tell('debug', event, fields ?? {}),
    info: (event, fields) => tell('info', event, fields ?? {}),
    warn: (event, fields) => tell('warn', event, fields ?? {}),
    error: (event, fields) => tell('error', event, fields ?? {}),
  }
}
