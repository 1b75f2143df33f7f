import './lessons.css';
import { LessonsScreen } from './lessons-screen.tsx';

/** The place for lessons and tests. */
export default function LessonsPlace() {
  return <LessonsScreen />;
}
