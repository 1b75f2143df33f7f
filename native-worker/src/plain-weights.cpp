#include "error.h"
#include "plain-ops.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <thread>

plain_weights::~plain_weights() {
    if (buffer) {
        ggml_backend_buffer_free(buffer);
    }
    if (ctx) {
        ggml_free(ctx);
    }
}

ggml_tensor * plain_weights::of(ggml_tensor * weight) const {
    const auto found = uploaded.find(weight);
    return found == uploaded.end() ? weight : found->second;
}

namespace {

ggml_type transposed_type(const ggml_tensor * weight) {
    return weight->type != GGML_TYPE_F32 && weight->ne[1] % 32 == 0 ? GGML_TYPE_Q8_0 : GGML_TYPE_F32;
}

// Turns rows [first_row, first_row + n_row) of columns [first, first + n) into `dst`: rows of `stride` bytes, one for
// every column.
void turn_rows(const ggml_tensor * weight, ggml_type type, int64_t first_row, int64_t n_row, int64_t first, int64_t n,
               char * dst, size_t stride) {
    const int64_t      tile = 128;
    std::vector<float> rows((size_t) (tile * weight->ne[0]));
    std::vector<float> turned((size_t) (tile * n));
    std::vector<char>  packed(ggml_row_size(type, tile) * (size_t) n);
    for (int64_t at = first_row; at < first_row + n_row; at += tile) {
        const int64_t height = std::min(tile, first_row + n_row - at);
        model_dequantise(weight, at, height, rows.data());
        for (int64_t row = 0; row < height; row++) {
            const float * src = rows.data() + row * weight->ne[0] + first;
            for (int64_t i = 0; i < n; i++) {
                turned[(size_t) (i * height + row)] = src[i];
            }
        }
        const size_t size = ggml_row_size(type, height);
        const char * src  = (const char *) turned.data();
        if (type != GGML_TYPE_F32) {
            ggml_quantize_chunk(type, turned.data(), packed.data(), 0, n, height, nullptr);
            src = packed.data();
        }
        for (int64_t i = 0; i < n; i++) {
            memcpy(dst + (size_t) i * stride + ggml_row_size(type, at), src + (size_t) i * size, size);
        }
    }
}

// A panel of columns at a time, so that only a part of the result waits in memory.
void fill_transposed(const ggml_tensor * weight, ggml_tensor * dst, int n_thread) {
    const int64_t     n_in   = weight->ne[0];
    const int64_t     n_out  = weight->ne[1];
    const size_t      stride = ggml_row_size(dst->type, n_out);
    const int64_t     panel  = std::max<int64_t>(1, std::min(n_in, ((int64_t) 256 << 20) / (int64_t) stride));
    const int64_t     share  = (n_out / n_thread + 127) / 128 * 128; // whole tiles
    std::vector<char> columns(stride * (size_t) panel);
    for (int64_t first = 0; first < n_in; first += panel) {
        const int64_t            n = std::min(panel, n_in - first);
        std::vector<std::thread> threads;
        for (int64_t row = share; row < n_out; row += share) {
            threads.emplace_back(turn_rows, weight, dst->type, row, std::min(share, n_out - row), first, n,
                                 columns.data(), stride);
        }
        turn_rows(weight, dst->type, 0, std::min(share, n_out), first, n, columns.data(), stride);
        for (std::thread & thread : threads) {
            thread.join();
        }
        ggml_backend_tensor_set(dst, columns.data(), (size_t) first * dst->nb[1], stride * (size_t) n);
    }
}

void add_uploaded(plain_weights & weights, ggml_tensor * weight) {
    if (weight && weights.settings.upload && !weights.uploaded.count(weight)) {
        weights.uploaded[weight] = ggml_new_tensor(weights.ctx, weight->type, GGML_MAX_DIMS, weight->ne);
        ggml_set_name(weights.uploaded[weight], weight->name);
    }
}

void add_weight(plain_weights & weights, ggml_tensor * weight) {
    const plain_settings & settings = weights.settings;
    add_uploaded(weights, weight);
    if (!settings.forward_only && settings.transposed && !weights.transposed.count(weight)) {
        weights.transposed[weight] =
            ggml_new_tensor_2d(weights.ctx, transposed_type(weight), weight->ne[1], weight->ne[0]);
        ggml_format_name(weights.transposed[weight], "%s transposed", weight->name);
    }
}

void layout_layer(plain_weights & weights, const model_layer & layer, const std::vector<lora_group> & adapted,
                  int rank) {
    std::vector<plain_group> groups;
    for (ggml_tensor * norm : { layer.attn_norm, layer.ffn_norm, layer.q_norm, layer.k_norm }) {
        add_uploaded(weights, norm);
    }
    for (int kind = 0; kind < GROUP_COUNT; kind++) {
        const model_group & group = layer.groups[kind];
        plain_group         out;
        if (adapted[kind].n_t > 0) {
            out.a = ggml_new_tensor_2d(weights.ctx, GGML_TYPE_F32, group.n_in, adapted[kind].n_t);
        }
        for (size_t i = 0; i < group.members.size(); i++) {
            const model_linear & linear = group.members[i];
            add_weight(weights, linear.weight);
            add_uploaded(weights, linear.bias);
            out.b.push_back(adapted[kind].pair[i] < 0
                                ? nullptr
                                : ggml_new_tensor_2d(weights.ctx, GGML_TYPE_F32, rank, linear.n_out));
        }
        groups.push_back(out);
    }
    weights.groups.push_back(groups);
}

} // namespace

