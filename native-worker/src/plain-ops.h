// The portable path: ggml's own nodes only, chosen so that CPU, CUDA, Vulkan and Metal have every one of them.
//
// The forward multiplies the file's own quantised weights, as libllama does. The backward dx = W^T dy multiplies a
// transposed copy made at load: Q8_0 where the weight is quantised and n_out a multiple of 32, else F32.
#pragma once

#include "graph.h"

#include <map>
#include <memory>

struct plain_group {
    ggml_tensor *              a = nullptr; // [n_in, n_t]
    std::vector<ggml_tensor *> b;           // per member [r, n_out], or null
};

struct plain_weights {
    ggml_context *                               ctx    = nullptr;
    ggml_backend_buffer_t                        buffer = nullptr;
    std::map<const ggml_tensor *, ggml_tensor *> transposed;
    std::vector<std::vector<plain_group>>        groups;
    ggml_tensor *                                rope_freqs = nullptr;

    ~plain_weights();
};

// The base must be bound to the device (model_bind).
void plain_weights_init(plain_weights & weights, const model & base, const lora & adapter, ggml_backend_t backend,
                        bool forward_only);
void plain_weights_refresh(plain_weights & weights, const lora & adapter);

struct plain_context {
    ggml_context *        ctx     = nullptr;
    ggml_cgraph *         graph   = nullptr;
    const model *         base    = nullptr;
    const lora *          adapter = nullptr;
    const plain_weights * weights = nullptr;
    pass_request          request;
};

std::unique_ptr<layer_ops> plain_ops_init(const plain_context & context);
