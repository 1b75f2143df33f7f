#include "gguf-model.h"

#include "error.h"
#include "gguf-keys.h"
#include "model-support.h"

#include <cmath>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

const char * const HINT_FILE = "Choose another base model file, or download this one again.";

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
        for (float factor : base.rope_freqs) {
            if (!(factor > 0.0f) || !std::isfinite(factor)) {
                fail_corrupt("tensor rope_freqs.weight holds values that are no factors");
            }
        }
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
    std::string unusual;
    read_hparams(base->gguf, base->hparams, unusual);
    std::string reason;
    try {
        check_supported(base->gguf, base->hparams, unusual);
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
        info->is_adapter        = key_string(base->gguf, "general.type") == "adapter";
        info->has_chat_template = !key_string(base->gguf, "tokenizer.chat_template").empty();
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
