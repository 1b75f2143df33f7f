// `inspect`: what a model file is, and whether one token can be pushed through it; run in a process of its own.
#pragma once

#include "run-config.h"

int inspect_run(const run_config & config);
