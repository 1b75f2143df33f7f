export type LiveRegionProps = { readonly words: string };

/** Says changes to those who cannot see them. */
export function LiveRegion({ words }: LiveRegionProps) {
  return (
    <div className="hidden-text" role="status" aria-live="polite">
      {words}
    </div>
  );
}
