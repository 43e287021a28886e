import type {Candy} from 'candy-ws'
import {IsOptional} from 'class-validator'
import {craft} from '../support/frames.js'
import {textFrame, type Raw} from '../support/raw.js'
import {never, onConnection, type Case} from './limit-case.js'

class Any {
  @IsOptional() free?: unknown
}

const typed = ({ws}: Candy) => ws.on('any', Any, () => null)
const stuck = ({ws}: Candy) => ws.on('message', never)
const turn = () => new Promise<void>(resolve => setImmediate(resolve))

/** Whole messages of so many bytes. */
const messages = (count: number, size = 1) =>
  Buffer.concat(Array.from({length: count}, () => textFrame('x'.repeat(size))))

const begun = craft({fin: false, payload: 'a'})
const more = craft({fin: false, opcode: 0, payload: 'a'})

/** Each byte is read by itself. */
async function drip(client: Raw): Promise<void> {
  client.socket.setNoDelay(true)
  for (const byte of textFrame('x'.repeat(1_000))) {
    if (client.frames.length > 0) return
    client.write(Buffer.of(byte))
    await turn()
  }
}

/** The limits of a connection that is open. */
export const connectionLimits = {
  maxPayload: onConnection({maxPayload: 10}, client => client.write(messages(1, 11))),
  maxFragments: onConnection({maxFragments: 2}, client => client.write(Buffer.concat([begun, more, more]))),
  maxBufferedChunks: onConnection({maxBufferedChunks: 4}, drip),
  maxDepth: onConnection(
    {maxDepth: 2},
    client => client.write(textFrame('{"type":"any","free":{"a":{}}}')),
    typed,
  ),
  maxNodes: onConnection(
    {maxNodes: 3},
    client => client.write(textFrame('{"type":"any","free":[1,2]}')),
    typed,
  ),
  messageTimeout: onConnection({messageTimeout: 200}, client => client.write(begun)),
  messageRate: onConnection({messageRate: 1}, client => client.write(messages(20))),
  byteRate: onConnection({byteRate: 100, maxPayload: 100}, client => client.write(messages(20, 100))),
  maxViolations: onConnection({maxViolations: 1}, client => client.write(messages(2)), typed),
  maxPending: onConnection({maxPending: 2}, client => client.write(messages(4)), stuck),
  maxPendingBytes: onConnection({maxPendingBytes: 100}, client => client.write(messages(4, 50)), stuck),
  pauseDeadline: onConnection(
    {maxPending: 1, pauseDeadline: 200},
    client => client.write(messages(4)),
    stuck,
    ['maxPending'],
  ),
  handlerTimeout: onConnection({handlerTimeout: 100}, client => client.write(messages(1)), stuck),
  maxBuffered: onConnection(
    {maxBuffered: 10_000},
    client => client.write(messages(1)),
    ({ws}) =>
      ws.on('message', () => {
        // Nothing leaves meanwhile.
        while (ws.send('x'.repeat(1_000)));
      }),
  ),
  maxRooms: onConnection(
    {maxRooms: 1},
    client => client.write(textFrame('{"type":"join","ref":1}')),
    ({ws}) => ws.on('join', Any, () => void ws.join('a', 'b')),
  ),
  pongTimeout: onConnection({pingInterval: 100, pongTimeout: 100}),
  closeTimeout: onConnection({closeTimeout: 100}, undefined, ({ws}) => ws.close(4_000)),
  maxLifetime: onConnection({maxLifetime: 200}),
  revalidateEvery: revalidated(),
} satisfies Readonly<Record<string, Case>>

/** The user is somebody else by the time that `auth` is asked again. */
function revalidated(): Case {
  let id = 0
  return {
    ...onConnection({}),
    options: {limits: {revalidateEvery: 100}, auth: () => ({id: (id += 1)})},
    declare: ({Route}) => Route.auth.ws('/', () => undefined, {token: false}),
  }
}
