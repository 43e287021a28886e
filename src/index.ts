import 'reflect-metadata'

export {createApp, type App} from './app.js'
export type {AppOptions} from './boot/options.js'
export {
  Candy,
  type CandyRoot,
  type CandyRoute,
  type CandyTimer,
  type Handler,
  type Middleware,
  type MiddlewareClass,
  type MiddlewareReference,
  type HttpRouteOptions,
  type RouteDefinition,
  type RouteOptions,
} from './candy.js'
export {closeCodes, errorCodes, type CloseCode, type ErrorCode} from './codes.js'
export type {MessageClass, TypedOptions, WsEvent, WsEvents} from './connection/listeners.js'
export type {JoinOptions} from './connection/memberships.js'
export type {WsClient} from './connection/ws-client.js'
export type {WsData} from './connection/ws-client-parts.js'
export {WsServer} from './connection/ws-server.js'
export {Auth, Parallel, Token, Use, WsRoute, type ControllerOptions} from './decorators/class.js'
export {Emits} from './decorators/emits.js'
export {OnBinary, OnClose, OnError, OnMessage, OnOpen} from './decorators/method.js'
export type {
  ArgumentReference,
  BytesOptions,
  EmitsOptions,
  HandlerOptions,
  MessageOptions,
} from './decorators/notes.js'
export {Body, Param, Query, User} from './decorators/parameter.js'
export {delay, inject, injectable, Lifecycle, scoped, singleton} from './decorators/injection.js'
export {createEmitter, type Emitter, type EmitterOptions} from './emitter.js'
export {BootError, CandyError, type BootCode, type Problem} from './errors.js'
export type {CandyAuth} from './identity/auth.js'
export {bearer, type BearerOptions, type Claims} from './identity/bearer.js'
export type {AuthFunction, AuthOption, User as CandyUser} from './identity/user.js'
export type {AttachTarget} from './http/attach.js'
export type {HostListener} from './http/host-listener.js'
export type {CloseOptions, ListenOptions} from './http/server.js'
export type {CandyRequest, RequestData} from './handshake/request.js'
export type {Logger, LogFields} from './log.js'
export {rateLimit, type RateLimitOptions} from './middleware/rate-limit.js'
export type {Limit, Limits} from './limits.js'
export type {Audience} from './rooms/audience.js'
export {memoryBus} from './rooms/memory-bus.js'
export {BusError, type Bus, type BusLink, type BusNode, type Denial, type Lease} from './rooms/bus.js'
export type {SendOptions} from './rooms/frame.js'
export type {RoomPresence} from './rooms/presence.js'
export type {PresentUser} from './rooms/presence-view.js'
