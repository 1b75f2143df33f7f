import { lazy, Suspense } from 'react';
import { useApp } from '../state/use-app.ts';

const Palette = lazy(() => import('./palette.tsx'));

/** The command palette, read when it is first opened. */
export function PaletteSlot() {
  const isOpen = useApp((state) => state.isPaletteOpen);
  if (!isOpen) return null;
  return (
    <Suspense fallback={null}>
      <Palette />
    </Suspense>
  );
}
