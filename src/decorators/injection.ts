// tsyringe asks for reflect-metadata at import: taken from here, the order of a user's imports does not matter.
import 'reflect-metadata'

export {delay, inject, injectable, Lifecycle, scoped, singleton} from 'tsyringe'
