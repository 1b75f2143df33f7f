/** The version of the app; package.json says the same (tested). */
export const appVersion = '0.1.0';