void plain_weights_layout(plain_weights & weights, const model & base, const lora & adapter,
                          const plain_settings & settings) {
    const size_t     n_tensor = base.layers.size() * 40 + 16;
    ggml_init_params init     = { ggml_tensor_overhead() * n_tensor, nullptr, true };
    weights.ctx               = ggml_init(init);
    weights.settings          = settings;
    add_uploaded(weights, base.token_embd);
    add_uploaded(weights, base.output_norm);
    int64_t n_index = base.output->ne[1];
    for (size_t il = 0; il < base.layers.size(); il++) {
        layout_layer(weights, base.layers[il], adapter.layers[il], adapter.rank);
        for (const model_group & group : base.layers[il].groups) {
            n_index = std::max<int64_t>(n_index, group.n_out);
        }
    }
    add_weight(weights, base.output);
    if (!settings.forward_only && !settings.transposed) {
        weights.index = ggml_new_tensor_1d(weights.ctx, GGML_TYPE_I32, n_index);
    }
    if (!base.rope_freqs.empty()) {
        weights.rope_freqs = ggml_new_tensor_1d(weights.ctx, GGML_TYPE_F32, (int64_t) base.rope_freqs.size());
    }
}

void plain_weights_load(plain_weights & weights, const model & base, ggml_backend_t backend, int n_thread) {
    if (!ggml_get_first_tensor(weights.ctx)) {
        return; // forward only, in place, without an adapter
    }
    weights.buffer = ggml_backend_alloc_ctx_tensors(weights.ctx, backend);
    if (!weights.buffer) {
        throw worker_error("out-of-memory", "There is not enough memory for the model's weights.",
                           "Close other programs or choose a smaller base model.", EXIT_CODE_MEMORY);
    }
    ggml_backend_buffer_set_usage(weights.buffer, GGML_BACKEND_BUFFER_USAGE_WEIGHTS);
    for (const auto & item : weights.transposed) {
        fill_transposed(item.first, item.second, std::max(1, n_thread));
    }
    for (const auto & item : weights.uploaded) {
        ggml_backend_tensor_set(item.second, item.first->data, 0, ggml_nbytes(item.second));
    }
    if (weights.index) {
        std::vector<int32_t> index((size_t) weights.index->ne[0]);
        std::iota(index.begin(), index.end(), 0);
        ggml_backend_tensor_set(weights.index, index.data(), 0, ggml_nbytes(weights.index));
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
