// `score`: per sample the log-probability of its supervised tokens with and without the adapter, the mean KL
// divergence KL(base || tuned) and the number of tokens whose argmax is the same.
#pragma once

#include "run-config.h"

int score_run(const run_config & config);
