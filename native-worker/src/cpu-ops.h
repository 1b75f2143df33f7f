// The CPU path: every operation is one custom ggml node that calls a kernel; the graph runs on one thread.
#pragma once

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

void cpu_weights_init(cpu_weights & weights, const model & base, gemm_mode mode);

// A and B transposed for the forward products, refreshed after every update: A^T [n_in, n_t], B^T [r, n_out].
struct cpu_adapter {
    const lora *       adapter = nullptr;
    std::vector<float> transposed; // same offsets as lora::params
};

void cpu_adapter_refresh(cpu_adapter & packed, const lora & adapter);

struct cpu_context {
    ggml_context *      ctx   = nullptr;
    ggml_cgraph *       graph = nullptr;
    const model *       base  = nullptr;
    const cpu_weights * weights = nullptr;
    const cpu_adapter * adapter = nullptr;
    pass_request        request;
};

std::unique_ptr<layer_ops> cpu_ops_init(const cpu_context & context);
