import type { Adapter, BaseModel } from '../../electron/contract/entities/model.ts';

/** A candidate that was trained on nothing. */
export function anAdapter(part: Partial<Adapter> = {}): Adapter {
  const id = part.id ?? 'adapter-1';
  return {
    id,
    baseModelId: 'base-1',
    runId: `run-of-${id}`,
    parentAdapterId: null,
    file: `/nowhere/${id}.gguf`,
    rank: 16,
    alpha: 32,
    objective: 'routed',
    state: 'candidate',
    override: null,
    factIds: [],
    verdict: null,
    createdAt: 1,
    ...part,
  };
}

/** A base model whose file is not there. */
export function aBase(part: Partial<BaseModel> = {}): BaseModel {
  return {
    id: 'base-1',
    name: 'Tiny',
    file: '/nowhere/base.gguf',
    sizeBytes: 4,
    sha256: 'ab',
    fileIdentity: '4:1:1',
    architecture: 'llama',
    quantisation: 'Q4_1',
    contextLength: 2048,
    licence: null,
    createdAt: 1,
    ...part,
  };
}
