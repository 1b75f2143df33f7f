#include "plain-base.h"

#include <cmath>

namespace {

struct plain_ops : plain_base {
    using plain_base::plain_base;

    const model_group & group_of(int il, int kind) const { return c.base->layers[il].groups[kind]; }
    const lora_group &  lora_of(int il, int kind) const { return c.adapter->layers[il][kind]; }
    const plain_group & plain_of(int il, int kind) const { return c.weights->groups[il][kind]; }

    ggml_tensor * join(ggml_tensor * a, ggml_tensor * b) { return a ? ggml_concat(c.ctx, a, b, 0) : b; }

    ggml_tensor * embed() override { return ggml_get_rows(c.ctx, c.weights->of(c.base->token_embd), tokens); }

    ggml_tensor * norm(ggml_tensor * x, ggml_tensor * weight) override {
        return ggml_mul(c.ctx, ggml_rms_norm(c.ctx, x, hp().rms_eps), c.weights->of(weight));
    }

    // (g - n mean(g n)) / sqrt(mean(x^2) + eps), n = rms_norm(x), g = dy w
    ggml_tensor * norm_back(ggml_tensor * dy, ggml_tensor * x, ggml_tensor * weight, ggml_tensor * add) override {
        ggml_tensor * g    = ggml_mul(c.ctx, dy, c.weights->of(weight));
        ggml_tensor * n    = ggml_rms_norm(c.ctx, x, hp().rms_eps);
        ggml_tensor * pull = ggml_mul(c.ctx, n, ggml_mean(c.ctx, ggml_mul(c.ctx, g, n)));
        ggml_tensor * size =
            ggml_sqrt(c.ctx, ggml_scale_bias(c.ctx, ggml_mean(c.ctx, ggml_sqr(c.ctx, x)), 1.0f, hp().rms_eps));
        ggml_tensor * cur = ggml_div(c.ctx, ggml_sub(c.ctx, g, pull), size);
        return add ? ggml_add(c.ctx, add, cur) : cur;
    }

    ggml_tensor * lora_down(int il, int kind, ggml_tensor * h) override {
        const bool trained = lora_of(il, kind).n_t > 0 && c.request.adapted;
        return trained ? ggml_mul_mat(c.ctx, plain_of(il, kind).a, h) : nullptr;
    }

    ggml_tensor * linear(int il, int kind, ggml_tensor * h, ggml_tensor * t, ggml_tensor * add) override {
        const model_group & group = group_of(il, kind);
        const lora_group &  lora  = lora_of(il, kind);
        ggml_tensor *       all   = nullptr;
        for (size_t i = 0; i < group.members.size(); i++) {
            ggml_tensor * cur = ggml_mul_mat(c.ctx, c.weights->of(group.members[i].weight), h);
            if (group.members[i].bias) {
                cur = ggml_add(c.ctx, cur, c.weights->of(group.members[i].bias));
            }
            if (t && lora.pair[i] >= 0) {
                const lora_pair & pair = c.adapter->pairs[lora.pair[i]];
                ggml_tensor *     up = ggml_mul_mat(c.ctx, plain_of(il, kind).b[i], rows_of(t, pair.t_row, pair.rank));
                cur                  = ggml_add(c.ctx, cur, ggml_scale(c.ctx, up, lora_scale(*c.adapter)));
            }
            all = join(all, cur);
        }
        return add ? ggml_add(c.ctx, add, all) : all;
    }

    ggml_tensor * lora_down_back(int il, int kind, ggml_tensor * dy) override {
        const model_group & group = group_of(il, kind);
        const lora_group &  lora  = lora_of(il, kind);
        ggml_tensor *       all   = nullptr;
        int64_t             first = 0;
        for (size_t i = 0; i < group.members.size(); i++) {
            if (lora.pair[i] >= 0) {
                ggml_tensor * part = rows_of(dy, first, group.members[i].n_out);
                all                = join(all, ggml_mul_mat(c.ctx, transposed(plain_of(il, kind).b[i]), part));
            }
            first += group.members[i].n_out;
        }
        return all ? ggml_scale(c.ctx, all, lora_scale(*c.adapter)) : nullptr;
    }

    ggml_tensor * linear_back(int il, int kind, ggml_tensor * dy, ggml_tensor * dt) override {
        const model_group & group = group_of(il, kind);
        ggml_tensor *       all   = dt ? ggml_mul_mat(c.ctx, transposed(plain_of(il, kind).a), dt) : nullptr;
        int64_t             first = 0;
        for (const model_linear & linear : group.members) {
            ggml_tensor * cur = weight_back(linear.weight, rows_of(dy, first, linear.n_out));
            all               = all ? ggml_add(c.ctx, all, cur) : cur;
            first += linear.n_out;
        }
        return all;
    }

