#include "error.h"
#include "plain-ops.h"

plain_weights::~plain_weights() {
    if (buffer) {
        ggml_backend_buffer_free(buffer);
    }
    if (ctx) {
        ggml_free(ctx);
    }
}

namespace {

ggml_type transposed_type(const ggml_tensor * weight) {
    return ggml_is_quantized(weight->type) && weight->ne[1] % 32 == 0 ? GGML_TYPE_Q8_0 : GGML_TYPE_F32;
}

// Column by column in blocks, so that no whole F32 copy is needed next to the result.
void fill_transposed(const ggml_tensor * weight, ggml_tensor * dst) {
    const int64_t      n_in  = weight->ne[0];
    const int64_t      n_out = weight->ne[1];
    std::vector<float> rows((size_t) n_in);
    const int64_t      block = 64;
    std::vector<float> turned((size_t) (block * n_out));
    std::vector<char>  packed(ggml_row_size(dst->type, n_out) * block);
    for (int64_t first = 0; first < n_in; first += block) {
        const int64_t n = first + block < n_in ? block : n_in - first;
        for (int64_t row = 0; row < n_out; row++) {
            model_dequantise(weight, row, 1, rows.data());
            for (int64_t i = 0; i < n; i++) {
                turned[(size_t) (i * n_out + row)] = rows[(size_t) (first + i)];
            }
        }
        const size_t size = ggml_row_size(dst->type, n_out) * n;
        if (dst->type == GGML_TYPE_F32) {
            ggml_backend_tensor_set(dst, turned.data(), (size_t) first * dst->nb[1], size);
        } else {
            ggml_quantize_chunk(dst->type, turned.data(), packed.data(), 0, n, n_out, nullptr);
            ggml_backend_tensor_set(dst, packed.data(), (size_t) first * dst->nb[1], size);
        }
    }
}

} // namespace

void plain_weights_init(plain_weights & weights, const model & base, const lora & adapter, ggml_backend_t backend,
                        bool forward_only) {
    const size_t     n_tensor = base.layers.size() * 7 * 3 + 8;
    ggml_init_params init     = { ggml_tensor_overhead() * n_tensor, nullptr, true };
    weights.ctx               = ggml_init(init);
    const auto add_transposed = [&](const ggml_tensor * weight) {
        if (forward_only) {
            return;
        }
        weights.transposed[weight] =
            ggml_new_tensor_2d(weights.ctx, transposed_type(weight), weight->ne[1], weight->ne[0]);
    };
    weights.groups.resize(base.layers.size());
    for (size_t il = 0; il < base.layers.size(); il++) {
        for (int kind = 0; kind < GROUP_COUNT; kind++) {
            const model_group & group = base.layers[il].groups[kind];
            const lora_group &  lora  = adapter.layers[il][kind];
            plain_group         out;
            if (lora.n_t > 0) {
                out.a = ggml_new_tensor_2d(weights.ctx, GGML_TYPE_F32, group.n_in, lora.n_t);
            }
            for (size_t i = 0; i < group.members.size(); i++) {
                add_transposed(group.members[i].weight);
                out.b.push_back(lora.pair[i] < 0 ? nullptr
                                                 : ggml_new_tensor_2d(weights.ctx, GGML_TYPE_F32, adapter.rank,
                                                                      group.members[i].n_out));
            }
            weights.groups[il].push_back(out);
        }
    }
    add_transposed(base.output);
    if (!base.rope_freqs.empty()) {
        weights.rope_freqs = ggml_new_tensor_1d(weights.ctx, GGML_TYPE_F32, (int64_t) base.rope_freqs.size());
    }
    if (!ggml_get_first_tensor(weights.ctx)) {
        return; // forward only, without an adapter
    }
    weights.buffer = ggml_backend_alloc_ctx_tensors(weights.ctx, backend);
    if (!weights.buffer) {
        throw worker_error("out-of-memory", "There is not enough memory for the transposed weights.",
                           "Close other programs or choose a smaller base model.", EXIT_CODE_MEMORY);
    }
    for (const auto & item : weights.transposed) {
        fill_transposed(item.first, item.second);
    }
    if (weights.rope_freqs) {
        ggml_backend_tensor_set(weights.rope_freqs, base.rope_freqs.data(), 0, ggml_nbytes(weights.rope_freqs));
    }
}

void plain_weights_refresh(plain_weights & weights, const lora & adapter) {
    for (const lora_pair & pair : adapter.pairs) {
        plain_group & group = weights.groups[pair.layer][pair.group];
        ggml_backend_tensor_set(group.a, adapter.params.data() + pair.offset_a, pair.t_row * group.a->nb[1],
                                sizeof(float) * pair.rank * pair.n_in);
        ggml_tensor * b = group.b[pair.member];
        ggml_backend_tensor_set(b, adapter.params.data() + pair.offset_b, 0, ggml_nbytes(b));
    }
}
