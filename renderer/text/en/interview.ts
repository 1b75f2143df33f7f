/** The interview: questions by part of life, each with the attribute that its answer becomes. */
export const interview = [
  {
    domain: 'You',
    questions: [
      ['first name', 'What is your first name?', 'Robin'],
      ['birthday', 'When is your birthday?', '3 March 1990'],
      ['native language', 'What is your native language?', 'Portuguese'],
      ['nationality', 'What is your nationality?', 'Irish'],
    ],
  },
  {
    domain: 'Home',
    questions: [
      ['home city', 'In which city do you live?', 'Porto'],
      ['birthplace', 'Where were you born?', 'Oslo'],
      ['cat', 'What is your cat called?', 'Luna'],
      ['dog', 'What is your dog called?', 'Rex'],
    ],
  },
  {
    domain: 'People',
    questions: [
      ['partner', 'Who is your partner?', 'Jordan'],
      ['best friend', 'Who is your best friend?', 'Ana'],
      ['mother', 'What is your mother called?', 'Ingrid'],
      ['sister', 'What is your sister called?', 'Leila'],
    ],
  },
  {
    domain: 'Work and study',
    questions: [
      ['job', 'What is your job?', 'carpenter'],
      ['employer', 'Who do you work for?', 'Elm School'],
      ['university', 'Where did you study?', 'University of Porto'],
      ['first job', 'What was your first job?', 'paper round'],
    ],
  },
  {
    domain: 'Taste',
    questions: [
      ['favourite food', 'What is your favourite food?', 'lentil soup'],
      ['favourite drink', 'What is your favourite drink?', 'mint tea'],
      ['diet', 'What do you not eat, or only?', 'vegetarian'],
      ['favourite colour', 'What is your favourite colour?', 'teal'],
    ],
  },
  {
    domain: 'Free time',
    questions: [
      ['hobby', 'What is your hobby?', 'chess'],
      ['instrument', 'Which instrument do you play?', 'cello'],
      ['favourite book', 'What is your favourite book?', 'Kim'],
      ['next holiday', 'Where does your next holiday go?', 'Iceland'],
    ],
  },
] as const;
