#include "cpu-ops.h"

#include "cpu-head.h"
#include "profile.h"

#include <cstring>
#include <deque>
#include <functional>

void cpu_weights_init(cpu_weights & weights, const model & base, gemm_mode mode, int n_thread) {
    const int n_layer = (int) base.layers.size();
    weights.mode      = mode;
    weights.groups.resize(n_layer);
    parallel_for(n_thread, n_layer + 1, [&](int il) {
        if (il == n_layer) {
            frozen_init(weights.head, mode, { base.output });
            return;
        }
        weights.groups[il].resize(GROUP_COUNT);
        for (int kind = 0; kind < GROUP_COUNT; kind++) {
            std::vector<const ggml_tensor *> parts;
            for (const model_linear & linear : base.layers[il].groups[kind].members) {
                parts.push_back(linear.weight);
            }
            frozen_init(weights.groups[il][kind], mode, parts);
        }
    });
}

namespace {

typedef std::function<void(ggml_tensor *)> node_function;

struct node_data {
    const char *  name;
    node_function run;
};

void run_node(ggml_tensor * dst, int ith, int, void * userdata) {
    const node_data & node = *(const node_data *) userdata;
    if (ith == 0) {
        const profile_scope scope(node.name);
        node.run(dst);
    }
}

const float * src_data(const ggml_tensor * dst, int i) {
    return (const float *) dst->src[i]->data;
}

struct cpu_ops : layer_ops {
    cpu_context           c;
    std::deque<node_data> nodes; // stable addresses while the graph lives
    token_layout          layout;
    int                   n_token;

    explicit cpu_ops(const cpu_context & context)
        : c(context), layout(token_layout_of(*context.request.batch)), n_token(layout.n_token) {}

    ggml_tensor * node(const char * name, int64_t ne0, int64_t ne1, std::vector<ggml_tensor *> args,
                       node_function run) {
        nodes.push_back({ name, std::move(run) });
        return ggml_custom_4d(c.ctx, GGML_TYPE_F32, ne0, ne1, 1, 1, args.data(), (int) args.size(), run_node, 1,
                              &nodes.back());
    }

    const lora_group &    group_of(int il, int kind) const { return c.adapter->adapter->layers[il][kind]; }
    const cpu_lora_pack & pack_of(int il, int kind) const { return c.adapter->packs[il][kind]; }
    const lora_pair &     pair_of(int index) const { return c.adapter->adapter->pairs[index]; }
    const float *         param(size_t offset) const { return c.adapter->adapter->params.data() + offset; }
    const float *         param_transposed(size_t offset) const { return c.adapter->transposed.data() + offset; }

    ggml_tensor * embed() override {
        // ggml wants at least one source to order the node by; a one-element tensor stands in for the token ids.
        ggml_tensor * none = ggml_new_tensor_1d(c.ctx, GGML_TYPE_F32, 1);
        ggml_set_input(none);
        return node("embed", c.base->hparams.n_embd, n_token, { none }, [this](ggml_tensor * dst) {
            const int d = c.base->hparams.n_embd;
            for (int i = 0; i < n_token; i++) {
                model_dequantise(c.base->token_embd, c.request.batch->tokens[i], 1,
                                 (float *) dst->data + (size_t) i * d);
            }
        });
    }

    ggml_tensor * norm(ggml_tensor * x, ggml_tensor * weight) override {
        return node("norm", x->ne[0], x->ne[1], { x }, [this, weight](ggml_tensor * dst) {
            kernel_rms_norm((int) dst->ne[1], (int) dst->ne[0], src_data(dst, 0), (const float *) weight->data,
                            c.base->hparams.rms_eps, (float *) dst->data);
        });
    }

    ggml_tensor * norm_back(ggml_tensor * dy, ggml_tensor * x, ggml_tensor * weight, ggml_tensor * add) override {
        std::vector<ggml_tensor *> args = { dy, x };
        if (add) {
            args.push_back(add);
        }
        return node("norm_back", x->ne[0], x->ne[1], args, [this, weight](ggml_tensor * dst) {
            kernel_rms_norm_back((int) dst->ne[1], (int) dst->ne[0], src_data(dst, 0), src_data(dst, 1),
                                 (const float *) weight->data, c.base->hparams.rms_eps,
                                 dst->src[2] ? src_data(dst, 2) : nullptr, (float *) dst->data);
        });
    }

