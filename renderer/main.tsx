import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { connect } from './client/connect.ts';
import { createAppStore } from './state/store.ts';
import { keepInSync } from './state/sync.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/notes.css';
import './styles/dialogs.css';
import './styles/shell.css';
import './styles/lists.css';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element with the id "root".');

const store = createAppStore();
const client = await connect();
keepInSync({ client, store });
createRoot(root).render(<App client={client} store={store} />);
