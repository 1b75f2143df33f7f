/** Builds the page once for all tests; what is built already is left alone. */
export default async function buildPage(): Promise<void> {
  if (process.env.KEEPSAKE_TEST_PAGE !== undefined) return;
  const { buildApp } = await import('../../../scripts/lib/steps/app.mjs');
  await buildApp(['renderer']);
}
