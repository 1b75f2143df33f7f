#include "gguf-model.h"

#include "error.h"

#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

const char * const HINT_FILE = "Choose another base model file, or download this one again.";

[[noreturn]] void fail_corrupt(const std::string & what) {
    throw worker_error("model-corrupt", "The model file cannot be read: " + what + ".", HINT_FILE, EXIT_CODE_MODEL);
}

[[noreturn]] void fail_unsupported(const std::string & what) {
    throw worker_error("model-unsupported", what, "Choose a base model of the family llama, qwen2 or qwen3.",
                       EXIT_CODE_MODEL);
}

// Key values come from the file: ask for the type before the value, since ggml asserts on a wrong one.
bool find_key(const gguf_context * gguf, const std::string & key, gguf_type type, int64_t & id) {
    id = gguf_find_key(gguf, key.c_str());
    return id >= 0 && gguf_get_kv_type(gguf, id) == type;
}

std::string get_string(const gguf_context * gguf, const std::string & key) {
    int64_t id;
    return find_key(gguf, key, GGUF_TYPE_STRING, id) ? gguf_get_val_str(gguf, id) : "";
}

int64_t get_integer(const gguf_context * gguf, const std::string & key, int64_t fallback) {
    const int64_t id = gguf_find_key(gguf, key.c_str());
    if (id < 0) {
        return fallback;
    }
    switch (gguf_get_kv_type(gguf, id)) {
    case GGUF_TYPE_UINT32: return gguf_get_val_u32(gguf, id);
    case GGUF_TYPE_INT32: return gguf_get_val_i32(gguf, id);
    case GGUF_TYPE_UINT16: return gguf_get_val_u16(gguf, id);
    case GGUF_TYPE_UINT64: return (int64_t) gguf_get_val_u64(gguf, id);
    default: fail_corrupt("the key " + key + " is not an integer");
    }
}

float get_float(const gguf_context * gguf, const std::string & key, float fallback) {
    int64_t id;
    return find_key(gguf, key, GGUF_TYPE_FLOAT32, id) ? gguf_get_val_f32(gguf, id) : fallback;
}

std::string file_type_name(int64_t type) {
    static const std::map<int64_t, const char *> names = {
        { 0, "F32" },     { 1, "F16" },     { 2, "Q4_0" },    { 3, "Q4_1" },    { 7, "Q8_0" },    { 8, "Q5_0" },
        { 9, "Q5_1" },    { 10, "Q2_K" },   { 11, "Q3_K_S" }, { 12, "Q3_K_M" }, { 13, "Q3_K_L" }, { 14, "Q4_K_S" },
        { 15, "Q4_K_M" }, { 16, "Q5_K_S" }, { 17, "Q5_K_M" }, { 18, "Q6_K" },   { 32, "BF16" },
    };
    const auto found = names.find(type);
    return found == names.end() ? "type " + std::to_string(type) : found->second;
}

// Maps the file and checks that every tensor's data lie inside it.
void open_file(model & base, const std::string & path) {
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        throw worker_error("model-missing", "The model file cannot be opened: " + path + " (" + strerror(errno) + ").",
                           HINT_FILE, EXIT_CODE_MODEL);
    }
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size < 32) {
        close(fd);
        fail_corrupt("it is not a GGUF file");
    }
    base.file_size = (size_t) st.st_size;
    void * map     = mmap(nullptr, base.file_size, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (map == MAP_FAILED) {
        fail_corrupt("it cannot be mapped into memory");
    }
    base.file_data = (const uint8_t *) map;
    if (memcmp(base.file_data, "GGUF", 4) != 0) {
        fail_corrupt("it is not a GGUF file");
    }
    gguf_init_params params = { true, &base.ctx };
    base.gguf               = gguf_init_from_file(path.c_str(), params);
    if (!base.gguf) {
        fail_corrupt("its header is damaged or cut off");
    }
    const size_t  data_offset = gguf_get_data_offset(base.gguf);
    const int64_t n_tensor    = gguf_get_n_tensors(base.gguf);
    for (int64_t i = 0; i < n_tensor; i++) {
        const size_t offset = gguf_get_tensor_offset(base.gguf, i);
        const size_t size   = gguf_get_tensor_size(base.gguf, i);
        if (data_offset > base.file_size || offset > base.file_size - data_offset ||
            size > base.file_size - data_offset - offset) {
            fail_corrupt(std::string("it is cut off (tensor ") + gguf_get_tensor_name(base.gguf, i) +
                         " lies beyond its end)");
        }
        ggml_tensor * cur = ggml_get_tensor(base.ctx, gguf_get_tensor_name(base.gguf, i));
        if (!cur || ggml_nbytes(cur) != size) {
            fail_corrupt(std::string("tensor ") + gguf_get_tensor_name(base.gguf, i) + " has a wrong size");
        }
        cur->data = (void *) (base.file_data + data_offset + offset);
    }
}

