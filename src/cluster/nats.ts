import type {Bus} from '../rooms/bus.js'
export declare function natsBusFrom(url: string): Promise<Bus>