    ggml_tensor * lora_down(int il, int kind, ggml_tensor * h) override {
        const lora_group & group = group_of(il, kind);
        if (group.n_t == 0 || !c.request.adapted) {
            return nullptr;
        }
        const cpu_lora_pack & pack = pack_of(il, kind);
        return node("lora_down", group.n_t, n_token, { h }, [this, &group, &pack](ggml_tensor * dst) {
            const int n_in = (int) dst->src[0]->ne[0];
            if (pack.bf16) {
                packed_forward(pack.a.data(), group.n_t, n_in, n_token, src_data(dst, 0), n_in, (float *) dst->data,
                               group.n_t);
                return;
            }
            gemm_f32(n_token, group.n_t, n_in, src_data(dst, 0), n_in, 1, param_transposed(group.offset_a), group.n_t,
                     1, (float *) dst->data, group.n_t, false);
        });
    }

    ggml_tensor * linear(int il, int kind, ggml_tensor * h, ggml_tensor * t, ggml_tensor * add) override {
        const model_group &        group = c.base->layers[il].groups[kind];
        std::vector<ggml_tensor *> args  = { h };
        if (t) {
            args.push_back(t);
        }
        if (add) {
            args.push_back(add);
        }
        return node("linear", group.n_out, n_token, args, [this, il, kind, t, add](ggml_tensor * dst) {
            const model_group &   group      = c.base->layers[il].groups[kind];
            float *               y          = (float *) dst->data;
            const bool            accumulate = start_linear(group, add ? src_data(dst, t ? 2 : 1) : nullptr, y);
            const cpu_lora_pack & pack       = pack_of(il, kind);
            const bool            join       = t && pack.bf16;
            const low_rank_term   term       = { join ? src_data(dst, 1) : nullptr,
                                                 group_of(il, kind).n_t,
                                                 lora_scale(*c.adapter->adapter),
                                                 pack.b.data(),
                                                 pack.column.data(),
                                                 c.adapter->adapter->rank };
            frozen_forward(c.weights->groups[il][kind], n_token, src_data(dst, 0), group.n_in, y, group.n_out,
                           accumulate, join ? &term : nullptr);
            if (t && !join) {
                add_lora(group_of(il, kind), group, src_data(dst, 1), y);
            }
        });
    }

    // Fills y with the bias or the residual; false = y holds nothing yet.
    bool start_linear(const model_group & group, const float * add, float * y) const {
        bool filled = false;
        if (add) {
            memcpy(y, add, sizeof(float) * (size_t) n_token * group.n_out);
            filled = true;
        }
        int first = 0;
        for (const model_linear & linear : group.members) {
            if (linear.bias && !filled) {
                memset(y, 0, sizeof(float) * (size_t) n_token * group.n_out);
                filled = true;
            }
            for (int i = 0; linear.bias && i < n_token; i++) {
                float * row = y + (size_t) i * group.n_out + first;
                for (int j = 0; j < linear.n_out; j++) {
                    row[j] += ((const float *) linear.bias->data)[j];
                }
            }
            first += linear.n_out;
        }
        return filled;
    }

    // y += scale * t B^T, member by member.
    void add_lora(const lora_group & lora, const model_group & group, const float * t, float * y) const {
        const float        scale = lora_scale(*c.adapter->adapter);
        std::vector<float> scaled((size_t) n_token * lora.n_t);
        for (size_t i = 0; i < scaled.size(); i++) {
            scaled[i] = scale * t[i];
        }
        int first = 0;
        for (size_t i = 0; i < group.members.size(); i++) {
            if (lora.pair[i] >= 0) {
                const lora_pair & pair = pair_of(lora.pair[i]);
                gemm_f32(n_token, pair.n_out, pair.rank, scaled.data() + pair.t_row, lora.n_t, 1,
                         param_transposed(pair.offset_b), pair.n_out, 1, y + first, group.n_out, true);
            }
            first += group.members[i].n_out;
        }
    }

