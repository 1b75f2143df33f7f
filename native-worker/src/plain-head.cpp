#include "plain-base.h"

#include <algorithm>
#include <cmath>
#include <limits>

// Rows of W that are dequantised at a time; 64 of their numbers are 256 bytes, which every device takes as an offset.
static int64_t block_rows(const ggml_tensor * weight, const plain_settings & settings) {
    return std::max<int64_t>(64, settings.block_bytes / (int64_t) sizeof(float) / weight->ne[0] / 64 * 64);
}

size_t plain_node_limit(const model & base, const micro_batch & batch, const plain_settings & settings) {
    const auto blocks = [&](const ggml_tensor * weight) {
        return settings.transposed ? 1 : (size_t) (weight->ne[1] / block_rows(weight, settings)) + 1;
    };
    const size_t n_head = batch.rows.size() / (size_t) settings.head_rows + 1;
    size_t       n      = 256 + n_head * (48 + 8 * blocks(base.output));
    for (const model_layer & layer : base.layers) {
        n += 512;
        for (const model_group & group : layer.groups) {
            for (const model_linear & linear : group.members) {
                n += 8 * blocks(linear.weight);
            }
        }
    }
    return n;
}

plain_base::plain_base(const plain_context & context)
    : c(context), n_seq(context.request.batch->n_seq), n_len(context.request.batch->n_len), n_token(n_seq * n_len),
      n_row((int) context.request.batch->rows.size()) {
    GGML_ASSERT(context.request.batch->offsets.empty());
    tokens    = input(GGML_TYPE_I32, n_token, 1);
    positions = input(GGML_TYPE_I32, n_token, 1);
    mask      = input(GGML_TYPE_F32, n_len, n_len);
    rows      = input(GGML_TYPE_I32, n_row, 1);
    weights   = input(GGML_TYPE_F32, 1, n_row);
    if (context.request.teacher) {
        teacher  = input(GGML_TYPE_F32, hp().n_embd, n_row);
        by_kl    = input(GGML_TYPE_F32, 1, n_row);
        by_label = input(GGML_TYPE_F32, 1, n_row);
    }
}

ggml_tensor * plain_base::input(ggml_type type, int64_t ne0, int64_t ne1) {
    ggml_tensor * cur = ggml_new_tensor_2d(c.ctx, type, ne0, ne1);
    ggml_set_input(cur);
    // An input that one pass does not read would otherwise stay without memory.
    ggml_build_forward_expand(c.graph, cur);
    return cur;
}

ggml_tensor * plain_base::output(ggml_tensor * cur) {
    ggml_set_output(cur);
    ggml_build_forward_expand(c.graph, cur);
    return cur;
}

ggml_tensor * plain_base::rows_of(ggml_tensor * x, int64_t first, int64_t n) {
    return ggml_view_2d(c.ctx, x, n, x->ne[1], x->nb[1], (size_t) first * ggml_element_size(x));
}

ggml_tensor * plain_base::columns_of(ggml_tensor * x, int64_t first, int64_t n) {
    return ggml_view_2d(c.ctx, x, x->ne[0], n, x->nb[1], (size_t) first * x->nb[1]);
}

ggml_tensor * plain_base::weight_back(ggml_tensor * weight, ggml_tensor * dy) {
    const plain_settings & settings = c.weights->settings;
    if (settings.transposed) {
        return ggml_mul_mat(c.ctx, c.weights->transposed.at(weight), dy);
    }
    const int64_t n_out = weight->ne[1];
    const int64_t block = block_rows(weight, settings);
    ggml_tensor * sum   = nullptr;
    for (int64_t first = 0; first < n_out; first += block) {
        const int64_t n     = std::min(block, n_out - first);
        ggml_tensor * index = ggml_view_1d(c.ctx, c.weights->index, n, (size_t) first * sizeof(int32_t));
        ggml_tensor * w     = ggml_get_rows(c.ctx, c.weights->of(weight), index);
        ggml_tensor * cur   = ggml_mul_mat(c.ctx, transposed(w), rows_of(dy, first, n));
        ggml_mul_mat_set_prec(cur, GGML_PREC_F32);
        sum = sum ? ggml_add(c.ctx, sum, cur) : cur;
        ggml_build_forward_expand(c.graph, sum); // one block after the other, so that they share their memory
    }
    return sum;
}

