const rooms = ['echo', 'fan', 'connect', 'idle']
const all = [...rooms, 'deflate', 'idle-deflate']

/**
 * Who is measured: a program of `servers/`, the protocol it speaks, the packages whose versions say what it is, the works
 * it can do, and whether it judges what it hears.
 */
export const peers = {
  candy: {title: 'Candy', protocol: 'plain', packages: [], works: all, judges: true},
  ws: {title: 'ws, by hand', protocol: 'plain', packages: ['ws'], works: all},
  'ws-batch': {title: 'ws, batched by hand', protocol: 'plain', packages: ['ws'], works: ['echo', 'fan']},
  socketio: {title: 'Socket.IO', protocol: 'socketio', packages: ['socket.io'], works: rooms},
  'nest-ws': {
    title: 'NestJS, ws',
    protocol: 'nest',
    packages: ['@nestjs/core', '@nestjs/platform-ws'],
    works: rooms,
  },
  'nest-ws-pipe': {
    title: 'NestJS, ws, ValidationPipe',
    protocol: 'nest',
    packages: ['@nestjs/core', 'class-validator'],
    works: rooms,
    judges: true,
  },
  'nest-socketio': {
    title: 'NestJS, Socket.IO',
    protocol: 'socketio',
    packages: ['@nestjs/core', '@nestjs/platform-socket.io'],
    works: rooms,
  },
  'nest-socketio-pipe': {
    title: 'NestJS, Socket.IO, ValidationPipe',
    protocol: 'socketio',
    packages: ['@nestjs/core', 'class-validator'],
    works: rooms,
    judges: true,
  },
  fastify: {
    title: '@fastify/websocket',
    protocol: 'plain',
    packages: ['fastify', '@fastify/websocket'],
    works: rooms,
  },
  bun: {title: 'Bun', protocol: 'plain', packages: ['bun'], works: all},
  // Those of `nodes.js` alone, which has Candy on Redis.
  'candy-nats': {
    title: 'Candy on NATS',
    protocol: 'plain',
    program: 'candy',
    bus: 'nats',
    packages: ['@nats-io/transport-node'],
    works: ['nodes'],
  },
  'socketio-redis': {
    title: 'Socket.IO, Redis adapter',
    protocol: 'socketio',
    packages: ['socket.io', '@socket.io/redis-adapter', 'redis'],
    works: ['nodes'],
  },
}