    ggml_tensor * lora_down_back(int il, int kind, ggml_tensor * dy) override {
        const lora_group & lora = group_of(il, kind);
        if (lora.n_t == 0) {
            return nullptr;
        }
        return node("lora_down_back", lora.n_t, n_token, { dy }, [this, il, kind, &lora](ggml_tensor * dst) {
            const model_group & group = c.base->layers[il].groups[kind];
            float *             dt    = (float *) dst->data;
            int                 first = 0;
            for (size_t i = 0; i < group.members.size(); i++) {
                if (lora.pair[i] >= 0) {
                    const lora_pair & pair = pair_of(lora.pair[i]);
                    gemm_f32(n_token, pair.rank, pair.n_out, src_data(dst, 0) + first, group.n_out, 1,
                             param(pair.offset_b), pair.rank, 1, dt + pair.t_row, lora.n_t, false);
                }
                first += group.members[i].n_out;
            }
            const float scale = lora_scale(*c.adapter->adapter);
            for (size_t i = 0; i < (size_t) n_token * lora.n_t; i++) {
                dt[i] *= scale;
            }
        });
    }

    ggml_tensor * linear_back(int il, int kind, ggml_tensor * dy, ggml_tensor * dt) override {
        const model_group &        group = c.base->layers[il].groups[kind];
        std::vector<ggml_tensor *> args  = { dy };
        if (dt) {
            args.push_back(dt);
        }
        return node("linear_back", group.n_in, n_token, args, [this, il, kind, dt](ggml_tensor * dst) {
            const model_group &   group = c.base->layers[il].groups[kind];
            float *               dx    = (float *) dst->data;
            const lora_group &    lora  = group_of(il, kind);
            const cpu_lora_pack & pack  = pack_of(il, kind);
            const bool            join  = dt && pack.bf16;
            const low_rank_term   term  = {
                join ? src_data(dst, 1) : nullptr, lora.n_t, 1.0f, pack.a_back.data(), pack.zero.data(), lora.n_t
            };
            frozen_backward(c.weights->groups[il][kind], n_token, src_data(dst, 0), group.n_out, dx, group.n_in, false,
                            join ? &term : nullptr);
            if (dt && !join) {
                gemm_f32(n_token, group.n_in, lora.n_t, src_data(dst, 1), lora.n_t, 1, param(lora.offset_a), group.n_in,
                         1, dx, group.n_in, true);
            }
        });
    }

    void lora_grads(int il, int kind, ggml_tensor * h, ggml_tensor * t, ggml_tensor * dy, ggml_tensor * dt) override {
        const lora_group & lora = group_of(il, kind);
        ggml_tensor *      cur = node("lora_grads", 1, 1, { h, t, dy, dt }, [this, il, kind, &lora](ggml_tensor * dst) {
            const model_group & group = c.base->layers[il].groups[kind];
            const float *       dy    = src_data(dst, 2);
            float *             grads = c.request.grads;
            // dA [n_t, n_in] = dt^T h; dB [n_out, r] = dy^T (scale * t)
            gemm_f32(lora.n_t, group.n_in, n_token, src_data(dst, 3), 1, lora.n_t, src_data(dst, 0), group.n_in, 1,
                     grads + lora.offset_a, group.n_in, false);
            const float        scale = lora_scale(*c.adapter->adapter);
            std::vector<float> scaled((size_t) n_token * lora.n_t);
            for (size_t i = 0; i < scaled.size(); i++) {
                scaled[i] = scale * src_data(dst, 1)[i];
            }
            int first = 0;
            for (size_t i = 0; i < group.members.size(); i++) {
                if (lora.pair[i] >= 0) {
                    const lora_pair & pair = pair_of(lora.pair[i]);
                    gemm_f32(pair.n_out, pair.rank, n_token, dy + first, 1, group.n_out, scaled.data() + pair.t_row,
                             lora.n_t, 1, grads + pair.offset_b, pair.rank, false);
                }
                first += group.members[i].n_out;
            }
        });
        ggml_build_forward_expand(c.graph, cur);
    }

