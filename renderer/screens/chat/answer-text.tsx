import { lazy, Suspense } from 'react';
import { splitBlocks } from './exchanges.ts';

const Markdown = lazy(() => import('../../components/markdown.tsx'));

export type AnswerTextProps = { readonly words: string; readonly isOpen: boolean };

/** An answer's words: finished blocks as Markdown, the one that is being written as it comes. */
export function AnswerText({ words, isOpen }: AnswerTextProps) {
  if (!isOpen) return <Formatted words={words} />;
  const { finished, open } = splitBlocks(words);
  return (
    <div className="markdown">
      {finished.map((block, index) => (
        <Formatted key={index} words={block} />
      ))}
      <p className="answer-open">{open}</p>
    </div>
  );
}

function Formatted({ words }: { readonly words: string }) {
  return (
    <Suspense fallback={<p className="answer-open">{words}</p>}>
      <div className="markdown">
        <Markdown words={words} />
      </div>
    </Suspense>
  );
}
