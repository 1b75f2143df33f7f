import { memo, useContext, type ReactNode } from 'react';
import ReactMarkdown, { type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { text } from '../text/en.ts';
import '../styles/markdown.css';
import { LinkAsk } from './link-ask.ts';

const plugins = [remarkGfm];

const heading = ({ children }: { readonly children?: ReactNode }) => (
  <p className="markdown-heading">{children}</p>
);

/** Images are not loaded, links ask first, headings do not disturb those of the page. HTML is shown, never read. */
const components: Components = {
  ...{ h1: heading, h2: heading, h3: heading, h4: heading, h5: heading, h6: heading },
  img: ({ alt }) => <span className="muted">{text.chat.image(alt ?? '')}</span>,
  a: ({ href, children }) => <AskingLink address={href ?? ''}>{children}</AskingLink>,
  input: ({ checked }) => <span>{checked === true ? '[x]' : '[ ]'}</span>,
  table: ({ children }) => (
    <div className="markdown-table" role="group" tabIndex={0}>
      <table>{children}</table>
    </div>
  ),
  pre: ({ children }) => (
    <pre className="markdown-code" tabIndex={0}>
      {children}
    </pre>
  ),
};

function AskingLink({ address, children }: { readonly address: string; readonly children: ReactNode }) {
  const ask = useContext(LinkAsk);
  if (!/^https?:\/\//iu.test(address)) return <span>{children}</span>;
  return (
    <button type="button" className="link-button" title={address} onClick={() => ask(address)}>
      {children}
    </button>
  );
}

/** Finished Markdown; the same text is read once. */
export default memo(function Markdown({ words }: { readonly words: string }) {
  return (
    <ReactMarkdown remarkPlugins={plugins} components={components}>
      {words}
    </ReactMarkdown>
  );
});
