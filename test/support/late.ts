import type {Candy} from 'candy-ws'
import {frame} from './frames.js'
import {signal} from './serve-handlers.js'

export const numbers = (count: number) => Array.from({length: count}, (_, n) => n)
export const frames = (count: number) => numbers(count).map(n => frame(String(n)))

/** A handler that is busy for a while before it listens, and tells what it heard and how it ended. */
export function lateListener(busy: () => Promise<unknown>) {
  const heard: unknown[] = []
  const closes: number[] = []
  const accepted = signal<Candy>()
  const handler = async (Candy: Candy) => {
    accepted.fire(Candy)
    await busy()
    Candy.ws.join('room')
    Candy.ws.on('message', data => heard.push(data))
    Candy.ws.on('close', code => closes.push(code))
  }
  return {handler, heard, closes, accepted: accepted.fired}
}