    void add_grad(ggml_tensor * cur, size_t offset) { grads.push_back({ output(cur), offset }); }

    void lora_grads(int il, int kind, ggml_tensor * h, ggml_tensor * t, ggml_tensor * dy, ggml_tensor * dt) override {
        const model_group & group = group_of(il, kind);
        const lora_group &  lora  = lora_of(il, kind);
        add_grad(ggml_mul_mat(c.ctx, transposed(h), transposed(dt)), lora.offset_a);
        int64_t first = 0;
        for (size_t i = 0; i < group.members.size(); i++) {
            if (lora.pair[i] >= 0) {
                const lora_pair & pair = c.adapter->pairs[lora.pair[i]];
                ggml_tensor *     down = transposed(rows_of(t, pair.t_row, pair.rank));
                ggml_tensor *     cur  = ggml_mul_mat(c.ctx, down, transposed(rows_of(dy, first, pair.n_out)));
                add_grad(ggml_scale(c.ctx, cur, lora_scale(*c.adapter)), pair.offset_b);
            }
            first += group.members[i].n_out;
        }
    }

    // Heads [first, first + n) of q|k|v rows as [hd, n, T].
    ggml_tensor * heads_of(ggml_tensor * qkv, int first, int n) {
        const size_t hd = (size_t) hp().n_head_dim;
        return ggml_view_3d(c.ctx, qkv, hp().n_head_dim, n, n_token, hd * sizeof(float), qkv->nb[1],
                            (size_t) first * hd * sizeof(float));
    }

    ggml_tensor * flat(ggml_tensor * heads) {
        return ggml_reshape_2d(c.ctx, ggml_cont(c.ctx, heads), heads->ne[0] * heads->ne[1], n_token);
    }

    ggml_tensor * rotated(ggml_tensor * x, bool back) {
        const int mode             = hp().rope_neox ? GGML_ROPE_TYPE_NEOX : GGML_ROPE_TYPE_NORMAL;
        x                          = ggml_cont(c.ctx, x);
        const rope_scaling & rope  = hp().rope;
        const auto           apply = back ? ggml_rope_ext_back : ggml_rope_ext;
        return apply(c.ctx, x, positions, c.weights->rope_freqs, hp().n_rot, mode, rope.n_ctx_orig, hp().rope_base,
                     rope.freq_scale, rope.ext_factor, rope.attn_factor, ROPE_BETA_FAST, ROPE_BETA_SLOW);
    }

    ggml_tensor * rope(int il, ggml_tensor * y) override {
        const model_layer & layer = c.base->layers[il];
        ggml_tensor *       q     = heads_of(y, 0, hp().n_head);
        ggml_tensor *       k     = heads_of(y, hp().n_head, hp().n_head_kv);
        ggml_tensor *       v     = heads_of(y, hp().n_head + hp().n_head_kv, hp().n_head_kv);
        if (layer.q_norm) {
            q = norm(ggml_cont(c.ctx, q), layer.q_norm);
            k = norm(ggml_cont(c.ctx, k), layer.k_norm);
        }
        return join(join(flat(rotated(q, false)), flat(rotated(k, false))), flat(v));
    }

    ggml_tensor * rope_back(int il, ggml_tensor * dqkv, ggml_tensor * y) override {
        const model_layer & layer = c.base->layers[il];
        ggml_tensor *       dq    = rotated(heads_of(dqkv, 0, hp().n_head), true);
        ggml_tensor *       dk    = rotated(heads_of(dqkv, hp().n_head, hp().n_head_kv), true);
        if (layer.q_norm) {
            dq = norm_back(dq, ggml_cont(c.ctx, heads_of(y, 0, hp().n_head)), layer.q_norm, nullptr);
            dk = norm_back(dk, ggml_cont(c.ctx, heads_of(y, hp().n_head, hp().n_head_kv)), layer.k_norm, nullptr);
        }
        return join(join(flat(dq), flat(dk)), flat(heads_of(dqkv, hp().n_head + hp().n_head_kv, hp().n_head_kv)));
    }

    // [hd, n, T] of all sequences -> [hd, n_len, n, n_seq]
    ggml_tensor * by_head(ggml_tensor * heads) {
        ggml_tensor * cur = ggml_view_4d(c.ctx, heads, heads->ne[0], heads->ne[1], n_len, n_seq, heads->nb[1],
                                         heads->nb[2], heads->nb[2] * (size_t) n_len, 0);
        return ggml_cont(c.ctx, ggml_permute(c.ctx, cur, 0, 2, 1, 3));
    }

    // [hd, n_len, n, n_seq] -> [hd * n, T]
    ggml_tensor * by_token(ggml_tensor * x) {
        ggml_tensor * cur = ggml_cont(c.ctx, ggml_permute(c.ctx, x, 0, 2, 1, 3));
        return ggml_reshape_2d(c.ctx, cur, cur->ne[0] * cur->ne[1], n_token);
    }

