/** The command palette. */
export default function Palette() {
  return null;
}
