#include "model-support.h"

#include "gguf-keys.h"

#include <cmath>
#include <initializer_list>
#include <map>

namespace {

std::string file_type_name(int64_t type) {
    static const std::map<int64_t, const char *> names = {
        { 0, "F32" },     { 1, "F16" },     { 2, "Q4_0" },    { 3, "Q4_1" },    { 7, "Q8_0" },    { 8, "Q5_0" },
        { 9, "Q5_1" },    { 10, "Q2_K" },   { 11, "Q3_K_S" }, { 12, "Q3_K_M" }, { 13, "Q3_K_L" }, { 14, "Q4_K_S" },
        { 15, "Q4_K_M" }, { 16, "Q5_K_S" }, { 17, "Q5_K_M" }, { 18, "Q6_K" },   { 32, "BF16" },
    };
    const auto found = names.find(type);
    return found == names.end() ? "type " + std::to_string(type) : found->second;
}

// linear is what libllama assumes where a factor stands without a type.
rope_scaling read_rope(const gguf_context * gguf, const std::string & prefix, int n_ctx_train) {
    rope_scaling      out;
    const std::string type   = key_string(gguf, prefix + "rope.scaling.type");
    const float       old    = key_float(gguf, prefix + "rope.scale_linear", 0.0f);
    const float       factor = key_float(gguf, prefix + "rope.scaling.factor", old);
    const float       size   = key_float(gguf, prefix + "rope.scaling.attn_factor", 1.0f);
    const int64_t     n_orig = key_integer(gguf, prefix + "rope.scaling.original_context_length", n_ctx_train);
    if (factor < 0.0f || (factor > 0.0f && factor < 1e-4f) || factor > 1e6f || !(size > 0.0f) || n_orig < 0 ||
        n_orig > (1 << 28)) {
        fail_corrupt("its rope scaling is out of range");
    }
    out.n_ctx_orig  = n_orig > 0 ? (int) n_orig : n_ctx_train;
    out.attn_factor = size;
    if (factor > 0.0f && type != "none") {
        out.freq_scale = 1.0f / factor;
    }
    if (type == "yarn") {
        out.ext_factor = 1.0f;
        if (factor > 0.0f && factor < 1.0f) { // no enlargement: what the rope operation adds is taken back
            out.attn_factor = size / (1.0f + 0.1f * logf(factor));
        }
    }
    return out;
}

void check_kind(const gguf_context * gguf, const model_hparams & hp) {
    const std::string type    = key_string(gguf, "general.type");
    const int64_t     n_shard = key_integer(gguf, "split.count", 0);
    if (type == "adapter") {
        fail_unsupported("This file is a LoRA adapter, not a base model.");
    }
    if (!type.empty() && type != "model") {
        fail_unsupported("This file is a \"" + type + "\", not a base model.");
    }
    if (n_shard > 1) {
        fail_unsupported(
            "This file is one of " + std::to_string(n_shard) +
            " parts of a model: only a model in one file can be used. llama.cpp's gguf-split --merge joins "
            "the parts.");
    }
    if (hp.architecture.empty()) {
        fail_corrupt("it names no architecture");
    }
    if (hp.architecture != "llama" && hp.architecture != "qwen2" && hp.architecture != "qwen3") {
        fail_unsupported("Models of the architecture \"" + hp.architecture + "\" cannot be trained.");
    }
}

void check_attention(const gguf_context * gguf, const model_hparams & hp) {
    const std::string prefix = hp.architecture + ".";
    const int64_t     window = key_integer(gguf, prefix + "attention.sliding_window", 0);
    const int64_t     value  = key_integer(gguf, prefix + "attention.value_length", hp.n_head_dim);
    if (window > 0 && window < hp.n_ctx_train) {
        fail_unsupported("Models with a sliding window (" + std::to_string(window) + " tokens) cannot be trained.");
    }
    if (key_float(gguf, prefix + "attn_logit_softcapping", 0.0f) != 0.0f ||
        key_float(gguf, prefix + "final_logit_softcapping", 0.0f) != 0.0f) {
        fail_unsupported("Models with softcapping of attention or logits cannot be trained.");
    }
    if (!key_flag(gguf, prefix + "attention.causal", true)) {
        fail_unsupported("Models whose attention sees later tokens (embedding models) cannot be trained.");
    }
    if (value != hp.n_head_dim) {
        fail_unsupported("Models whose keys and values differ in width cannot be trained.");
    }
    if (hp.n_rot != hp.n_head_dim) {
        fail_unsupported("Models that rotate only " + std::to_string(hp.n_rot) + " of " +
                         std::to_string(hp.n_head_dim) + " values of a head cannot be trained.");
    }
    if (hp.architecture == "qwen2" && hp.n_head * hp.n_head_dim != hp.n_embd) {
        fail_unsupported("A qwen2 model whose heads do not make up its width cannot be trained.");
    }
}

void check_rope(const gguf_context * gguf, const model_hparams & hp) {
    const std::string type = key_string(gguf, hp.architecture + ".rope.scaling.type");
    if (type == "longrope") {
        fail_unsupported("Models with rope scaling \"longrope\" cannot be trained: their rotation changes with the "
                         "length of the context they are served with.");
    }
    if (!type.empty() && type != "none" && type != "linear" && type != "yarn") {
        fail_unsupported("Models with rope scaling \"" + type + "\" cannot be trained.");
    }
}

bool is_one_of(const std::string & text, std::initializer_list<const char *> list) {
    for (const char * cur : list) {
        if (text == cur) {
            return true;
        }
    }
    return false;
}

// "blk.3.attn_q.bias" -> 3 and "attn_q.bias"; false where it is no tensor of a layer.
bool split_name(const std::string & name, int n_layer, std::string & part) {
    if (name.rfind("blk.", 0) != 0) {
        return false;
    }
    const size_t end = name.find('.', 4);
    if (end == std::string::npos || end == 4 || end > 9) {
        return false;
    }
    const std::string number = name.substr(4, end - 4);
    if (number.find_first_not_of("0123456789") != std::string::npos || std::stoi(number) >= n_layer) {
        return false;
    }
    part = name.substr(end + 1);
    return true;
}

// The tensors that this worker computes with. libllama loads no file of these families that holds others.
bool is_known_tensor(const model_hparams & hp, const std::string & name) {
    std::string part;
    if (!split_name(name, hp.n_layer, part)) {
        return is_one_of(name, { "token_embd.weight", "output_norm.weight", "output.weight" }) ||
               (name == "rope_freqs.weight" && hp.architecture == "llama");
    }
    return is_one_of(part, { "attn_norm.weight", "ffn_norm.weight", "attn_q.weight", "attn_k.weight", "attn_v.weight",
                             "attn_output.weight", "ffn_gate.weight", "ffn_up.weight", "ffn_down.weight", "attn_q.bias",
                             "attn_k.bias", "attn_v.bias" }) ||
           (hp.architecture == "llama" &&
            is_one_of(part, { "attn_output.bias", "ffn_gate.bias", "ffn_up.bias", "ffn_down.bias" })) ||
           (hp.architecture == "qwen3" && is_one_of(part, { "attn_q_norm.weight", "attn_k_norm.weight" }));
}

void check_tensors(const gguf_context * gguf, const model_hparams & hp) {
    for (int64_t i = 0; i < gguf_get_n_tensors(gguf); i++) {
        const std::string name = gguf_get_tensor_name(gguf, i);
        if (is_known_tensor(hp, name)) {
            continue;
        }
        if (name.find("attn_qkv") != std::string::npos) {
            fail_unsupported("Models with fused q, k and v (" + name + ") cannot be trained.");
        }
        if (name.find("_exps") != std::string::npos || name.find("ffn_gate_inp") != std::string::npos) {
            fail_unsupported("Mixture-of-experts models cannot be trained (" + name + ").");
        }
        fail_unsupported("The model holds the tensor " + name + ", which this version cannot train with.");
    }
}

} // namespace

