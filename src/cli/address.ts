import {refuseOption} from '../options.js'

/** In one line, if it is the address that is at fault. */
export function addressFault(error: unknown, port: number, host: string): string {
  const {code, message} = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') return `${message}; take another: --port ${port < 65_535 ? port + 1 : 0}`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `${host} is no address of this machine; leave out --host, or name one that is`
  if (code === 'EACCES') return `port ${port} is for the system alone; take one from 1024 on: --port 3000`
  throw error
}

/** `Number()` would take ' ', '1e3' and '0x50' too. */
export function readPort(text = '3000'): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  return refuseOption(
    '--port',
    `the option 'port' is '${text}'`,
    'It takes a whole number from 0 to 65535; 0 takes a free port.',
  )
}
