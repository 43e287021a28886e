import type {ServerOptions} from 'node:https'

const psk = Buffer.alloc(32, 7)

/** TLS by a shared key (RFC 4279): no certificate that could expire, no private key in the repository. */
export const tlsServer: ServerOptions = {ciphers: 'PSK', pskCallback: () => psk}

/** What a client of it needs. */
export const tlsClient = {
  ciphers: 'PSK',
  pskCallback: () => ({psk, identity: 'test'}),
  checkServerIdentity: () => undefined,
}
