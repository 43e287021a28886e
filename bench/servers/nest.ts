import 'reflect-metadata'
import {Module, ValidationPipe, type INestApplication, type Type, type WebSocketAdapter} from '@nestjs/common'
import {NestFactory} from '@nestjs/core'
import {SubscribeMessage, WsException} from '@nestjs/websockets'
import {others} from './orders.js'
import {listen} from './program.js'

/** Judges as Candy does: an instance of the class, and fields that the class does not know are refused. */
export const strict = new ValidationPipe({
  transform: true,
  whitelist: true,
  forbidNonWhitelisted: true,
  exceptionFactory: errors => new WsException(errors),
})

/** Subscribes a gateway to the events that nobody sends. */
export function subscribeToOthers(gateway: Type): void {
  for (const event of others) {
    const method = {value: () => undefined}
    Object.defineProperty(gateway.prototype, event, method)
    SubscribeMessage(event)(gateway.prototype, event, method)
  }
}

/** Serves one gateway. */
export async function serve(
  gateway: Type,
  adapterOf: (app: INestApplication) => WebSocketAdapter,
): Promise<void> {
  class App {}
  Module({providers: [gateway]})(App)
  const app = await NestFactory.create(App, {logger: false})
  app.useWebSocketAdapter(adapterOf(app))
  await app.init()
  listen(app.getHttpServer())
}
