// The CPU path: every operation is one custom ggml node that calls a kernel; the graph runs on one thread.
#pragma once

#include "cpu-adapter.h"
#include "gemm.h"
#include "graph.h"
#include "kernels.h"

#include <memory>

// The base as the CPU path multiplies it, shared read-only by all workers.
struct cpu_weights {
    gemm_mode                               mode = GEMM_F32;
    std::vector<std::vector<frozen_weight>> groups; // [n_layer][GROUP_COUNT], members stacked
    frozen_weight                           head;
    rope_table                              rope;
};

void cpu_weights_init(cpu_weights & weights, const model & base, gemm_mode mode, int n_thread);

struct cpu_context {
    ggml_context *      ctx     = nullptr;
    ggml_cgraph *       graph   = nullptr;
    const model *       base    = nullptr;
    const cpu_weights * weights = nullptr;
    const cpu_adapter * adapter = nullptr;
    pass_request        request;
};

std::unique_ptr<layer_ops> cpu_ops_init(const cpu_context & context);