// x [m, n], index [n] -> [1, 1, n]: one value of each column.
ggml_tensor * plain_base::pick(ggml_tensor * x, ggml_tensor * index) {
    return ggml_get_rows(c.ctx, ggml_reshape_3d(c.ctx, x, 1, x->ne[0], x->ne[1]),
                         ggml_reshape_2d(c.ctx, index, 1, x->ne[1]));
}

// dh = W^T (p w) - W[label] w, or W^T ((p - p_base) w): one product, so that near values cancel before it
ggml_tensor * plain_base::head_rows(ggml_tensor * h, int first, int n) {
    ggml_tensor * head   = c.weights->of(c.base->output);
    ggml_tensor * label  = input(GGML_TYPE_I32, n, 1); // no view: Vulkan wants an index to begin at an aligned address
    ggml_tensor * logits = ggml_mul_mat(c.ctx, head, columns_of(h, first, n));
    ggml_tensor * p      = ggml_soft_max(c.ctx, logits);
    plain_losses  part;
    part.first    = first;
    part.n        = n;
    part.labels   = label;
    part.at_label = output(pick(logits, label));
    part.argmax   = output(ggml_argmax(c.ctx, logits));
    part.top      = output(pick(logits, part.argmax));
    part.p_top    = output(pick(p, part.argmax));
    if (c.request.on_logits) {
        part.logits = output(logits);
    }
    if (teacher) {
        ggml_tensor * from   = ggml_mul_mat(c.ctx, head, columns_of(teacher, first, n));
        ggml_tensor * p_base = ggml_soft_max(c.ctx, from);
        ggml_tensor * most   = ggml_argmax(c.ctx, from);
        part.base_top        = output(pick(from, most));
        part.base_p_top      = output(pick(p_base, most));
        part.apart           = output(ggml_sum_rows(c.ctx, ggml_mul(c.ctx, p_base, ggml_sub(c.ctx, from, logits))));
        p                    = ggml_sub(c.ctx, p, ggml_mul(c.ctx, p_base, columns_of(by_kl, first, n)));
    }
    losses.push_back(part);
    if (!c.request.backward) {
        return nullptr;
    }
    ggml_tensor * weight = columns_of(weights, first, n);
    ggml_tensor * at =
        ggml_mul(c.ctx, ggml_get_rows(c.ctx, head, label), teacher ? columns_of(by_label, first, n) : weight);
    ggml_tensor * dh = ggml_sub(c.ctx, weight_back(c.base->output, ggml_mul(c.ctx, p, weight)), at);
    ggml_build_forward_expand(c.graph, dh);
    return dh;
}

ggml_tensor * plain_base::head(ggml_tensor * h) {
    if (c.request.hidden) {
        return hidden = output(ggml_cont(c.ctx, h));
    }
    ggml_tensor * all = nullptr;
    for (int first = 0; first < n_row; first += c.weights->settings.head_rows) {
        ggml_tensor * dh = head_rows(h, first, std::min(c.weights->settings.head_rows, n_row - first));
        all              = all && dh ? ggml_concat(c.ctx, all, dh, 1) : dh;
    }
    return all ? all : losses.back().p_top;
}

