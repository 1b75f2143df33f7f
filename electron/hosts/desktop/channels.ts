/** What the page says once, to its preload script and through it to the main program, with the other end of its port. */
export const portGreeting = 'keepsake:connect';