    struct attention_parts {
        ggml_tensor * q;
        ggml_tensor * k;
        ggml_tensor * v;
        ggml_tensor * p;
    };

    attention_parts attention_start(ggml_tensor * qkv) {
        attention_parts parts;
        parts.q = by_head(heads_of(qkv, 0, hp().n_head));
        parts.k = by_head(heads_of(qkv, hp().n_head, hp().n_head_kv));
        parts.v = by_head(heads_of(qkv, hp().n_head + hp().n_head_kv, hp().n_head_kv));
        parts.p = ggml_soft_max_ext(c.ctx, ggml_mul_mat(c.ctx, parts.k, parts.q), mask,
                                    1.0f / std::sqrt((float) hp().n_head_dim), 0.0f);
        return parts;
    }

    ggml_tensor * attention(ggml_tensor * qkv) override {
        const attention_parts parts = attention_start(qkv);
        return by_token(ggml_mul_mat(c.ctx, transposed(parts.v), parts.p));
    }

    // Sums the heads that share a key-value head: [hd, n_len, n_head, n_seq] -> [hd, n_len, n_head_kv, n_seq]
    ggml_tensor * group_sum(ggml_tensor * x) {
        const int     n_group = hp().n_head / hp().n_head_kv;
        ggml_tensor * sum     = nullptr;
        for (int i = 0; i < n_group; i++) {
            ggml_tensor * cur = ggml_view_4d(c.ctx, x, x->ne[0], x->ne[1], hp().n_head_kv, x->ne[3], x->nb[1],
                                             x->nb[2] * (size_t) n_group, x->nb[3], x->nb[2] * (size_t) i);
            sum               = sum ? ggml_add(c.ctx, sum, cur) : ggml_cont(c.ctx, cur);
        }
        return sum;
    }

    ggml_tensor * attention_back(ggml_tensor * dout, ggml_tensor * qkv) override {
        const attention_parts parts = attention_start(qkv);
        ggml_tensor *         d     = by_head(heads_of(dout, 0, hp().n_head));
        ggml_tensor *         dp    = ggml_mul_mat(c.ctx, parts.v, d);
        ggml_tensor *         pdp   = ggml_mul(c.ctx, parts.p, dp);
        ggml_tensor *         ds    = ggml_sub(c.ctx, pdp, ggml_mul(c.ctx, parts.p, ggml_sum_rows(c.ctx, pdp)));
        ds                          = ggml_scale(c.ctx, ds, 1.0f / std::sqrt((float) hp().n_head_dim));
        ggml_tensor * dq            = ggml_mul_mat(c.ctx, transposed(parts.k), ds);
        ggml_tensor * dk            = group_sum(ggml_mul_mat(c.ctx, transposed(parts.q), transposed(ds)));
        ggml_tensor * dv            = group_sum(ggml_mul_mat(c.ctx, transposed(d), transposed(parts.p)));
        return join(join(by_token(dq), by_token(dk)), by_token(dv));
    }

    ggml_tensor * swiglu(ggml_tensor * gu) override {
        const int64_t n = gu->ne[0] / 2;
        ggml_tensor * g = ggml_cont(c.ctx, rows_of(gu, 0, n));
        return ggml_mul(c.ctx, ggml_silu(c.ctx, g), rows_of(gu, n, n));
    }

    ggml_tensor * swiglu_back(ggml_tensor * dact, ggml_tensor * gu) override {
        const int64_t n       = gu->ne[0] / 2;
        ggml_tensor * g       = ggml_cont(c.ctx, rows_of(gu, 0, n));
        ggml_tensor * sigmoid = ggml_sigmoid(c.ctx, g);
        ggml_tensor * silu    = ggml_mul(c.ctx, g, sigmoid);
        ggml_tensor * du      = ggml_mul(c.ctx, dact, silu);
        ggml_tensor * slope   = ggml_add(c.ctx, sigmoid, ggml_sub(c.ctx, silu, ggml_mul(c.ctx, silu, sigmoid)));
        ggml_tensor * dg      = ggml_mul(c.ctx, ggml_mul(c.ctx, dact, slope), rows_of(gu, n, n));
        return join(dg, du);
    }

    ggml_tensor * gather(ggml_tensor * x) override { return ggml_get_rows(c.ctx, x, rows); }

    ggml_tensor * scatter(ggml_tensor * dx) override {
        ggml_tensor * shape = ggml_new_tensor_2d(c.ctx, GGML_TYPE_F32, dx->ne[0], n_token);
        return ggml_set_rows(c.ctx, ggml_fill(c.ctx, shape, 0.0f), dx, rows);
    }
};

} // namespace

std::unique_ptr<layer_ops> plain_ops_init(const plain_context & context) {
    return std::make_unique<plain_ops>(context);
}
