/** Words that the rules of extraction know. */

const list = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s*,\s*/u));

/** Last words of what people do for a living. */
export const occupations =
  list(`accountant, actor, actress, administrator, analyst, animator, apprentice, architect,
  archivist, artist, assistant, astronomer, attorney, author, baker, banker, barber, barista, bartender, biologist,
  blacksmith, bookkeeper, bricklayer, builder, butcher, carer, caretaker, carpenter, carrier, cashier, chef, chemist,
  cleaner, clerk, coach, composer, conductor, consultant, contractor, cook, counsellor, courier, curator, dancer,
  dentist, designer, detective, developer, director, dishwasher, doctor, driver, economist, editor, electrician,
  engineer, farmer, firefighter, fisherman, florist, gardener, geologist, geographer, glazier, goldsmith, guard, guide,
  hairdresser, historian, illustrator, inspector, interpreter, investigator, janitor, jeweller, joiner, journalist,
  judge, labourer, lawyer, lecturer, librarian, lifeguard, linguist, lorry driver, machinist, manager, mason, mechanic,
  medic, midwife, miner, model, musician, nanny, neurologist, notary, nurse, nursery nurse, officer, operator, optician,
  painter, paramedic, pharmacist, photographer, physician, physicist, physiotherapist, pilot, plasterer, plumber, poet,
  policeman, policewoman, porter, postman, potter, principal, producer, professor, programmer, psychiatrist,
  psychologist, psychotherapist, radiographer, realtor, receptionist, reporter, researcher, roofer, sailor, salesman,
  saleswoman, scientist, sculptor, secretary, shepherd, shopkeeper, singer, social worker, solicitor, statistician,
  steward, stewardess, surgeon, surveyor, tailor, teacher, technician, tester, therapist, trader, trainer, translator,
  tutor, undertaker, upholsterer, vet, veterinarian, waiter, waitress, watchmaker, welder, writer, worker, zookeeper`);

/** Words before an occupation that praise or doubt it. */
export const judgements =
  list(`good, great, bad, terrible, decent, big, huge, real, true, lousy, keen, passionate,
  better, best, worse, horrible, excellent, fantastic, slow, fast, careful, natural, born, typical, frustrated, wannabe,
  aspiring, future, would-be, former, ex, bit, kind, sort, such, little, lazy, proud, happy`);

/** Ways of eating. */
export const diets =
  list(`vegan, vegetarian, pescatarian, pescetarian, flexitarian, lactovegetarian, keto, paleo,
  halal, kosher, gluten-free, lactose-free, low-carb, raw vegan`);

/** What people are by their passport. */
export const nationalities =
  list(`Afghan, Albanian, Algerian, American, Argentine, Argentinian, Armenian, Australian,
  Austrian, Azerbaijani, Bangladeshi, Belarusian, Belgian, Bolivian, Bosnian, Brazilian, British, Bulgarian, Cambodian,
  Cameroonian, Canadian, Chilean, Chinese, Colombian, Congolese, Croatian, Cuban, Cypriot, Czech, Danish, Dutch,
  Ecuadorian, Egyptian, English, Eritrean, Estonian, Ethiopian, Filipino, Finnish, French, Georgian, German, Ghanaian,
  Greek, Guatemalan, Hungarian, Icelandic, Indian, Indonesian, Iranian, Iraqi, Irish, Israeli, Italian, Ivorian,
  Jamaican, Japanese, Jordanian, Kazakh, Kenyan, Korean, South Korean, Kosovar, Kurdish, Kuwaiti, Latvian, Lebanese,
  Libyan, Lithuanian, Luxembourgish, Macedonian, Malaysian, Maltese, Mexican, Moldovan, Mongolian, Moroccan, Nepali,
  New Zealander, Nigerian, Norwegian, Pakistani, Palestinian, Panamanian, Paraguayan, Peruvian, Polish, Portuguese,
  Romanian, Russian, Rwandan, Scottish, Senegalese, Serbian, Singaporean, Slovak, Slovakian, Slovenian, Somali,
  South African, Spanish, Sri Lankan, Sudanese, Swedish, Swiss, Syrian, Taiwanese, Tanzanian, Thai, Tunisian, Turkish,
  Ugandan, Ukrainian, Uruguayan, Uzbek, Venezuelan, Vietnamese, Welsh, Yemeni, Zambian, Zimbabwean`);

/** What people speak. */
export const languages =
  list(`Afrikaans, Albanian, Amharic, Arabic, Armenian, Basque, Bengali, Bosnian, Breton,
  Bulgarian, Cantonese, Catalan, Chinese, Croatian, Czech, Danish, Dutch, English, Esperanto, Estonian, Farsi, Finnish,
  Flemish, French, Gaelic, Galician, Georgian, German, Greek, Gujarati, Hausa, Hebrew, Hindi, Hungarian, Icelandic,
  Igbo, Indonesian, Irish, Italian, Japanese, Kazakh, Korean, Kurdish, Latin, Latvian, Lithuanian, Luxembourgish,
  Macedonian, Malay, Maltese, Mandarin, Marathi, Mongolian, Nepali, Norwegian, Persian, Polish, Portuguese, Punjabi,
  Quechua, Romanian, Russian, Serbian, Sinhala, Slovak, Slovenian, Somali, Spanish, Swahili, Swedish, Swiss German,
  Tagalog, Tamil, Telugu, Thai, Turkish, Ukrainian, Urdu, Vietnamese, Welsh, Xhosa, Yiddish, Yoruba, Zulu`);

/** What people play. */
export const instruments =
  list(`accordion, bagpipes, banjo, bass, bass guitar, bassoon, cello, clarinet, cornet,
  double bass, drums, electric guitar, fiddle, flute, french horn, guitar, harmonica, harp, harpsichord, horn,
  keyboard, lute, lyre, mandolin, marimba, oboe, organ, pan flute, percussion, piano, recorder, saxophone, sitar,
  synthesizer, synthesiser, tabla, trombone, trumpet, tuba, ukulele, vibraphone, viola, violin, xylophone, zither`);

/** Actions that are no pastime. */
export const plainActions =
  list(`being, having, getting, going, doing, seeing, making, using, working, knowing,
  thinking, feeling, talking, telling, asking, looking, trying, coming, living, hearing, finding, keeping, taking,
  spending, meeting, waiting, saying, nothing, something, everything, anything, morning, evening, king, ring, thing,
  spring, string, wing, bring, sing, meaning, helping, learning, buying, putting, wearing, leaving, staying, sitting,
  starting, winning, watching`);

/** The signs of the zodiac. */
export const starSigns =
  list(`Aries, Taurus, Gemini, Cancer, Leo, Virgo, Libra, Scorpio, Sagittarius, Capricorn,
  Aquarius, Pisces`);

/** Capitalised words that are no names. */
export const noNames =
  list(`I, I'm, I've, Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday, January,
  February, March, April, May, June, July, August, September, October, November, December, English, Christmas, Easter,
  God, OK, TV, Internet, The, A, An, My, Our, We, He, She, It, They, And, But, So`);
