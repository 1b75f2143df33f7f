import { useState } from 'react';
import { copyText } from '../../client/host.ts';
import { Button } from '../../components/button.tsx';
import { Checkbox } from '../../components/checkbox.tsx';
import { ErrorNote } from '../../components/error-note.tsx';
import { Loading } from '../../components/loading.tsx';
import { Note } from '../../components/note.tsx';
import { TextField } from '../../components/text-field.tsx';
import { useAct, useClient } from '../../state/use-app.ts';
import { useQuery } from '../../state/use-query.ts';
import { text } from '../../text/en.ts';

/** The way other programs on this computer can ask; off by itself. */
export function LocalServer() {
  const client = useClient();
  const act = useAct();
  const { data, error, reload } = useQuery(client.localServer.get, {}, ['settings']);
  const [typed, setTyped] = useState<string | null>(null);
  const words = text.settings;
  if (error !== null) return <ErrorNote error={error} onRetry={reload} />;
  if (data === undefined) return <Loading what={words.reading} />;
  const port = typed ?? String(data.port);
  const change = (input: { readonly on?: boolean; readonly port?: number }) =>
    void act(() => client.localServer.set(input)).then(() => {
      setTyped(null);
      reload();
    });
  return (
    <>
      <p className="prose">{words.serverWords}</p>
      {data.problem !== null && <Note kind="warning">{data.problem}</Note>}
      <Checkbox
        isSelected={data.on}
        onChange={(on) => change({ on, ...(on && port !== '' && { port: Number(port) }) })}
        note={words.serverOnNote}
      >
        {words.serverOn}
      </Checkbox>
      <div className="profile-add">
        <TextField
          label={words.serverPort}
          value={port}
          onChange={(value) => setTyped(value.replaceAll(/\D/gu, ''))}
          maxLength={5}
        />
        {port !== String(data.port) && (
          <Button isDisabled={port === ''} onPress={() => change({ port: Number(port) })}>
            {words.serverUse}
          </Button>
        )}
      </div>
      {data.url !== null && (
        <div className="stack-small">
          <h3>{words.serverAddress}</h3>
          <p className="path">{data.url}</p>
          <p className="muted prose">{words.serverModels}</p>
        </div>
      )}
      {data.key !== null && <Key secret={data.key} onRenewed={reload} />}
    </>
  );
}

function Key({ secret, onRenewed }: { readonly secret: string; readonly onRenewed: () => void }) {
  const client = useClient();
  const act = useAct();
  const [isShown, setIsShown] = useState(false);
  const words = text.settings;
  const renew = () => client.localServer.renewKey({});
  return (
    <div className="stack-small">
      <h3>{words.serverKey}</h3>
      <p className="path">{isShown ? secret : '\u2022'.repeat(12)}</p>
      <p className="muted">{words.serverKeyNote}</p>
      <div className="line">
        <Button onPress={() => setIsShown(!isShown)}>{isShown ? words.hideKey : words.showKey}</Button>
        <Button onPress={() => void act(() => copyText(client, secret), { said: words.copied })}>
          {words.copyKey}
        </Button>
        <Button onPress={() => void act(renew, { said: words.renewedKey }).then(onRenewed)}>
          {words.renewKey}
        </Button>
      </div>
    </div>
  );
}
