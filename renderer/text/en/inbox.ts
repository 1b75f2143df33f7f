/** Filled below. */
export const inbox = {} as const;
