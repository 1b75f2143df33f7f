/** A row of an import file. */
export type PersonaFact = {
  readonly subject?: string;
  readonly attribute: string;
  readonly value: string;
  readonly validFrom?: string;
  readonly validTo?: string;
};

/** The facts of an invented person; `count` counts all four tiers. */
export function makePersona(options: {
  readonly seed?: number;
  readonly count?: number;
  readonly resourcesDir?: string;
}): PersonaFact[];
