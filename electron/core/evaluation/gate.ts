/**
 * What makes an adapter acceptable: point estimates against fixed limits, each reason with its numbers.
 *
 * A set without questions is no success: it rejects.
 */
import type { AgainstBase, ArmResult, Rate, Verdict } from '../../contract/entities/evaluation.ts';

/** Limits of the gate's first form. */
export const gateLimits = {
  recall: 0.8,
  unknown: 0.6,
  handedOver: 0.9,
  wronglyHandedOver: 0.1,
  /** Points of general ability that may be lost against the base. */
  abilityLoss: 0.05,
  /** The same where nothing is handed over, and how much worse the base's language may be spoken. */
  standaloneAbilityLoss: 0.08,
  perplexityRatio: 1.05,
} as const;

/** Decides from the adapter's answers and the base's answers to the same general questions. */
export function decideVerdict(tuned: ArmResult, base: ArmResult): Verdict {
  const checks = [
    atLeast('recall on test questions', tuned.groups.test, gateLimits.recall),
    atLeast('abstention on unknown attributes', tuned.groups.unknown, gateLimits.unknown),
    atLeast('general questions handed over', tuned.routing.handedOver, gateLimits.handedOver),
    atMost('personal questions handed over', tuned.routing.wronglyHandedOver, gateLimits.wronglyHandedOver),
    keepsAbility(tuned.groups['general-ability'], base.groups['general-ability']),
  ];
  return { approved: checks.every((check) => check.holds), reasons: checks.map((check) => check.reason) };
}

/** The gate of an adapter that answers everything itself: nothing is handed over, so it has to stay as able as the base. */
export function decideStandaloneVerdict(result: ArmResult, kept: AgainstBase): Verdict {
  const { standaloneAbilityLoss } = gateLimits;
  const checks = [
    atLeast('recall on test questions', result.groups.test, gateLimits.recall),
    atLeast('abstention on unknown attributes', result.groups.unknown, gateLimits.unknown),
    keepsAbility(kept.ability.tuned, kept.ability.base, standaloneAbilityLoss),
    keepsLanguage(kept.perplexity.ratio),
  ];
  return { approved: checks.every((check) => check.holds), reasons: checks.map((check) => check.reason) };
}

type Check = { readonly holds: boolean; readonly reason: string };

function atLeast(what: string, rate: Rate | undefined, limit: number): Check {
  if (!isMeasured(rate)) return unmeasured(what);
  const holds = rate.rate >= limit;
  return { holds, reason: say(holds, `${what} ${format(rate)}, at least ${limit.toFixed(2)} wanted`) };
}

function atMost(what: string, rate: Rate | undefined, limit: number): Check {
  if (!isMeasured(rate)) return unmeasured(what);
  const holds = rate.rate <= limit;
  return { holds, reason: say(holds, `${what} ${format(rate)}, at most ${limit.toFixed(2)} allowed`) };
}

function keepsLanguage(ratio: number): Check {
  const holds = ratio <= gateLimits.perplexityRatio + 1e-9;
  const limit = gateLimits.perplexityRatio.toFixed(2);
  return {
    holds,
    reason: say(holds, `perplexity ${ratio.toFixed(3)} times the base's, at most ${limit} allowed`),
  };
}

function keepsAbility(
  tuned: Rate | undefined,
  base: Rate | undefined,
  allowedLoss: number = gateLimits.abilityLoss,
): Check {
  const what = 'general ability';
  if (!isMeasured(tuned) || !isMeasured(base)) return unmeasured(what);
  if (tuned.n !== base.n) {
    return {
      holds: false,
      reason: say(false, `${what} was measured on ${tuned.n} questions, the base on ${base.n}`),
    };
  }
  const holds = tuned.rate >= base.rate - allowedLoss - 1e-9;
  const points = Math.round(allowedLoss * 100);
  return {
    holds,
    reason: say(holds, `${what} ${format(tuned)}, the base ${format(base)}, ${points} points may be lost`),
  };
}

function isMeasured(rate: Rate | undefined): rate is Rate & { readonly rate: number } {
  return rate !== undefined && rate.rate !== null;
}

function unmeasured(what: string): Check {
  return { holds: false, reason: say(false, `${what} was not measured`) };
}

function format(rate: Rate): string {
  return `${(rate.rate ?? 0).toFixed(2)} (${rate.right} of ${rate.n})`;
}

function say(holds: boolean, text: string): string {
  return `${holds ? 'ok' : 'failed'}: ${text}`;
}
