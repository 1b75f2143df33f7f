#include "tiny-model.h"

#include "tiny-random.h"

#include "ggml.h"
#include "gguf.h"

#include <cmath>
#include <cstring>
#include <map>
#include <memory>
#include <stdexcept>
#include <vector>

namespace {

// The type of a matrix and the number that llama.cpp writes as general.file_type for it.
struct weight_type {
    ggml_type type;
    uint32_t  file_type;
};

weight_type find_type(const std::string & name) {
    static const std::map<std::string, weight_type> types = {
        { "f32", { GGML_TYPE_F32, 0 } },        { "f16", { GGML_TYPE_F16, 1 } },
        { "bf16", { GGML_TYPE_BF16, 32 } },     { "q4_0", { GGML_TYPE_Q4_0, 2 } },
        { "q4_1", { GGML_TYPE_Q4_1, 3 } },      { "q8_0", { GGML_TYPE_Q8_0, 7 } },
        { "q4_k", { GGML_TYPE_Q4_K, 14 } },     { "q5_k", { GGML_TYPE_Q5_K, 16 } },
        { "q6_k", { GGML_TYPE_Q6_K, 18 } },     { "q5_0", { GGML_TYPE_Q5_0, 8 } },
        { "q5_1", { GGML_TYPE_Q5_1, 9 } },      { "q2_k", { GGML_TYPE_Q2_K, 10 } },
        { "q3_k", { GGML_TYPE_Q3_K, 11 } },     { "iq4_nl", { GGML_TYPE_IQ4_NL, 25 } },
        { "iq4_xs", { GGML_TYPE_IQ4_XS, 30 } },
    };
    const auto found = types.find(name);
    if (found == types.end()) {
        throw std::runtime_error("unknown type '" + name +
                                 "': use f32, f16, bf16, q8_0, q4_0, q4_1, q5_0, q5_1, q2_k to q6_k, iq4_nl or "
                                 "iq4_xs");
    }
    return found->second;
}

void append_utf8(std::string & text, uint32_t code) {
    if (code < 0x80) {
        text += (char) code;
    } else {
        text += (char) (0xC0 | (code >> 6));
        text += (char) (0x80 | (code & 0x3F));
    }
}

// GPT-2 shows every byte as one printable character: bytes that are printable stand for themselves, the others
// are numbered upwards from U+0100 in the order of their value.
std::vector<std::string> byte_vocabulary() {
    std::vector<std::string> tokens;
    uint32_t                 next = 0x100;
    for (uint32_t byte = 0; byte < 256; byte++) {
        const bool printable =
            (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || (byte >= 0xAE && byte <= 0xFF);
        std::string token;
        append_utf8(token, printable ? byte : next++);
        tokens.push_back(token);
    }
    return tokens;
}

struct ggml_context_deleter {
    void operator()(ggml_context * ctx) const { ggml_free(ctx); }
};
struct gguf_context_deleter {
    void operator()(gguf_context * ctx) const { gguf_free(ctx); }
};

class tiny_model_writer {
public:
    explicit tiny_model_writer(const tiny_model_options & options)
        : opt(options), gguf(gguf_init_empty()), random(options.seed) {
        const ggml_init_params params = { (size_t) 512 * ggml_tensor_overhead(), nullptr, /*no_alloc =*/true };
        ctx.reset(ggml_init(params));
        if (opt.arch != "llama" && opt.arch != "qwen2" && opt.arch != "qwen3") {
            throw std::runtime_error("unknown architecture '" + opt.arch + "': use llama, qwen2 or qwen3");
        }
        if (opt.n_head < 1 || opt.n_head_kv < 1 || opt.n_head % opt.n_head_kv != 0 ||
            (opt.head_dim == 0 && opt.n_embd % opt.n_head != 0)) {
            throw std::runtime_error("heads must divide the width, and key/value heads must divide the heads");
        }
        if (opt.head_dim == 0) {
            opt.head_dim = opt.n_embd / opt.n_head * (opt.arch == "qwen3" ? 2 : 1);
        }
    }

    void write(const std::string & path) {
        describe_model();
        describe_vocabulary();
        add_weights();
        if (!gguf_write_to_file(gguf.get(), path.c_str(), /*only_meta =*/false)) {
            throw std::runtime_error("could not write " + path);
        }
    }

private:
    void describe_model() {
        const std::string prefix  = opt.arch + ".";
        const auto        set_u32 = [&](const std::string & key, int value) {
            gguf_set_val_u32(gguf.get(), (prefix + key).c_str(), (uint32_t) value);
        };
        gguf_set_val_str(gguf.get(), "general.architecture", opt.arch.c_str());
        gguf_set_val_str(gguf.get(), "general.type", "model");
        gguf_set_val_str(gguf.get(), "general.name", ("Tiny random " + opt.arch).c_str());
        gguf_set_val_u32(gguf.get(), "general.file_type", find_type(opt.type).file_type);
        gguf_set_val_u32(gguf.get(), "general.quantization_version", 2);
        set_u32("block_count", opt.n_layer);
        set_u32("context_length", opt.n_ctx);
        set_u32("embedding_length", opt.n_embd);
        set_u32("feed_forward_length", opt.n_ff);
        set_u32("attention.head_count", opt.n_head);
        set_u32("attention.head_count_kv", opt.n_head_kv);
        set_u32("vocab_size", tiny_n_vocab);
        if (opt.arch == "qwen3" || opt.head_dim * opt.n_head != opt.n_embd) {
            set_u32("attention.key_length", opt.head_dim);
            set_u32("attention.value_length", opt.head_dim);
        }
        if (opt.arch == "llama") {
            set_u32("rope.dimension_count", opt.head_dim);
        }
        gguf_set_val_f32(gguf.get(), (prefix + "attention.layer_norm_rms_epsilon").c_str(), 1e-5f);
        gguf_set_val_f32(gguf.get(), (prefix + "rope.freq_base").c_str(), opt.rope_base);
        if (!opt.rope_scaling.empty()) {
            gguf_set_val_str(gguf.get(), (prefix + "rope.scaling.type").c_str(), opt.rope_scaling.c_str());
        }
        if (opt.rope_factor != 0.0f) {
            gguf_set_val_f32(gguf.get(), (prefix + "rope.scaling.factor").c_str(), opt.rope_factor);
        }
        if (opt.rope_attn_factor != 0.0f) {
            gguf_set_val_f32(gguf.get(), (prefix + "rope.scaling.attn_factor").c_str(), opt.rope_attn_factor);
        }
        if (opt.rope_orig_ctx != 0) {
            set_u32("rope.scaling.original_context_length", opt.rope_orig_ctx);
        }
    }

    void describe_vocabulary() {
        std::vector<std::string> tokens = byte_vocabulary();
        std::vector<int32_t>     kinds(tokens.size(), 1); // normal
        for (const char * special : { "<|endoftext|>", "<|im_start|>", "<|im_end|>" }) {
            tokens.push_back(special);
            kinds.push_back(3); // control
        }
        std::vector<const char *> pointers;
        for (const std::string & token : tokens) {
            pointers.push_back(token.c_str());
        }
        gguf_set_val_str(gguf.get(), "tokenizer.ggml.model", "gpt2");
        gguf_set_val_str(gguf.get(), "tokenizer.ggml.pre", opt.arch == "llama" ? "smollm" : "qwen2");
        gguf_set_arr_str(gguf.get(), "tokenizer.ggml.tokens", pointers.data(), pointers.size());
        gguf_set_arr_data(gguf.get(), "tokenizer.ggml.token_type", GGUF_TYPE_INT32, kinds.data(), kinds.size());
        gguf_set_arr_str(gguf.get(), "tokenizer.ggml.merges", nullptr, 0);
        gguf_set_val_u32(gguf.get(), "tokenizer.ggml.bos_token_id", tiny_token_im_start);
        gguf_set_val_u32(gguf.get(), "tokenizer.ggml.eos_token_id", tiny_token_im_end);
        gguf_set_val_u32(gguf.get(), "tokenizer.ggml.unknown_token_id", tiny_token_endoftext);
        gguf_set_val_u32(gguf.get(), "tokenizer.ggml.padding_token_id", tiny_token_im_end);
        gguf_set_val_bool(gguf.get(), "tokenizer.ggml.add_bos_token", false);
        if (opt.chat_template) {
            gguf_set_val_str(
                gguf.get(), "tokenizer.chat_template",
                "{%- for message in messages -%}"
                "{{- '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' -}}"
                "{%- endfor -%}"
                "{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}");
        }
    }

    void add_weights() {
        const int         n_q            = opt.n_head * opt.head_dim;
        const int         n_kv           = opt.n_head_kv * opt.head_dim;
        const std::string embedding_type = opt.embedding_type.empty() ? opt.type : opt.embedding_type;

        add_matrix("token_embd.weight", embedding_type, opt.n_embd, tiny_n_vocab,
                   opt.tied ? 1.6f / std::sqrt((float) opt.n_embd) : 0.5f);
        if (!opt.tied) {
            add_matrix("output.weight", embedding_type, opt.n_embd, tiny_n_vocab, 1.6f / std::sqrt((float) opt.n_embd));
        }
        add_vector("output_norm.weight", opt.n_embd, 1.0f, 0.1f);
        if (opt.rope_factors) {
            add_rope_factors();
        }
        for (int il = 0; il < opt.n_layer; il++) {
            const std::string block = "blk." + std::to_string(il) + ".";
            add_vector(block + "attn_norm.weight", opt.n_embd, 1.0f, 0.1f);
            add_linear(block + "attn_q", opt.n_embd, n_q, 1.2f);
            add_linear(block + "attn_k", opt.n_embd, n_kv, 1.2f);
            add_linear(block + "attn_v", opt.n_embd, n_kv, 1.0f);
            add_linear(block + "attn_output", n_q, opt.n_embd, 0.5f);
            if (opt.arch == "qwen2" || opt.biases) {
                add_vector(block + "attn_q.bias", n_q, 0.0f, 0.2f);
                add_vector(block + "attn_k.bias", n_kv, 0.0f, 0.2f);
                add_vector(block + "attn_v.bias", n_kv, 0.0f, 0.2f);
            }
            if (opt.arch == "qwen3") {
                add_vector(block + "attn_q_norm.weight", opt.head_dim, 1.0f, 0.1f);
                add_vector(block + "attn_k_norm.weight", opt.head_dim, 1.0f, 0.1f);
            }
            add_vector(block + "ffn_norm.weight", opt.n_embd, 1.0f, 0.1f);
            add_linear(block + "ffn_gate", opt.n_embd, opt.n_ff, 1.0f);
            add_linear(block + "ffn_up", opt.n_embd, opt.n_ff, 1.0f);
            add_linear(block + "ffn_down", opt.n_ff, opt.n_embd, 0.7f);
            if (opt.arch == "llama" && opt.biases) {
                add_vector(block + "attn_output.bias", opt.n_embd, 0.0f, 0.2f);
                add_vector(block + "ffn_gate.bias", opt.n_ff, 0.0f, 0.2f);
                add_vector(block + "ffn_up.bias", opt.n_ff, 0.0f, 0.2f);
                add_vector(block + "ffn_down.bias", opt.n_embd, 0.0f, 0.2f);
            }
        }
    }

    // gain 1 keeps the size of a unit-size input.
    void add_linear(const std::string & name, int n_in, int n_out, float gain) {
        add_matrix(name + ".weight", opt.type, n_in, n_out, gain / std::sqrt((float) n_in));
    }

    void add_matrix(const std::string & name, const std::string & type_name, int n_in, int n_out, float deviation) {
        const ggml_type type = find_type(type_name).type;
        if (n_in % ggml_blck_size(type) != 0) {
            throw std::runtime_error(name + " has rows of " + std::to_string(n_in) + " numbers: " + type_name +
                                     " needs a multiple of " + std::to_string(ggml_blck_size(type)));
        }
        std::vector<float> values((size_t) n_in * n_out);
        for (float & value : values) {
            value = deviation * random.normal();
        }
        std::vector<uint8_t> bytes(ggml_row_size(type, n_in) * (size_t) n_out);
        ggml_quantize_chunk(type, values.data(), bytes.data(), 0, n_out, n_in, nullptr);
        data.push_back(std::move(bytes));
        add_tensor(ggml_new_tensor_2d(ctx.get(), type, n_in, n_out), name);
    }

    void add_vector(const std::string & name, int n, float mean, float deviation) {
        std::vector<float> values((size_t) n);
        for (float & value : values) {
            value = mean + deviation * random.normal();
        }
        add_f32(name, values);
    }

    // Low frequencies are slowed down, high ones kept: the shape of Llama 3's factors.
    void add_rope_factors() {
        std::vector<float> factors((size_t) opt.head_dim / 2);
        for (size_t i = 0; i < factors.size(); i++) {
            factors[i] = i * 2 < factors.size() ? 1.0f : 1.0f + 7.0f * (float) i / (float) factors.size();
        }
        add_f32("rope_freqs.weight", factors);
    }

    void add_f32(const std::string & name, const std::vector<float> & values) {
        ggml_tensor *   cur   = ggml_new_tensor_1d(ctx.get(), GGML_TYPE_F32, (int64_t) values.size());
        const uint8_t * bytes = (const uint8_t *) values.data();
        data.emplace_back(bytes, bytes + values.size() * sizeof(float));
        add_tensor(cur, name);
    }

    void add_tensor(ggml_tensor * cur, const std::string & name) {
        ggml_set_name(cur, name.c_str());
        cur->data = data.back().data();
        gguf_add_tensor(gguf.get(), cur);
    }

    tiny_model_options                                  opt;
    std::unique_ptr<gguf_context, gguf_context_deleter> gguf;
    std::unique_ptr<ggml_context, ggml_context_deleter> ctx;
    tiny_random                                         random;
    std::vector<std::vector<uint8_t>>                   data; // one per tensor, alive until the file is written
};

} // namespace

void write_tiny_model(const tiny_model_options & options, const std::string & path) {
    tiny_model_writer(options).write(path);
}

void write_dequantised_model(const std::string & path, const std::string & output) {
    ggml_context *                                            data   = nullptr;
    const gguf_init_params                                    params = { /*no_alloc =*/false, &data };
    const std::unique_ptr<gguf_context, gguf_context_deleter> source(gguf_init_from_file(path.c_str(), params));
    if (!source) {
        throw std::runtime_error("could not read " + path);
    }
    const std::unique_ptr<ggml_context, ggml_context_deleter> source_data(data);
    const std::unique_ptr<gguf_context, gguf_context_deleter> target(gguf_init_empty());
    gguf_set_kv(target.get(), source.get());
    gguf_set_val_u32(target.get(), "general.file_type", 0);
    std::vector<std::vector<float>> values;
    const ggml_init_params meta = { (size_t) gguf_get_n_tensors(source.get()) * ggml_tensor_overhead(), nullptr,
                                    /*no_alloc =*/true };
    const std::unique_ptr<ggml_context, ggml_context_deleter> ctx(ggml_init(meta));
    for (ggml_tensor * cur = ggml_get_first_tensor(data); cur; cur = ggml_get_next_tensor(data, cur)) {
        if (ggml_n_dims(cur) > 2 || gguf_find_tensor(source.get(), cur->name) < 0) {
            continue; // the context's own data blob
        }
        ggml_tensor * plain = ggml_new_tensor_2d(ctx.get(), GGML_TYPE_F32, cur->ne[0], cur->ne[1]);
        values.emplace_back((size_t) ggml_nelements(cur));
        if (cur->type == GGML_TYPE_F32) {
            memcpy(values.back().data(), cur->data, ggml_nbytes(cur));
        } else {
            ggml_get_type_traits(cur->type)->to_float(cur->data, values.back().data(), ggml_nelements(cur));
        }
        plain->data = values.back().data();
        ggml_set_name(plain, cur->name);
        gguf_add_tensor(target.get(), plain);
    }
    if (!gguf_write_to_file(target.get(), output.c_str(), /*only_meta =*/false)) {
        throw std::runtime_error("could not write " + output);
    }
}
