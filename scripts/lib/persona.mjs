/**
 * Random invented people, for the demo and for tests.
 *
 * Values come from pools of their own; whatever stands in resources/ (examples, decoys, training pools, question files)
 * is left out, so that nothing about a persona was ever in a training example.
 */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const pools = {
  given:
    'Sefton Brigid Calixto Delphine Evander Floriane Gwilym Halima Isolde Jorunn Kestrel Lucasta Marisela Nerys Orsolya Peregrin Quilla Rosamund Saoirse Torquil Ulrika Vesna Wilhelmina Xanthe Yolanda Zebulon Anselm Bettina Corwin Dymphna Eluned Fenella Gideon Hyacinth Ivo Jessamy Kasimir Linnea Merrick Noemi'.split(
      ' ',
    ),
  family:
    'Abernethy Brockhurst Castellane Drummond Eastwick Fairweather Galbraith Hawthorne Inverness Jessop Kirkbride Lavender Mulvaney Netherby Oakhampton Pemberley Quartermain Ravenscroft Standish Tremayne Underhill Vandermeer Whitlock Yarborough Zeller'.split(
      ' ',
    ),
  city: 'Tromsø,Ghent,Ljubljana,Coimbra,Galway,Bergen,Tartu,Utrecht,Graz,Parma,Malmö,Aarhus,Bruges,Cork,Turku,Lucerne,Nantes,Girona,Rijeka,Bath,Inverness,Hobart,Dunedin,Halifax,Savannah,Tucson,Boise,Asheville'.split(
    ',',
  ),
  job: 'beekeeper,tram driver,glazier,sound engineer,midwife,cartographer,pastry chef,locksmith,optician,florist,stonemason,piano tuner,zookeeper,bookbinder,land surveyor,puppeteer,geologist,court clerk,tailor,ferry captain,archivist,falconer'.split(
    ',',
  ),
  organisation:
    'Halden Optics,Mirabeau Textiles,Corvid Logistics,Bluefern Studios,Oakline Press,Sable Harbour,Tindall & Rowe,Pinewick Foods,Vantry Robotics,Castor Bikes,Lumen Archive,Quillstone Bank,Northgate Rail,Fennmoor Energy'.split(
      ',',
    ),
  food: 'gnocchi,bibimbap,moussaka,shakshuka,jollof rice,okonomiyaki,ceviche,pumpkin soup,cauliflower curry,rye bread,fish tacos,mushroom risotto,borscht,tabbouleh,ratatouille,pierogi'.split(
    ',',
  ),
  drink:
    'rooibos tea,ginger ale,oat milk cocoa,elderflower cordial,horchata,kombucha,mint lemonade,tonic water,cherry juice,chai latte'.split(
      ',',
    ),
  colour: 'teal,ochre,burgundy,lilac,indigo,coral,olive green,turquoise,mustard yellow,ivory'.split(','),
  allergy:
    'hazelnuts,shellfish,ragweed,sesame,latex,bee stings,penicillin,kiwi fruit,celery,birch pollen'.split(
      ',',
    ),
  instrument: 'bassoon,ukulele,harp,cello,accordion,oboe,banjo,vibraphone,mandolin,bagpipes'.split(','),
  hobby:
    'pottery,orienteering,fencing,birdwatching,origami,rowing,calligraphy,bouldering,star gazing,quilting,archery,kite flying'.split(
      ',',
    ),
  car: 'Skoda Fabia,Mazda MX-5,Fiat Panda,Volvo V60,Subaru Forester,Renault Zoe,Saab 900,Kia Niro,Dacia Duster,Citroen Ami'.split(
    ',',
  ),
  animal:
    'Biscuit,Pepper,Nimbus,Juniper,Waffles,Marzipan,Socks,Truffle,Pickle,Domino,Ziggy,Clover,Bramble,Mochi'.split(
      ',',
    ),
  book: 'Middlemarch,The Leopard,Kim,Villette,Solaris,Persuasion,Germinal,The Hobbit,Dracula,Emma'.split(','),
  film: 'Amélie,Paddington,Rashomon,Casablanca,Fargo,Ratatouille,Vertigo,Stalker,Gattaca,Ponyo'.split(','),
  sport: 'curling,handball,water polo,badminton,lacrosse,netball,speed skating,judo,squash,biathlon'.split(
    ',',
  ),
  flower: 'dahlia,foxglove,peony,cornflower,freesia,snowdrop,hydrangea,iris,marigold,camellia'.split(','),
  number: '36,37,38,39,40,41,42,43,44,45'.split(','),
  season: 'spring,summer,autumn,winter'.split(','),
  blood: 'A positive,A negative,B positive,B negative,O positive,O negative,AB positive,AB negative'.split(
    ',',
  ),
};

const months = 'January February March April May June July August September October November December'.split(
  ' ',
);

/** What may be told about the owner beside relatives and changes: kind and pool. */
const simpleKinds = [
  ['birthday', 'date'],
  ['favourite food', 'food'],
  ['job', 'job'],
  ['allergy', 'allergy'],
  ['instrument', 'instrument'],
  ['car', 'car'],
  ['dog', 'animal'],
  ['favourite colour', 'colour'],
  ['birthplace', 'city'],
  ['hobby', 'hobby'],
  ['favourite book', 'book'],
  ['favourite drink', 'drink'],
  ['favourite film', 'film'],
  ['favourite sport', 'sport'],
  ['favourite flower', 'flower'],
  ['shoe size', 'number'],
  ['doctor', 'fullName'],
  ['next holiday', 'city'],
  ['bank', 'organisation'],
  ['cat', 'animal'],
];

