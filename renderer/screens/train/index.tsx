import { useLocation } from 'wouter';
import '../../styles/tables.css';
import './train.css';
import { ComparePage } from './compare-page.tsx';
import { RunPage } from './run-page.tsx';
import { TrainPage } from './train-page.tsx';

/** The place for trainings: plan and history, one run, or two beside each other. */
export default function TrainPlace() {
  const [path] = useLocation();
  const [, , id, verb, other] = path.split('/');
  if (id !== undefined && id !== '' && verb === 'compare' && other !== undefined)
    return <ComparePage key={path} a={id} b={other} />;
  if (id !== undefined && id !== '') return <RunPage key={id} id={id} />;
  return <TrainPage />;
}