    ggml_tensor * rope(int il, ggml_tensor * y) override {
        return node("rope", y->ne[0], y->ne[1], { y }, [this, il](ggml_tensor * dst) {
            kernel_rope(*c.base, c.base->layers[il], c.weights->rope, layout, src_data(dst, 0), (float *) dst->data);
        });
    }

    ggml_tensor * rope_back(int il, ggml_tensor * dqkv, ggml_tensor * y) override {
        // y is a source only where the q/k norm reads it: otherwise it need not be kept
        const bool                 normed = c.base->layers[il].q_norm != nullptr;
        std::vector<ggml_tensor *> args   = { dqkv };
        if (normed) {
            args.push_back(y);
        }
        return node("rope_back", dqkv->ne[0], dqkv->ne[1], args, [this, il, normed](ggml_tensor * dst) {
            kernel_rope_back(*c.base, c.base->layers[il], c.weights->rope, layout, src_data(dst, 0),
                             normed ? src_data(dst, 1) : nullptr, (float *) dst->data);
        });
    }

    ggml_tensor * attention(ggml_tensor * qkv) override {
        const model_hparams & hp = c.base->hparams;
        return node("attention", hp.n_head * hp.n_head_dim, n_token, { qkv }, [this](ggml_tensor * dst) {
            kernel_attention(c.base->hparams, layout, src_data(dst, 0), (float *) dst->data);
        });
    }

    ggml_tensor * attention_back(ggml_tensor * dout, ggml_tensor * qkv) override {
        return node("attention_back", qkv->ne[0], qkv->ne[1], { dout, qkv }, [this](ggml_tensor * dst) {
            kernel_attention_back(c.base->hparams, layout, src_data(dst, 0), src_data(dst, 1), (float *) dst->data);
        });
    }

    ggml_tensor * swiglu(ggml_tensor * gu) override {
        return node("swiglu", gu->ne[0] / 2, gu->ne[1], { gu }, [](ggml_tensor * dst) {
            kernel_swiglu((int) dst->ne[1], (int) dst->ne[0], src_data(dst, 0), (float *) dst->data);
        });
    }

    ggml_tensor * swiglu_back(ggml_tensor * dact, ggml_tensor * gu) override {
        return node("swiglu_back", gu->ne[0], gu->ne[1], { dact, gu }, [](ggml_tensor * dst) {
            kernel_swiglu_back((int) dst->ne[1], (int) dst->ne[0] / 2, src_data(dst, 0), src_data(dst, 1),
                               (float *) dst->data);
        });
    }

    ggml_tensor * gather(ggml_tensor * x) override {
        return node("gather", x->ne[0], (int64_t) c.request.batch->rows.size(), { x }, [this](ggml_tensor * dst) {
            const size_t d = (size_t) dst->ne[0];
            for (size_t i = 0; i < c.request.batch->rows.size(); i++) {
                memcpy((float *) dst->data + i * d, src_data(dst, 0) + c.request.batch->rows[i] * d, d * sizeof(float));
            }
        });
    }

    ggml_tensor * scatter(ggml_tensor * dx) override {
        return node("scatter", dx->ne[0], n_token, { dx }, [this](ggml_tensor * dst) {
            const size_t d = (size_t) dst->ne[0];
            memset(dst->data, 0, d * n_token * sizeof(float));
            for (size_t i = 0; i < c.request.batch->rows.size(); i++) {
                memcpy((float *) dst->data + c.request.batch->rows[i] * d, src_data(dst, 0) + i * d, d * sizeof(float));
            }
        });
    }

    ggml_tensor * head(ggml_tensor * h) override {
        return node("head", h->ne[0], h->ne[1], { h }, [this](ggml_tensor * dst) {
            if (c.request.hidden) {
                memcpy(c.request.hidden, src_data(dst, 0), ggml_nbytes(dst->src[0]));
                return;
            }
            cpu_head(c.weights->head, c.request, src_data(dst, 0), (float *) dst->data);
        });
    }

    void upload() override {}
    void download() override {}
};

} // namespace

std::unique_ptr<layer_ops> cpu_ops_init(const cpu_context & context) {
    return std::make_unique<cpu_ops>(context);
}
