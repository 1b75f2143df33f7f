import { createContext } from 'react';

/** Asks the reader before an address is opened. */
export const LinkAsk = createContext<(address: string) => void>(() => undefined);
