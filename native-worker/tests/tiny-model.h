#pragma once

// Tiny random models for tests, in the file format and with the tensor names that llama.cpp reads.
// The weights are random but scaled so that activations keep a standard deviation near 1, logits near 1.5
// and gradients are neither drowned nor saturated. Same options and seed, same bytes.

#include <cstdint>
#include <string>

struct tiny_model_options {
    std::string arch = "llama"; // llama, qwen2, qwen3
    std::string type = "f32";   // every matrix; f32, f16, bf16 or a quantised type such as q4_1 or q4_k
    std::string embedding_type; // token embedding and head; empty = the same as type
    uint64_t    seed = 1;

    int n_embd    = 256;
    int n_layer   = 2;
    int n_head    = 4;
    int n_head_kv = 2;
    int head_dim  = 0; // 0 = n_embd / n_head, for qwen3 twice that
    int n_ff      = 512;
    int n_ctx     = 4096;

    bool tied          = true;  // the head is the token embedding
    bool rope_factors  = false; // write rope_freqs.weight as Llama 3 files do (llama only)
    bool biases        = false; // on q, k and v; llama also on the other linears (qwen2 has its own always)
    bool chat_template = true;

    std::string rope_scaling;            // rope.scaling.type; empty = none written
    float       rope_factor      = 0.0f; // rope.scaling.factor; 0 = none written
    float       rope_attn_factor = 0.0f; // the same for attn_factor
    int         rope_orig_ctx    = 0;    // the same for original_context_length
    float       rope_base        = 10000.0f;
};

// Byte vocabulary: ids 0..255 are the GPT-2 byte characters in the order of their byte value, then the specials.
constexpr int tiny_token_endoftext = 256;
constexpr int tiny_token_im_start  = 257;
constexpr int tiny_token_im_end    = 258;
constexpr int tiny_n_vocab         = 259;

// Writes the model. Throws std::runtime_error with a sentence when an option is wrong or the file cannot be written.
void write_tiny_model(const tiny_model_options & options, const std::string & path);

// Copies a model with every tensor as the F32 numbers that it decodes to: the exact reference of a quantised file.
void write_dequantised_model(const std::string & path, const std::string & output);
