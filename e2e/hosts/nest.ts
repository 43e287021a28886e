import {Controller, Get, Module} from '@nestjs/common'
import {NestFactory} from '@nestjs/core'
import {WsAdapter} from '@nestjs/platform-ws'
import {MessageBody, SubscribeMessage, WebSocketGateway} from '@nestjs/websockets'
import type {AddressInfo} from 'node:net'
import type {Server} from 'node:http'
import {expectAnswer, expectPage} from '../support/server.js'
import type {Host} from './host.js'

@WebSocketGateway({path: '/theirs'})
class Gateway {
  @SubscribeMessage('say')
  say(@MessageBody() text: string) {
    return {event: 'said', data: text}
  }
}

@Controller()
class Page {
  @Get()
  page() {
    return 'theirs'
  }
}

@Module({providers: [Gateway], controllers: [Page]})
class Site {}

export const nestHost: Host = {
  name: 'Nest 12 + WsAdapter',
  own: 'its gateway',
  async make() {
    const nest = await NestFactory.create(Site, {logger: ['error'], forceCloseConnections: true})
    const server = nest.getHttpServer() as Server
    return {
      target: nest,
      server,
      async open() {
        nest.useWebSocketAdapter(new WsAdapter(nest))
        await nest.listen(0, '127.0.0.1')
        return (server.address() as AddressInfo).port
      },
      async use(port) {
        await expectPage(`http://127.0.0.1:${port}/`)
        const said = {event: 'said', data: 'hi'}
        await expectAnswer(`ws://127.0.0.1:${port}/theirs`, {event: 'say', data: 'hi'}, said)
      },
      close: () => nest.close(),
    }
  },
}
