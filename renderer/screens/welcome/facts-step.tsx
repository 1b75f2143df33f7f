import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { TabSet } from '../../components/tab-set.tsx';
import { useApp } from '../../state/use-app.ts';
import { text } from '../../text/en.ts';
import { ImportForm } from '../inbox/import-form.tsx';
import { Interview } from './interview.tsx';
import { Review } from './review.tsx';
import { useSamplePerson } from './use-sample-person.ts';

const aimedFacts = 10;

/** First facts: by interview, from text or files, or of a made-up person. */
export function FactsStep() {
  const [tab, setTab] = useState('interview');
  const [isReviewing, setIsReviewing] = useState(false);
  const facts = useApp((state) => state.summary?.facts.total ?? 0);
  const proposals = useApp((state) => state.summary?.proposals ?? 0);
  const addSample = useSamplePerson();
  const { welcome } = text;
  return (
    <>
      <p>
        <span className="strong">{welcome.aim(facts, aimedFacts)}</span>
      </p>
      {proposals > 0 && (
        <>
          <p className="line">
            {welcome.proposalsWait(proposals)}
            {!isReviewing && <Button onPress={() => setIsReviewing(true)}>{welcome.review}</Button>}
          </p>
          {isReviewing && <Review />}
        </>
      )}
      <TabSet
        label={welcome.steps.facts}
        selected={tab}
        onSelect={setTab}
        tabs={[
          { id: 'interview', label: welcome.interviewTab, content: <Interview /> },
          { id: 'text', label: welcome.textTab, content: <ImportForm /> },
        ]}
      />
      {facts === 0 && (
        <div className="line">
          <Button onPress={() => void addSample()}>{welcome.sample}</Button>
        </div>
      )}
    </>
  );
}
