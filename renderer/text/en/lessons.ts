/** Filled below. */
export const lessons = {} as const;
