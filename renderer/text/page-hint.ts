/** What to do, in the window: sentences that name commands of the command line are left out; its buttons do that here. */
export function pageHint(hint: string | undefined): string | undefined {
  const kept = (hint ?? '')
    .split(/(?<=\.)\s+/u)
    .filter((sentence) => !/\bkeepsake [a-z]|same command/u.test(sentence));
  const words = kept.join(' ').trim();
  return words === '' ? undefined : words;
}