void read_hparams(const gguf_context * gguf, model_hparams & hp, std::string & unusual) {
    hp.architecture          = key_string(gguf, "general.architecture");
    hp.name                  = key_string(gguf, "general.name");
    hp.file_type             = file_type_name(key_integer(gguf, "general.file_type", -1));
    const std::string prefix = hp.architecture + ".";
    const auto        get    = [&](const char * key, int64_t fallback) {
        bool          differ = false;
        const int64_t value  = key_integer(gguf, prefix + key, fallback, &differ);
        if (value < 0 || value > (1 << 28)) {
            fail_corrupt("the key " + prefix + key + " is out of range");
        }
        if (differ) {
            unusual = "Models whose layers differ in " + prefix + key + " cannot be trained.";
        }
        return (int) value;
    };
    hp.n_layer = get("block_count", 0);
    if (hp.n_layer > gguf_get_n_tensors(gguf)) {
        fail_corrupt("it names more layers than it holds");
    }
    hp.n_embd      = get("embedding_length", 0);
    hp.n_ff        = get("feed_forward_length", 0);
    hp.n_head      = get("attention.head_count", 0);
    hp.n_head_kv   = get("attention.head_count_kv", hp.n_head);
    hp.n_ctx_train = get("context_length", 0);
    hp.n_head_dim  = get("attention.key_length", hp.n_head > 0 ? hp.n_embd / hp.n_head : 0);
    hp.n_rot       = get("rope.dimension_count", hp.n_head_dim);
    hp.rms_eps     = key_float(gguf, prefix + "attention.layer_norm_rms_epsilon", 1e-5f);
    hp.rope_base   = key_float(gguf, prefix + "rope.freq_base", 10000.0f);
    hp.rope_neox   = hp.architecture != "llama";
    hp.rope        = read_rope(gguf, prefix, hp.n_ctx_train);
}

void check_supported(const gguf_context * gguf, const model_hparams & hp, const std::string & unusual) {
    check_kind(gguf, hp);
    if (key_integer(gguf, hp.architecture + ".expert_count", 0) > 0 ||
        key_integer(gguf, hp.architecture + ".expert_used_count", 0) > 0) {
        fail_unsupported("Mixture-of-experts models cannot be trained.");
    }
    if (key_integer(gguf, hp.architecture + ".nextn_predict_layers", 0) > 0) {
        fail_unsupported("Models with layers that predict several tokens at once cannot be trained.");
    }
    if (!unusual.empty()) {
        fail_unsupported(unusual);
    }
    check_rope(gguf, hp);
    if (hp.n_layer < 1 || hp.n_embd < 1 || hp.n_ff < 1 || hp.n_ctx_train < 1 || hp.n_head < 1 || hp.n_head_kv < 1 ||
        hp.n_head_dim < 2 || hp.n_head > (1 << 14) || hp.n_head_dim > (1 << 14) || hp.n_head % hp.n_head_kv != 0 ||
        hp.n_rot % 2 != 0 || hp.n_rot < 2 || hp.n_rot > hp.n_head_dim || !(hp.rms_eps >= 0.0f) ||
        !(hp.rope_base > 0.0f)) {
        fail_corrupt("its dimensions do not fit together");
    }
    check_attention(gguf, hp);
    check_tensors(gguf, hp);
}
