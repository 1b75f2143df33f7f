// Opens a GGUF base model and checks everything that is read from it before any tensor data is touched.
//
// Shapes in ggml order: a linear layer's weight is [n_in, n_out] (n_out rows of n_in values), norms are [n_embd].
// The linears of a layer stand in four groups that share their input: q|k|v, output, gate|up, down.
#pragma once

#include "ggml-backend.h"
#include "ggml.h"
#include "gguf.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

enum group_kind { GROUP_QKV = 0, GROUP_OUTPUT = 1, GROUP_GATE_UP = 2, GROUP_DOWN = 3, GROUP_COUNT = 4 };

struct model_linear {
    std::string   name;   // "blk.0.attn_q"
    std::string   module; // "attn_q"
    ggml_tensor * weight = nullptr;
    ggml_tensor * bias   = nullptr; // F32 [n_out] or none
    int           n_in   = 0;
    int           n_out  = 0;
};

struct model_group {
    std::vector<model_linear> members;
    int                       n_in  = 0;
    int                       n_out = 0; // sum over the members
};

struct model_layer {
    ggml_tensor * attn_norm = nullptr;
    ggml_tensor * ffn_norm  = nullptr;
    ggml_tensor * q_norm    = nullptr; // qwen3 only
    ggml_tensor * k_norm    = nullptr;
    model_group   groups[GROUP_COUNT];
};

// The rotary embedding as ggml's rope operation takes it; n_ctx_orig counts only where ext_factor is not 0 (YaRN).
struct rope_scaling {
    float freq_scale  = 1.0f; // 1 / the factor by which positions are stretched
    float ext_factor  = 0.0f; // 1 = YaRN: high frequencies are not stretched
    float attn_factor = 1.0f; // size of the rotated vectors, before YaRN's own factor
    int   n_ctx_orig  = 0;
};

const float ROPE_BETA_FAST = 32.0f; // libllama reads no others for these architectures
const float ROPE_BETA_SLOW = 1.0f;

struct model_hparams {
    std::string architecture;
    std::string name;
    std::string file_type;
    int         n_layer     = 0;
    int         n_embd      = 0;
    int         n_ff        = 0;
    int         n_head      = 0;
    int         n_head_kv   = 0;
    int         n_head_dim  = 0;
    int         n_rot       = 0;
    int         n_vocab     = 0;
    int         n_ctx_train = 0;
    float       rms_eps     = 0.0f;
    float       rope_base   = 10000.0f;
    bool        rope_neox   = false; // halves paired (qwen) instead of neighbours (llama)

    rope_scaling rope;
};

// What `inspect` reports; filled even for a file that cannot be trained.
struct model_info {
    model_hparams              hparams;
    std::map<std::string, int> tensor_types;
    bool                       has_chat_template = false;
    bool                       is_adapter        = false;
    bool                       supported         = false;
    std::string                reason; // why not supported
};

struct model {
    model_hparams            hparams;
    std::vector<model_layer> layers;
    ggml_tensor *            token_embd  = nullptr; // [n_embd, n_vocab]
    ggml_tensor *            output_norm = nullptr;
    ggml_tensor *            output      = nullptr; // token_embd where the head is tied
    std::vector<float>       rope_freqs;            // n_rot / 2 divisors, or empty

    const uint8_t *       file_data = nullptr; // the mapped file; null = the tensors lie in ctx
    size_t                file_size = 0;
    gguf_context *        gguf      = nullptr;
    ggml_context *        ctx       = nullptr;
    ggml_backend_buffer_t buffer    = nullptr; // set by model_bind

    ~model();
};

// Opens the file and checks header, key values, tensor shapes and extents. Never reads tensor data.
// Throws model-missing, model-corrupt, or (need_supported) model-unsupported, all exit code 5.
std::unique_ptr<model> model_open(const std::string & path, model_info * info = nullptr, bool need_supported = true);

// Gives the tensors to a host back end without copying (the data stay in the mapping).
void model_bind(model & base, ggml_backend_dev_t device);

// Lets the system drop the mapped pages from memory; they are read again when needed.
void model_drop_pages(const model & base);

// Dequantises rows [row, row + n_row) of a weight to F32; dst holds n_row * n_in values.
void model_dequantise(const ggml_tensor * weight, int64_t row, int64_t n_row, float * dst);
