// `self-test`: gradients on a tiny random model in memory. F32 against finite differences, the other product paths
// against F32 (cosine >= 0.999), so that a machine on which a kernel is wrong is found before it trains anything.
#pragma once

#include "run-config.h"

int self_test_run(const run_config & config);