void read_hparams(const gguf_context * gguf, model_hparams & hp) {
    hp.architecture          = get_string(gguf, "general.architecture");
    hp.name                  = get_string(gguf, "general.name");
    hp.file_type             = file_type_name(get_integer(gguf, "general.file_type", -1));
    const std::string prefix = hp.architecture + ".";
    const auto        get    = [&](const char * key, int64_t fallback) {
        const int64_t value = get_integer(gguf, prefix + key, fallback);
        if (value < 0 || value > (1 << 28)) {
            fail_corrupt("the key " + prefix + key + " is out of range");
        }
        return (int) value;
    };
    const int64_t n_tensor = gguf_get_n_tensors(gguf);
    hp.n_layer             = get("block_count", 0);
    if (hp.n_layer > n_tensor) {
        fail_corrupt("it names more layers than it holds");
    }
    hp.n_embd      = get("embedding_length", 0);
    hp.n_ff        = get("feed_forward_length", 0);
    hp.n_head      = get("attention.head_count", 0);
    hp.n_head_kv   = get("attention.head_count_kv", hp.n_head);
    hp.n_ctx_train = get("context_length", 0);
    hp.n_head_dim  = get("attention.key_length", hp.n_head > 0 ? hp.n_embd / hp.n_head : 0);
    hp.n_rot       = get("rope.dimension_count", hp.n_head_dim);
    hp.rms_eps     = get_float(gguf, prefix + "attention.layer_norm_rms_epsilon", 1e-5f);
    hp.rope_base   = get_float(gguf, prefix + "rope.freq_base", 10000.0f);
    hp.rope_neox   = hp.architecture != "llama";
}

void check_supported(const gguf_context * gguf, const model_hparams & hp) {
    const std::string & arch = hp.architecture;
    if (get_string(gguf, "general.type") == "adapter") {
        fail_unsupported("This file is a LoRA adapter, not a base model.");
    }
    if (arch.empty()) {
        fail_corrupt("it names no architecture");
    }
    if (arch != "llama" && arch != "qwen2" && arch != "qwen3") {
        fail_unsupported("Models of the architecture \"" + arch + "\" cannot be trained.");
    }
    if (get_integer(gguf, arch + ".expert_count", 0) > 0) {
        fail_unsupported("Mixture-of-experts models cannot be trained.");
    }
    const std::string scaling = get_string(gguf, arch + ".rope.scaling.type");
    if (!scaling.empty() && scaling != "none") {
        fail_unsupported("Models with rope scaling \"" + scaling + "\" cannot be trained yet.");
    }
    if (get_float(gguf, arch + ".rope.scale_linear", 1.0f) != 1.0f) {
        fail_unsupported("Models with linear rope scaling cannot be trained yet.");
    }
    const int value_length = (int) get_integer(gguf, arch + ".attention.value_length", hp.n_head_dim);
    if (hp.n_layer < 1 || hp.n_embd < 1 || hp.n_ff < 1 || hp.n_ctx_train < 1 || hp.n_head < 1 || hp.n_head_kv < 1 ||
        hp.n_head_dim < 2 || hp.n_head > (1 << 14) || hp.n_head_dim > (1 << 14) || hp.n_head % hp.n_head_kv != 0 ||
        hp.n_rot % 2 != 0 || hp.n_rot < 2 || hp.n_rot > hp.n_head_dim || !(hp.rms_eps >= 0.0f) ||
        !(hp.rope_base > 0.0f)) {
        fail_corrupt("its dimensions do not fit together");
    }
    if (value_length != hp.n_head_dim) {
        fail_unsupported("Models whose keys and values differ in width cannot be trained.");
    }
}

