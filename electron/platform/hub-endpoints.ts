import { AppError } from '../contract/errors.ts';

const defaultEndpoint = 'https://huggingface.co';

/** The hub (`HF_ENDPOINT` names another one), then the mirrors of `KEEPSAKE_HUB_MIRRORS`, separated by commas. */
export function hubEndpoints(env: Readonly<Record<string, string | undefined>>): string[] {
  const named = [env.HF_ENDPOINT ?? '', ...(env.KEEPSAKE_HUB_MIRRORS ?? '').split(',')].map((text) =>
    text.trim(),
  );
  const [first, ...mirrors] = named;
  const endpoints = [first === undefined || first === '' ? defaultEndpoint : first, ...mirrors];
  return endpoints.filter((endpoint) => endpoint !== '').map(toEndpoint);
}

/** An address without a slash at its end. Throws `invalid-input`. */
export function toEndpoint(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/u.test(url.protocol)) {
    throw new AppError('invalid-input', `This is not the address of a model hub: ${text}.`, {
      hint: 'It begins with https://; see HF_ENDPOINT and KEEPSAKE_HUB_MIRRORS.',
    });
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/u, '');
}
