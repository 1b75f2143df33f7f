// The portable path: ggml's own nodes only, chosen so that CPU, CUDA, Vulkan and Metal have every one of them.
//
// The forward multiplies the file's own quantised weights, as libllama does. The backward dx = W^T dy has two ways:
// a transposed copy made at load (Q8_0 where the weight is not F32 and n_out a multiple of 32, else F32), or, where
// memory is short, rows dequantised and transposed for each product, in blocks of bounded size.
#pragma once

#include "graph.h"

#include <map>
#include <memory>

struct plain_settings {
    bool    forward_only = false;
    bool    upload       = false;               // the weights are copied to the device instead of used in place
    bool    transposed   = true;                // the backward by transposed copies
    int64_t block_bytes  = (int64_t) 128 << 20; // largest dequantised block where there are none
    int     head_rows    = 64;                  // rows whose logits exist at a time
};

struct plain_group {
    ggml_tensor *              a = nullptr; // [n_in, n_t]
    std::vector<ggml_tensor *> b;           // per member [r, n_out], or null
};

struct plain_weights {
    plain_settings                               settings;
    ggml_context *                               ctx    = nullptr;
    ggml_backend_buffer_t                        buffer = nullptr;
    std::map<const ggml_tensor *, ggml_tensor *> uploaded;
    std::map<const ggml_tensor *, ggml_tensor *> transposed;
    std::vector<std::vector<plain_group>>        groups;
    ggml_tensor *                                rope_freqs = nullptr;
    ggml_tensor *                                index      = nullptr; // I32: 0, 1, 2 ... for dequantising blocks

    // The tensor of the model that the device reads.
    ggml_tensor * of(ggml_tensor * weight) const;

    plain_weights()                      = default;
    plain_weights(const plain_weights &) = delete;
    ~plain_weights();
};

// Lays the device's tensors out, without memory.
void plain_weights_layout(plain_weights & weights, const model & base, const lora & adapter,
                          const plain_settings & settings);

// Gives them memory and fills all but the adapter; without `upload` the base must be bound to the device (model_bind).
// Throws out-of-memory.
void plain_weights_load(plain_weights & weights, const model & base, ggml_backend_t backend, int n_thread);
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

// No pass over such a batch has more nodes.
size_t plain_node_limit(const model & base, const micro_batch & batch, const plain_settings & settings);
