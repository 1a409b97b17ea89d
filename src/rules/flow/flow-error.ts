/** Why a part of a flow cannot be carried out here. Caught where the flow is compiled, told with its place. */
export class FlowError extends Error {
  override readonly name = 'FlowError'
  readonly errorCode = 'FLOW_NOT_EXECUTED'
}

/** Throws a FlowError. */
export function refuseFlow(reason: string): never {
  throw new FlowError(reason)
}

/** A flow that cannot go on with the values it met: the save it belongs to is refused. */
export class FlowRuntimeError extends Error {
  override readonly name = 'FlowRuntimeError'
  readonly errorCode = 'CANNOT_EXECUTE_FLOW_TRIGGER'
}
