// `merge`: writes base + adapter as one GGUF, W' = W + s B A, tensor by tensor.
#pragma once

#include "run-config.h"

#include <atomic>

// Nothing stands under config.output before the whole file is on the disk. Gives the exit code.
int merge_run(const run_config & config, std::atomic<bool> * stop);
