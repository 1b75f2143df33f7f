/**
 * What the core needs from outside. Real implementations live in platform/ and are chosen in hosts/compose.ts.
 */
import type { Device } from '../contract/entities/device.ts';
import type { Profile } from '../contract/entities/profile.ts';
import type { Message } from '../contract/entities/training.ts';
import type { SampleLimits } from './datasets/dataset-plan.ts';
import type { Completion, CompletionRequest } from './chat/chat-service.ts';

export type TokenId = number;

/** Greedy, or temperature sampling with a seed. */
export type Sampling =
  | { readonly kind: 'greedy' }
  | {
      readonly kind: 'sampled';
      readonly temperature: number;
      readonly seed: number;
      /** Share of probability that may be drawn from; defaults to 0.95. */
      readonly topP?: number | undefined;
    };

/** One generation asked of the base (adapter: null) or of base + adapter file. */
export type GenerateRequest = {
  readonly prompt: readonly TokenId[];
  readonly adapterFile: string | null;
  readonly maxTokens: number;
  readonly sampling: Sampling;
  /**
   * `detect-pass`: when the argmax of the first token ends generation, stop with `passed: true`, whatever the
   * sampler; otherwise end-of-generation tokens are masked for the first draw. `free`: no rule.
   */
  readonly firstToken: 'detect-pass' | 'free';
  readonly onText?: (piece: string) => void;
  /** Asked after each piece of text: true ends the answer there. */
  readonly shouldStop?: () => boolean;
};

/** A beginning of a prompt, of the base or of base + adapter file. */
export type WarmRequest = {
  readonly prompt: readonly TokenId[];
  readonly adapterFile: string | null;
  /** Tokens that are still to come: the rest of the prompt and its answer. */
  readonly room: number;
};

export type Generation = {
  readonly text: string;
  readonly tokens: readonly TokenId[];
  /** True when the model ended its answer by itself. */
  readonly stopped: boolean;
  readonly passed: boolean;
};

/** A loaded base. Adapters are attached per request; the weights stay. */
export type LoadedModel = {
  readonly file: string;
  readonly contextLength: number;
  /** The one prompt of training, evaluation and chat: the GGUF's own template, up to the assistant's turn. */
  readonly encodePrompt: (messages: readonly Message[]) => TokenId[];
  /** Plain text, never special tokens. */
  readonly encodeText: (text: string) => TokenId[];
  readonly decode: (tokens: readonly TokenId[]) => string;
  readonly endOfTurn: TokenId;
  readonly generate: (request: GenerateRequest, options?: { signal?: AbortSignal }) => Promise<Generation>;
  /**
   * Reads the beginning of a prompt that is likely to come, so that its answer begins at once. What was read before an
   * abort stays read.
   */
  readonly warm?: (request: WarmRequest, options?: { signal?: AbortSignal }) => Promise<void>;
  /** Decodes >= 4 sequences at once; results in the order of the requests. */
  readonly generateAll: (
    requests: readonly GenerateRequest[],
    options?: { signal?: AbortSignal; report?: (done: number) => void },
  ) => Promise<Generation[]>;
};

/** node-llama-cpp behind a small door. The base is loaded once and reloaded only when adapters must be let go. */
export type ModelRuntime = {
  readonly load: (file: string, options?: { signal?: AbortSignal }) => Promise<LoadedModel>;
  /** Lets go of a deleted adapter: the base is reloaded at the next load. */
  readonly releaseAdapter: (adapterFile: string) => Promise<void>;
  /** Threads of one answer while something else needs the processor; null: as many as usual. */
  readonly limitThreads?: (threads: number | null) => void;
  readonly dispose: () => Promise<void>;
};

/** Fields of the worker's messages that the core uses, in camelCase (mapped in trainer-protocol.ts). */
export type TrainerEvent =
  | { readonly type: 'hello'; readonly device: string; readonly threads: number; readonly gemm: string }
  | {
      readonly type: 'plan';
      readonly steps: number;
      readonly tokens: number;
      readonly memoryBytes: number;
      /** Name and description of what computes. */
      readonly device: string;
      readonly deviceDescription: string;
    }
  | { readonly type: 'phase'; readonly name: string }
  | {
      readonly type: 'step';
      readonly step: number;
      readonly steps: number;
      readonly loss: number;
      readonly lr: number;
      readonly gradNorm: number;
      readonly tokens: number;
      readonly tokensPerSecond: number;
    }
  | {
      readonly type: 'probe';
      readonly step: number;
      readonly right: number;
      readonly total: number;
      /** Ids of those that were right, as the probe file has them; null where the worker did not say. */
      readonly rightIds: readonly string[] | null;
    }
  /** It is alive: every 5 s. */
  | { readonly type: 'heartbeat' }
  | { readonly type: 'checkpoint'; readonly step: number }
  | { readonly type: 'warning'; readonly code: string; readonly message: string };