void plain_base::upload() {
    const micro_batch &  batch = *c.request.batch;
    std::vector<int32_t> place(n_token);
    std::vector<float>   causal((size_t) n_len * n_len, 0.0f);
    for (int i = 0; i < n_token; i++) {
        place[i] = i % n_len;
    }
    for (int i = 0; i < n_len; i++) {
        for (int j = i + 1; j < n_len; j++) {
            causal[(size_t) i * n_len + j] = -std::numeric_limits<float>::infinity();
        }
    }
    ggml_backend_tensor_set(tokens, batch.tokens.data(), 0, ggml_nbytes(tokens));
    ggml_backend_tensor_set(positions, place.data(), 0, ggml_nbytes(positions));
    ggml_backend_tensor_set(mask, causal.data(), 0, ggml_nbytes(mask));
    ggml_backend_tensor_set(rows, batch.rows.data(), 0, ggml_nbytes(rows));
    for (const plain_losses & part : losses) {
        ggml_backend_tensor_set(part.labels, batch.labels.data() + part.first, 0, ggml_nbytes(part.labels));
    }
    ggml_backend_tensor_set(weights, batch.weights.data(), 0, ggml_nbytes(weights));
    if (teacher) {
        upload_teacher(batch);
    }
}

void plain_base::upload_teacher(const micro_batch & batch) {
    const size_t       d = (size_t) hp().n_embd;
    std::vector<float> rows_of_base(d * n_row, 0.0f);
    std::vector<float> mark(n_row, 0.0f);
    std::vector<float> at   = batch.weights;
    const float *      from = c.request.teacher;
    for (int i = 0; i < n_row; i++) {
        if (batch.kl[i]) {
            std::copy(from, from + d, rows_of_base.begin() + (ptrdiff_t) (d * i));
            from += d;
            mark[i] = 1.0f;
            at[i]   = 0.0f;
        }
    }
    ggml_backend_tensor_set(teacher, rows_of_base.data(), 0, ggml_nbytes(teacher));
    ggml_backend_tensor_set(by_kl, mark.data(), 0, ggml_nbytes(by_kl));
    ggml_backend_tensor_set(by_label, at.data(), 0, ggml_nbytes(by_label));
}

static std::vector<float> values_of(const ggml_tensor * cur) {
    std::vector<float> out((size_t) ggml_nelements(cur));
    ggml_backend_tensor_get(cur, out.data(), 0, ggml_nbytes(cur));
    return out;
}

void plain_base::download_losses(const plain_losses & part) {
    pass_output &            output   = *c.request.output;
    const std::vector<float> at_label = values_of(part.at_label);
    const std::vector<float> top      = values_of(part.top);
    const std::vector<float> p_top    = values_of(part.p_top);
    ggml_backend_tensor_get(part.argmax, output.argmax.data() + part.first, 0, ggml_nbytes(part.argmax));
    std::vector<double> log_sum(part.n);
    for (int i = 0; i < part.n; i++) {
        log_sum[i]                 = top[i] - std::log((double) p_top[i]);
        output.nll[part.first + i] = (float) (log_sum[i] - at_label[i]);
    }
    if (part.apart) {
        const std::vector<float> base_top   = values_of(part.base_top);
        const std::vector<float> base_p_top = values_of(part.base_p_top);
        const std::vector<float> apart      = values_of(part.apart);
        for (int i = 0; i < part.n; i++) {
            if (c.request.batch->kl[part.first + i]) {
                const double log_base      = base_top[i] - std::log((double) base_p_top[i]);
                output.nll[part.first + i] = (float) std::max(0.0, apart[i] - log_base + log_sum[i]);
            }
        }
    }
    if (part.logits) {
        const std::vector<float> logits = values_of(part.logits);
        c.request.on_logits(part.first, part.n, hp().n_vocab, logits.data(), c.request.on_logits_data);
    }
}

void plain_base::download() {
    for (const grad_result & grad : grads) {
        ggml_backend_tensor_get(grad.tensor, c.request.grads + grad.offset, 0, ggml_nbytes(grad.tensor));
    }
    if (hidden) {
        ggml_backend_tensor_get(hidden, c.request.hidden, 0, ggml_nbytes(hidden));
        return;
    }
    c.request.output->nll.resize(n_row);
    c.request.output->argmax.resize(n_row);
    for (const plain_losses & part : losses) {
        download_losses(part);
    }
}
