import './inbox.css';
import { useRoute } from 'wouter';
import { InboxScreen } from './inbox-screen.tsx';

/** The place for proposals. */
export default function InboxPlace() {
  const [, parameters] = useRoute('/inbox/:id?');
  return <InboxScreen id={parameters?.id ?? null} />;
}