ggml_tensor * need_tensor(const model & base, const std::string & name, int64_t ne0, int64_t ne1) {
    ggml_tensor * cur = ggml_get_tensor(base.ctx, name.c_str());
    if (!cur) {
        fail_corrupt("tensor " + name + " is missing");
    }
    if (cur->ne[0] != ne0 || cur->ne[1] != ne1 || cur->ne[2] != 1 || cur->ne[3] != 1) {
        fail_corrupt("tensor " + name + " has an unexpected shape");
    }
    if (cur->type != GGML_TYPE_F32 && !ggml_get_type_traits(cur->type)->to_float) {
        fail_unsupported(std::string("Weights of type ") + ggml_type_name(cur->type) + " cannot be trained.");
    }
    return cur;
}

ggml_tensor * need_vector(const model & base, const std::string & name, int64_t n) {
    ggml_tensor * cur = need_tensor(base, name, n, 1);
    if (cur->type != GGML_TYPE_F32) {
        fail_unsupported("Tensor " + name + " is expected as F32.");
    }
    return cur;
}

void read_layers(model & base) {
    const model_hparams & hp   = base.hparams;
    const int             n_q  = hp.n_head * hp.n_head_dim;
    const int             n_kv = hp.n_head_kv * hp.n_head_dim;
    struct module_shape {
        group_kind   kind;
        const char * name;
        int          n_in;
        int          n_out;
    };
    const module_shape modules[] = {
        { GROUP_QKV, "attn_q", hp.n_embd, n_q },           { GROUP_QKV, "attn_k", hp.n_embd, n_kv },
        { GROUP_QKV, "attn_v", hp.n_embd, n_kv },          { GROUP_OUTPUT, "attn_output", n_q, hp.n_embd },
        { GROUP_GATE_UP, "ffn_gate", hp.n_embd, hp.n_ff }, { GROUP_GATE_UP, "ffn_up", hp.n_embd, hp.n_ff },
        { GROUP_DOWN, "ffn_down", hp.n_ff, hp.n_embd },
    };
    base.layers.resize(hp.n_layer);
    for (int il = 0; il < hp.n_layer; il++) {
        model_layer &     layer  = base.layers[il];
        const std::string prefix = "blk." + std::to_string(il) + ".";
        layer.attn_norm          = need_vector(base, prefix + "attn_norm.weight", hp.n_embd);
        layer.ffn_norm           = need_vector(base, prefix + "ffn_norm.weight", hp.n_embd);
        if (hp.architecture == "qwen3") {
            layer.q_norm = need_vector(base, prefix + "attn_q_norm.weight", hp.n_head_dim);
            layer.k_norm = need_vector(base, prefix + "attn_k_norm.weight", hp.n_head_dim);
        }
        for (const module_shape & shape : modules) {
            model_linear linear;
            linear.module = shape.name;
            linear.name   = prefix + shape.name;
            linear.n_in   = shape.n_in;
            linear.n_out  = shape.n_out;
            linear.weight = need_tensor(base, linear.name + ".weight", shape.n_in, shape.n_out);
            if (ggml_get_tensor(base.ctx, (linear.name + ".bias").c_str())) {
                linear.bias = need_vector(base, linear.name + ".bias", shape.n_out);
            }
            model_group & group = layer.groups[shape.kind];
            group.n_in          = shape.n_in;
            group.n_out += shape.n_out;
            group.members.push_back(linear);
        }
    }
}

