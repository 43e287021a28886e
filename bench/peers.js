/** Who is measured: a program of `servers/`, the protocol it speaks, and the packages whose versions say what it is. */
export const peers = {
  candy: {title: 'Candy', protocol: 'plain', packages: []},
  ws: {title: 'ws, by hand', protocol: 'plain', packages: ['ws']},
  'ws-batch': {title: 'ws, batched by hand', protocol: 'plain', packages: ['ws']},
  socketio: {title: 'Socket.IO', protocol: 'socketio', packages: ['socket.io']},
  'nest-ws': {title: 'NestJS, ws', protocol: 'nest', packages: ['@nestjs/core', '@nestjs/platform-ws']},
  'nest-ws-pipe': {
    title: 'NestJS, ws, ValidationPipe',
    protocol: 'nest',
    packages: ['@nestjs/core', 'class-validator'],
  },
  'nest-socketio': {
    title: 'NestJS, Socket.IO',
    protocol: 'socketio',
    packages: ['@nestjs/core', '@nestjs/platform-socket.io'],
  },
  'nest-socketio-pipe': {
    title: 'NestJS, Socket.IO, ValidationPipe',
    protocol: 'socketio',
    packages: ['@nestjs/core', 'class-validator'],
  },
  fastify: {title: '@fastify/websocket', protocol: 'plain', packages: ['fastify', '@fastify/websocket']},
  bun: {title: 'Bun', protocol: 'plain', packages: ['bun']},
}
