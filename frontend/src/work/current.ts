import { useSyncExternalStore } from 'react'
import { Session } from './session'

/** The one session of this tab. */
export const session = new Session()

export const useSession = () => useSyncExternalStore(session.subscribe, session.snapshot)