void read_tensors(model & base) {
    model_hparams & hp   = base.hparams;
    ggml_tensor *   embd = ggml_get_tensor(base.ctx, "token_embd.weight");
    if (!embd) {
        fail_corrupt("tensor token_embd.weight is missing");
    }
    hp.n_vocab       = (int) embd->ne[1];
    base.token_embd  = need_tensor(base, "token_embd.weight", hp.n_embd, hp.n_vocab);
    base.output_norm = need_vector(base, "output_norm.weight", hp.n_embd);
    const bool tied  = ggml_get_tensor(base.ctx, "output.weight") == nullptr;
    base.output      = tied ? base.token_embd : need_tensor(base, "output.weight", hp.n_embd, hp.n_vocab);
    if (ggml_get_tensor(base.ctx, "rope_freqs.weight")) {
        const ggml_tensor * freqs = need_vector(base, "rope_freqs.weight", hp.n_rot / 2);
        const float *       data  = (const float *) freqs->data;
        base.rope_freqs.assign(data, data + hp.n_rot / 2);
    }
    read_layers(base);
}

} // namespace

model::~model() {
    if (buffer) {
        ggml_backend_buffer_free(buffer);
    }
    if (gguf) {
        gguf_free(gguf);
    }
    if (ctx) {
        ggml_free(ctx);
    }
    if (file_data) {
        munmap((void *) file_data, file_size);
    }
}

std::unique_ptr<model> model_open(const std::string & path, model_info * info, bool need_supported) {
    auto base = std::make_unique<model>();
    open_file(*base, path);
    read_hparams(base->gguf, base->hparams);
    std::string reason;
    try {
        check_supported(base->gguf, base->hparams);
        read_tensors(*base);
    } catch (const worker_error & error) {
        if (need_supported || error.code != "model-unsupported") {
            throw;
        }
        reason = error.what();
    }
    if (info) {
        info->hparams = base->hparams;
        if (info->hparams.n_vocab == 0) {
            const ggml_tensor * embd = ggml_get_tensor(base->ctx, "token_embd.weight");
            info->hparams.n_vocab    = embd ? (int) embd->ne[1] : 0;
        }
        info->is_adapter        = get_string(base->gguf, "general.type") == "adapter";
        info->has_chat_template = !get_string(base->gguf, "tokenizer.chat_template").empty();
        info->supported         = reason.empty();
        info->reason            = reason;
        for (int64_t i = 0; i < gguf_get_n_tensors(base->gguf); i++) {
            info->tensor_types[ggml_type_name(gguf_get_tensor_type(base->gguf, i))]++;
        }
    }
    return base;
}

void model_bind(model & base, ggml_backend_dev_t device) {
    void *       data = base.file_data ? (void *) base.file_data : ggml_get_mem_buffer(base.ctx);
    const size_t size = base.file_data ? base.file_size : ggml_get_mem_size(base.ctx);
    base.buffer       = ggml_backend_dev_buffer_from_host_ptr(device, data, size, size);
    if (!base.buffer) {
        throw worker_error("device-failed", "The device cannot use the mapped model file.", "Choose the CPU.",
                           EXIT_CODE_FAILED);
    }
    for (ggml_tensor * cur = ggml_get_first_tensor(base.ctx); cur; cur = ggml_get_next_tensor(base.ctx, cur)) {
        void * place = cur->data;
        cur->data    = nullptr;
        if (ggml_backend_tensor_alloc(base.buffer, cur, place) != GGML_STATUS_SUCCESS) {
            fail_corrupt(std::string("tensor ") + cur->name + " cannot be used in place");
        }
    }
}

void model_drop_pages(const model & base) {
    if (!base.file_data) {
        return;
    }
    madvise((void *) base.file_data, base.file_size, MADV_DONTNEED);
}

void model_dequantise(const ggml_tensor * weight, int64_t row, int64_t n_row, float * dst) {
    const char *  src = (const char *) weight->data + row * weight->nb[1];
    const int64_t n   = n_row * weight->ne[0];
    if (weight->type == GGML_TYPE_F32) {
        memcpy(dst, src, n * sizeof(float));
    } else {
        ggml_get_type_traits(weight->type)->to_float(src, dst, n);
    }
}
