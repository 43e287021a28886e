import type {Bus} from '../rooms/bus.js'
export declare function redisBusFrom(url: string): Promise<Bus>
