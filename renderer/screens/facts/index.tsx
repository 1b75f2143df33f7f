import './facts.css';
import { useRoute } from 'wouter';
import { ConflictsScreen } from './conflicts.tsx';
import { FactsScreen } from './facts-screen.tsx';

/** The place for facts: the table with its details, and conflicts. */
export default function FactsPlace() {
  const [, parameters] = useRoute('/facts/:id?');
  const id = parameters?.id ?? null;
  return id === 'conflicts' ? <ConflictsScreen /> : <FactsScreen id={id} />;
}
