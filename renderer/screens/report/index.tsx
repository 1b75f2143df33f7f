import { useRoute } from 'wouter';
import '../../styles/tables.css';
import './report.css';
import { ReportPage } from './report-page.tsx';

/** The place for what a version was asked and what it answered. */
export default function ReportPlace() {
  const [, parameters] = useRoute('/report/:id?');
  return <ReportPage id={parameters?.id ?? null} />;
}
