import type {ExceededLimit} from '../telemetry/limit-events.js'

/** The limit for which `ws` closes by itself. */
export function limitOf({code, message}: Error & {readonly code?: string}): ExceededLimit | undefined {
  switch (code) {
    case 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH':
    case 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH':
      return 'maxPayload'
    case 'WS_ERR_TOO_MANY_BUFFERED_PARTS':
      // One code for two limits.
      return message.includes('fragments') ? 'maxFragments' : 'maxBufferedChunks'
    default:
      return undefined
  }
}
