/** Filled below. */
export const welcome = {} as const;