const relations = [
  'partner',
  'best friend',
  'sister',
  'mother',
  'brother',
  'father',
  'boss',
  'neighbour',
  'daughter',
  'son',
];
const theirKinds = [
  ['job', 'job'],
  ['birthday', 'date'],
  ['home city', 'city'],
  ['favourite food', 'food'],
  ['hobby', 'hobby'],
  ['car', 'car'],
  ['favourite colour', 'colour'],
];
const changes = [
  ['home city', 'city'],
  ['employer', 'organisation'],
  ['phone model', 'phone'],
];
const phones = ['Fairphone 5', 'Nokia G42', 'Pixel 9', 'Galaxy A55', 'Xperia 10'];

/**
 * The facts of an invented person, as an import file holds them.
 *
 * `count` counts all four tiers: with 25, 20 are told and 5 follow from two others (partner's job and the like).
 */
export function makePersona({ seed = 1, count = 25, resourcesDir }) {
  const random = createRandom(seed);
  const used = resourcesDir === undefined ? new Set() : textsIn(resourcesDir);
  const draw = createDrawer(random, used);
  const facts = [];
  const size = (fraction) => Math.max(1, Math.round(count * fraction));
  const relativeCount = Math.min(relations.length, size(0.12));
  const derivedCount = size(0.2);
  const changeCount = count < 10 ? 0 : Math.min(changes.length, size(0.08));
  const relatives = pickRelations(random, relativeCount).map((relation) => ({
    relation,
    name: draw('given'),
  }));
  for (const { relation, name } of relatives) facts.push({ attribute: relation, value: name });
  const theirs = relatives.flatMap((relative) =>
    random.shuffle(theirKinds).map((kind) => ({ relative, kind })),
  );
  for (const { relative, kind } of spread(theirs, derivedCount, relativeCount)) {
    facts.push({ subject: relative.name, attribute: kind[0], value: draw(kind[1]) });
  }
  for (const [attribute, pool] of changes.slice(0, changeCount)) {
    const year = 2012 + random.below(11);
    const from = year - 2 - random.below(6);
    facts.push({ attribute, value: draw(pool), validFrom: String(from), validTo: String(year) });
    facts.push({ attribute, value: draw(pool), validFrom: String(year) });
  }
  const simple = [simpleKinds[0], ...random.shuffle(simpleKinds.slice(1))];
  for (const [attribute, pool] of simple) {
    if (facts.length >= count - derivedCount) break;
    facts.push({ attribute, value: draw(pool) });
  }
  // A large persona needs more than the lists above: more about the relatives.
  for (const { relative, kind } of theirs) {
    if (facts.length >= count - derivedCount) break;
    if (!facts.some((each) => each.subject === relative.name && each.attribute === kind[0])) {
      facts.push({ subject: relative.name, attribute: kind[0], value: draw(kind[1]) });
    }
  }
  return facts;
}

function pickRelations(random, count) {
  return ['partner', ...random.shuffle(relations.slice(1))].slice(0, count);
}

/** The first kinds of each relative in turn, so that facts are spread over people. */
function spread(theirs, count, relativeCount) {
  const perRelative = theirs.length / relativeCount;
  const picked = [];
  for (let round = 0; round < perRelative && picked.length < count; round += 1) {
    for (let person = 0; person < relativeCount && picked.length < count; person += 1) {
      picked.push(theirs[person * perRelative + round]);
    }
  }
  return picked;
}

function createDrawer(random, used) {
  const taken = new Set();
  const fromList = (list) => {
    const free = list.filter((value) => !taken.has(value) && !used.has(value.toLowerCase()));
    const rest = free.length > 0 ? free : list.filter((value) => !taken.has(value));
    const value = random.pick(rest.length > 0 ? rest : list);
    taken.add(value);
    return value;
  };
  return function draw(pool) {
    if (pool === 'date') {
      return `${months[random.below(12)]} ${1 + random.below(28)}, ${1950 + random.below(55)}`;
    }
    if (pool === 'fullName') return `${fromList(pools.given)} ${fromList(pools.family)}`;
    if (pool === 'phone') return fromList(phones);
    return fromList(pools[pool]);
  };
}

/** Every string value in the shipped resources, lower-cased. */
function textsIn(resourcesDir) {
  const texts = new Set();
  const collect = (value) => {
    if (typeof value === 'string') texts.add(value.toLowerCase());
    else if (Array.isArray(value)) value.forEach(collect);
    else if (value !== null && typeof value === 'object') Object.values(value).forEach(collect);
  };
  const visit = (folder) => {
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      if (statSync(path).isDirectory()) visit(path);
      else if (name.endsWith('.json')) collect(JSON.parse(readFileSync(path, 'utf8')));
      else if (name.endsWith('.jsonl')) {
        for (const line of readFileSync(path, 'utf8').split('\n'))
          if (line.trim() !== '') collect(JSON.parse(line));
      }
    }
  };
  visit(resourcesDir);
  return texts;
}

function createRandom(seed) {
  let state = Number(seed) >>> 0;
  const next = () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    mixed ^= mixed >>> 15;
    return (mixed >>> 0) / 0x100000000;
  };
  const below = (bound) => Math.floor(next() * bound);
  return {
    below,
    pick: (items) => items[below(items.length)],
    shuffle: (items) => {
      const result = [...items];
      for (let index = result.length - 1; index > 0; index -= 1) {
        const other = below(index + 1);
        [result[index], result[other]] = [result[other], result[index]];
      }
      return result;
    },
  };
}
