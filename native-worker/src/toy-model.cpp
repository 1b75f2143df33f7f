#include "toy-model.h"

#include "random.h"

#include <cmath>

namespace {

// A llama of two layers with grouped heads: n_embd 64, 4 heads, 2 of them for keys and values, 96 wide inside.
const int N_LAYER = 2;
const int N_EMBD  = 64;
const int N_FF    = 96;
const int N_HEAD  = 4;
const int N_KV    = 2;
const int N_DIM   = 16;

ggml_tensor * random_tensor(ggml_context * ctx, random_source & random, ggml_type type, int64_t ne0, int64_t ne1,
                            float base, float spread) {
    std::vector<float> values((size_t) (ne0 * ne1));
    for (float & value : values) {
        value = base + spread * (2.0f * random_uniform(random) - 1.0f);
    }
    ggml_tensor * cur = ggml_new_tensor_2d(ctx, type, ne0, ne1);
    ggml_quantize_chunk(type, values.data(), cur->data, 0, ne1, ne0, nullptr);
    return cur;
}

ggml_tensor * random_norm(ggml_context * ctx, random_source & random, float base, float spread) {
    return random_tensor(ctx, random, GGML_TYPE_F32, N_EMBD, 1, base, spread);
}

} // namespace

std::unique_ptr<model> toy_model(ggml_type type) {
    auto             base   = std::make_unique<model>();
    random_source    random = random_init(7);
    ggml_init_params init   = { (size_t) 4 << 20, nullptr, false };
    base->ctx               = ggml_init(init);
    model_hparams & hp      = base->hparams;
    hp.architecture         = "llama";
    hp.n_layer              = N_LAYER;
    hp.n_embd               = N_EMBD;
    hp.n_ff                 = N_FF;
    hp.n_head               = N_HEAD;
    hp.n_head_kv            = N_KV;
    hp.n_head_dim           = N_DIM;
    hp.n_rot                = N_DIM;
    hp.n_vocab              = TOY_N_VOCAB;
    hp.n_ctx_train          = 64;
    hp.rms_eps              = 1e-5f;
    base->token_embd        = random_tensor(base->ctx, random, type, N_EMBD, TOY_N_VOCAB, 0.0f, 1.0f);
    base->output            = base->token_embd;
    base->output_norm       = random_norm(base->ctx, random, 0.3f, 0.1f);
    base->layers.resize(N_LAYER);
    struct module_shape {
        group_kind   kind;
        const char * name;
        int          n_in;
        int          n_out;
    };
    const module_shape modules[] = {
        { GROUP_QKV, "attn_q", N_EMBD, N_HEAD * N_DIM }, { GROUP_QKV, "attn_k", N_EMBD, N_KV * N_DIM },
        { GROUP_QKV, "attn_v", N_EMBD, N_KV * N_DIM },   { GROUP_OUTPUT, "attn_output", N_HEAD * N_DIM, N_EMBD },
        { GROUP_GATE_UP, "ffn_gate", N_EMBD, N_FF },     { GROUP_GATE_UP, "ffn_up", N_EMBD, N_FF },
        { GROUP_DOWN, "ffn_down", N_FF, N_EMBD },
    };
    for (int il = 0; il < N_LAYER; il++) {
        model_layer & layer = base->layers[il];
        layer.attn_norm     = random_norm(base->ctx, random, 1.0f, 0.2f);
        layer.ffn_norm      = random_norm(base->ctx, random, 1.0f, 0.2f);
        for (const module_shape & shape : modules) {
            model_linear linear;
            linear.module       = shape.name;
            linear.name         = "blk." + std::to_string(il) + "." + shape.name;
            linear.n_in         = shape.n_in;
            linear.n_out        = shape.n_out;
            linear.weight       = random_tensor(base->ctx, random, type, shape.n_in, shape.n_out, 0.0f,
                                                1.7f / std::sqrt((float) shape.n_in));
            model_group & group = layer.groups[shape.kind];
            group.n_in          = shape.n_in;
            group.n_out += shape.n_out;
            group.members.push_back(linear);
        }
    }
    return base;
}

lora toy_adapter(const model & base) {
    lora adapter =
        lora_layout(base, 4, 8.0f, { "attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down" });
    random_source random = random_init(3);
    lora_init(adapter, 5);
    for (const lora_pair & pair : adapter.pairs) {
        for (size_t i = 0; i < (size_t) pair.n_out * pair.rank; i++) {
            adapter.params[pair.offset_b + i] = 0.2f * (2.0f * random_uniform(random) - 1.0f);
        }
    }
    return adapter;
}

std::vector<micro_batch> toy_batches() {
    random_source            random = random_init(11);
    std::vector<micro_batch> batches;
    for (int n_len : { 13, 6 }) {
        micro_batch batch;
        batch.n_seq = 3;
        batch.n_len = n_len;
        for (int i = 0; i < batch.n_seq * n_len; i++) {
            batch.tokens.push_back((int32_t) random_below(random, TOY_N_VOCAB));
            const bool padding = i / n_len == 2 && i % n_len > n_len / 2;
            if (i % 3 == 1 && !padding) {
                batch.rows.push_back(i);
                batch.labels.push_back((int32_t) random_below(random, TOY_N_VOCAB));
                batch.weights.push_back(0.05f + 0.05f * random_uniform(random));
                batch.samples.push_back(i / n_len);
            }
        }
        batches.push_back(batch);
    }
    return batches;
}

std::vector<sample> toy_samples() {
    random_source        random = random_init(13);
    std::vector<sample>  samples(5);
    std::vector<int32_t> prefix;
    for (int i = 0; i < 7; i++) {
        prefix.push_back((int32_t) random_below(random, TOY_N_VOCAB));
    }
    for (size_t i = 0; i < samples.size(); i++) {
        samples[i].tokens = prefix;
        for (size_t j = 0; j < 4 + 3 * i; j++) {
            samples[i].tokens.push_back((int32_t) random_below(random, TOY_N_VOCAB));
        }
        samples[i].weights.assign(samples[i].tokens.size(), 0.0f);
        for (size_t j = 9; j < samples[i].tokens.size(); j++) {
            samples[i].weights[j] = 1.0f + (float) (j % 3);
        }
    }
    return samples;
}