export type TrainerOutcome =
  | {
      readonly state: 'done';
      readonly output: string;
      readonly steps: number;
      readonly tokens: number;
      readonly seconds: number;
      readonly loss: number;
      readonly peakMemoryBytes: number;
    }
  | { readonly state: 'cancelled'; readonly step: number; readonly reason: 'cancel' | 'pause' };

/** What the worker scores: log-probabilities of the supervised tokens of each sequence, with an adapter and without. */
export type ScoreRequest = {
  readonly baseFile: string;
  readonly adapterFile: string;
  /** `weights[i]` above 0 scores the prediction of `tokens[i]`. */
  readonly sequences: readonly {
    readonly id: string;
    readonly tokens: readonly TokenId[];
    readonly weights: readonly number[];
  }[];
};

/** Sums over the scored tokens of a sequence in nats; `divergence` is the mean KL(base || tuned) a token. */
export type SequenceScore = {
  readonly id: string;
  readonly tokens: number;
  readonly logProb: number;
  readonly logProbBase: number;
  readonly divergence: number;
};

/** The native worker as a program: a config file in, events out, an adapter file at the end. */
export type Trainer = {
  readonly train: (
    configFile: string,
    options: { signal: AbortSignal; logFile: string; onEvent: (event: TrainerEvent) => void },
  ) => Promise<TrainerOutcome>;
  /** Every device that can train here, or the reason why it cannot. */
  readonly devices: (options?: { signal?: AbortSignal }) => Promise<readonly Device[]>;
  readonly score: (
    request: ScoreRequest,
    options?: { signal?: AbortSignal | undefined },
  ) => Promise<SequenceScore[]>;
  readonly inspect: (modelFile: string, options?: { signal?: AbortSignal }) => Promise<ModelInspection>;
  /** One token through base and adapter. Throws where the pair does not work; a bad file ends only that process. */
  readonly checkAdapter: (
    baseFile: string,
    adapterFile: string,
    options?: { signal?: AbortSignal },
  ) => Promise<void>;
  /** Writes a whole model with the adapter in its weights. The output gets its name when it is complete. */
  readonly merge: (
    request: MergeRequest,
    options: {
      signal: AbortSignal;
      onPhase: (name: string) => void;
      onWarning: (text: string) => void;
    },
  ) => Promise<{ readonly bytes: number; readonly seconds: number }>;
  /** Where the compute back ends lie, for the run configuration. */
  readonly backendsDir: string;
  /** Plug-in files of other devices than the processor. */
  readonly backends: readonly string[];
  readonly threads: number;
};

export type MergeRequest = {
  readonly base: string;
  readonly adapter: string;
  readonly output: string;
  readonly type: string;
  /** Keys and texts for the new file. */
  readonly metadata: Readonly<Record<string, string>>;
};

export type ModelInspection = {
  readonly architecture: string;
  readonly name: string;
  readonly supported: boolean;
  readonly reason: string | null;
  readonly isAdapter: boolean;
  readonly hasChatTemplate: boolean;
  readonly contextLength: number;
  readonly quantisation: string;
};

/** Steps of a download, in order. */
export type DownloadPhase = 'ask' | 'download' | 'flush' | 'verify' | 'inspect' | 'rename';

export type DownloadRequest = {
  /** The same file at several places, tried in this order. */
  readonly urls: readonly string[];
  /** Final place, absolute. It does not exist before everything was proved. */
  readonly file: string;
  readonly sizeBytes: number | null;
  /** Hexadecimal; null when nobody told. */
  readonly sha256: string | null;
  /** The first bytes that such a file has. */
  readonly beginsWith?: string;
  /** Looks at the whole file before it gets its final name; what it throws as corrupt or unsupported is not kept. */
  readonly inspect?: (file: string, sha256: string) => Promise<void>;
};

export type DownloadOptions = {
  readonly signal: AbortSignal;
  readonly report?: (progress: { readonly done: number; readonly total: number | null }) => void;
  readonly onPhase?: (phase: DownloadPhase) => void;
  /** Hears the host of every connection before it is opened. */
  readonly onConnect?: (host: string) => void;
};

export type DownloadResult = {
  readonly sha256: string;
  /** Where the last bytes came from. */
  readonly url: string;
  /** Bytes that an earlier try had left. */
  readonly resumedFrom: number;
};

/** The only door to a network, opened by nothing but an explicit search at the hub or a download. */
export type Downloader = {
  readonly download: (request: DownloadRequest, options: DownloadOptions) => Promise<DownloadResult>;
  readonly readJson: (
    url: string,
    options: { readonly signal: AbortSignal; readonly onConnect?: (host: string) => void },
  ) => Promise<unknown>;
};

