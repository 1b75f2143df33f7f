import { useEffect, useState } from 'react';
import { text } from '../text/en.ts';

export type LoadingProps = {
  /** "142 facts". */
  readonly what: string;
};

const patienceMs = 300;

/** Words for what is being read, once it takes longer than a moment. */
export function Loading({ what }: LoadingProps) {
  const [isLong, setIsLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsLong(true), patienceMs);
    return () => clearTimeout(timer);
  }, []);
  return <p className="loading">{isLong ? text.common.reading(what) : ' '}</p>;
}
