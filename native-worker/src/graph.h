// Forward and backward of the whole model for one micro-batch, as one ggml graph built by hand.
//
// Symbols: T = tokens of the micro-batch, d = n_embd, n = supervised rows. Activations are [d, T], F32.
// The order of the layers stands in graph.cpp once; layer_ops has two implementations of every operation:
// cpu_ops (fused custom nodes over dequantised weights) and plain_ops (ggml's own nodes, for any back end).
#pragma once

#include "gguf-model.h"
#include "lora.h"

#include <memory>
#include <string>
#include <vector>

// Sequences that are computed together; label[i] is predicted from the hidden state of token row[i]. Two layouts:
// padded (offsets empty): tokens [n_seq * n_len], right padding;
// shared (offsets given): n_prefix tokens that all sequences begin with, computed once, then each sequence's own
// tokens without padding: sequence i has tokens offsets[i] .. offsets[i + 1]. The gradients are exact: the keys and
// values of the prefix collect them from every sequence.
struct micro_batch {
    int                  n_seq    = 0;
    int                  n_len    = 0; // longest sequence, prefix included
    int                  n_real   = 0; // tokens of the samples, neither padding nor sharing counted
    int                  n_prefix = 0;
    std::vector<int32_t> offsets; // [n_seq + 1]
    std::vector<int32_t> tokens;
    std::vector<int32_t> rows; // index into tokens
    std::vector<int32_t> labels;
    std::vector<float>   weights; // factor of each row's loss in the gradient
    std::vector<int32_t> samples; // which sample of the batch a row belongs to
    std::vector<uint8_t> kl;      // per row: 1 = its loss is KL(base || tuned); may be empty
};

// The sequences that have rows with loss KL, with these rows only: what the base has to compute.
micro_batch micro_batch_of_kl(const micro_batch & batch);

// What a pass gives per supervised row.
struct pass_output {
    std::vector<float>   nll; // -log p(label), or KL(base || tuned) where that is the row's loss
    std::vector<int32_t> argmax;
};

// Called per chunk of rows with logits [n_row][n_vocab] while they exist (score and parity tests).
typedef void (*logits_callback)(int first_row, int n_row, int n_vocab, const float * logits, void * userdata);

struct pass_request {
    const micro_batch * batch          = nullptr;
    bool                backward       = false;
    bool                adapted        = true; // false = the base alone
    pass_output *       output         = nullptr;
    const float *       teacher        = nullptr; // [rows with loss KL][d]: what the head sees in the base
    float *             hidden         = nullptr; // [n][d]: where given, takes what the head would see; no head then
    float *             grads          = nullptr; // laid out as lora::params; overwritten
    logits_callback     on_logits      = nullptr;
    void *              on_logits_data = nullptr;
};

// One operation of the model on ggml tensors; a null return of lora_* means "nothing trained in this group".
struct layer_ops {
    virtual ~layer_ops()                                              = default;
    virtual ggml_tensor * embed()                                     = 0;
    virtual ggml_tensor * norm(ggml_tensor * x, ggml_tensor * weight) = 0;
    virtual ggml_tensor * norm_back(ggml_tensor * dy, ggml_tensor * x, ggml_tensor * weight, ggml_tensor * add) = 0;
    virtual ggml_tensor * lora_down(int il, int kind, ggml_tensor * h)                                  = 0; // t = A h
    virtual ggml_tensor * linear(int il, int kind, ggml_tensor * h, ggml_tensor * t, ggml_tensor * add) = 0;
    virtual ggml_tensor * lora_down_back(int il, int kind, ggml_tensor * dy)                = 0; // dt = s B^T dy
    virtual ggml_tensor * linear_back(int il, int kind, ggml_tensor * dy, ggml_tensor * dt) = 0; // W^T dy + A^T dt
    virtual void          lora_grads(int il, int kind, ggml_tensor * h, ggml_tensor * t, ggml_tensor * dy,
                                     ggml_tensor * dt)                                      = 0; // dA, dB
    virtual ggml_tensor * rope(int il, ggml_tensor * y)                                     = 0;
    virtual ggml_tensor * rope_back(int il, ggml_tensor * dqkv, ggml_tensor * y)            = 0;
    virtual ggml_tensor * attention(ggml_tensor * qkv)                                      = 0;
    virtual ggml_tensor * attention_back(ggml_tensor * dout, ggml_tensor * qkv)             = 0;
    virtual ggml_tensor * swiglu(ggml_tensor * gu)                                          = 0;
    virtual ggml_tensor * swiglu_back(ggml_tensor * dact, ggml_tensor * gu)                 = 0;
    virtual ggml_tensor * gather(ggml_tensor * x)                                           = 0; // [d, T] -> [d, n]
    virtual ggml_tensor * scatter(ggml_tensor * dx) = 0; // [d, n] -> [d, T], zero elsewhere
    virtual ggml_tensor * head(ggml_tensor * h)     = 0; // losses; gives dh [d, n] when backward
    virtual void          upload()                  = 0; // inputs, after allocation
    virtual void          download()                = 0; // results, after computing
};

// Adds the model's nodes to the graph.
void graph_build(layer_ops & ops, ggml_cgraph * graph, const model & base, bool backward);