/** The machine as far as a plan needs to know it. */
export type Machine = {
  /** Bytes of memory; `availableBytes` is what a program may take now. */
  readonly memory: () => { readonly totalBytes: number; readonly availableBytes: number };
  /** How the trainer multiplies by itself: with BF16 products where the processor has them. */
  readonly productPath: 'bf16' | 'f32';
  readonly threads: number;
  /** `linux x64`, and the name of the processor. */
  readonly platform: string;
  readonly processor: string;
  /** Free bytes of the disk that holds a folder, or the nearest folder above it that is there. */
  readonly freeDiskBytes: (folder: string) => number;
};

export type JobOrder = { readonly jobId: string; readonly order: 'pause' | 'cancel' };

/** Lets one process tell another, which holds the data folder, to pause or cancel a job. */
export type JobControl = {
  readonly request: (jobId: string, order: JobOrder['order']) => void;
  /** The orders that came since; each is given once. */
  readonly take: () => readonly JobOrder[];
};

export type Clock = { readonly now: () => number };
export type Logger = {
  readonly log: (
    level: 'debug' | 'info' | 'warn' | 'error',
    scope: string,
    fields: Record<string, unknown>,
  ) => void;
};

/** Places in the data folder and in the shipped resources. */
export type Paths = {
  readonly data: string;
  readonly resources: string;
  /** The folder that holds a folder for each profile. */
  readonly profiles: string;
  /** The profile that is open, and its folder. */
  readonly profileId: string;
  readonly profile: string;
  readonly adapters: string;
  readonly runs: string;
  /** What came of checking this machine's devices. */
  readonly deviceChecks: string;
  /** Copies of the profile's database, and of app.db. */
  readonly backups: string;
  readonly appBackups: string;
  readonly appDatabase: string;
  readonly profileDatabase: string;
  /** The base model that set-up puts into the user's cache. */
  readonly defaultModel: string;
  /** Where downloaded and copied base models are kept. */
  readonly models: string;
};

/** What is done to the data folder while no database of it is open. */
export type FolderOrder =
  | { readonly kind: 'restore'; readonly backupId: string; readonly profileId: string }
  | { readonly kind: 'delete-all'; readonly models: boolean };

/** A profile and what its file holds. */
export type ArchivedProfile = {
  readonly profile: Profile;
  readonly facts: number;
  readonly versions: number;
};

export type Listening = {
  readonly url: string;
  readonly port: number;
  readonly close: () => Promise<void>;
};

/** What a host with a page can do for its app, beside answering it. */
export type HostWork = {
  /** Throws `conflict` for a file that is there. */
  readonly exportProfile: (id: string, output: string, signal?: AbortSignal) => ArchivedProfile;
  readonly importProfile: (
    file: string,
    options: { readonly name?: string | undefined; readonly signal?: AbortSignal | undefined },
  ) => ArchivedProfile & { readonly missingBases: readonly string[] };
  /** What was done to the folder right before it was opened, as long as that is news. */
  readonly openedWith: () => string | null;
  /** Kept on disk, and done as soon as the app has closed, for which it is asked here. */
  readonly afterClose: (order: FolderOrder) => void;
  /** Lets other programs of this machine ask. Throws `conflict` for a port that is taken. */
  readonly listen: (options: {
    readonly port: number;
    readonly key: string;
    readonly complete: (
      request: CompletionRequest,
      options: { readonly signal: AbortSignal; readonly onText: (piece: string) => void },
    ) => Promise<Completion>;
  }) => Promise<Listening>;
  /** The key that they must send; `find` makes none. */
  readonly serverKey: { readonly find: () => string | null; readonly make: (renew: boolean) => string };
};

export type Dependencies = {
  readonly trainer: Trainer;
  readonly runtime: ModelRuntime;
  readonly downloader: Downloader;
  readonly machine: Machine;
  /** Model hubs in the order in which they are asked, without a slash at the end. */
  readonly hubEndpoints: readonly string[];
  /** Fewer samples than a recipe has; absent: as many as it has. */
  readonly sampleLimits?: SampleLimits | undefined;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly log: Logger;
  readonly paths: Paths;
  /** Called before every method: a process that lives for days copies its databases once a day. */
  readonly backUpIfDue?: () => void;
  /** Called before a method that may write: throws where the open data folder is no longer in its place. */
  readonly assertInPlace?: () => void;
  /** Orders between the process that holds the data folder and others. */
  readonly control: JobControl;
  /** True while another process holds the right to write to the data folder. */
  readonly isBusy: () => boolean;
  /** Absent for the command line, which has commands of its own for it. */
  readonly host?: HostWork;
};
