#include "self-test.h"

#include "dataset.h"
#include "engine.h"
#include "error.h"
#include "protocol.h"
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
const int N_VOCAB = 160;

ggml_tensor * random_tensor(ggml_context * ctx, random_source & random, int64_t ne0, int64_t ne1, float base,
                            float spread) {
    ggml_tensor * cur  = ggml_new_tensor_2d(ctx, GGML_TYPE_F32, ne0, ne1);
    float *       data = (float *) cur->data;
    for (int64_t i = 0; i < ne0 * ne1; i++) {
        data[i] = base + spread * (2.0f * random_uniform(random) - 1.0f);
    }
    return cur;
}

std::unique_ptr<model> make_model() {
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
    hp.n_vocab              = N_VOCAB;
    hp.n_ctx_train          = 64;
    hp.rms_eps              = 1e-5f;
    base->token_embd        = random_tensor(base->ctx, random, N_EMBD, N_VOCAB, 0.0f, 1.0f);
    base->output            = base->token_embd;
    base->output_norm       = random_tensor(base->ctx, random, N_EMBD, 1, 0.3f, 0.1f);
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
        layer.attn_norm     = random_tensor(base->ctx, random, N_EMBD, 1, 1.0f, 0.2f);
        layer.ffn_norm      = random_tensor(base->ctx, random, N_EMBD, 1, 1.0f, 0.2f);
        for (const module_shape & shape : modules) {
            model_linear linear;
            linear.module = shape.name;
            linear.name   = "blk." + std::to_string(il) + "." + shape.name;
            linear.n_in   = shape.n_in;
            linear.n_out  = shape.n_out;
            linear.weight =
                random_tensor(base->ctx, random, shape.n_in, shape.n_out, 0.0f, 1.7f / std::sqrt((float) shape.n_in));
            model_group & group = layer.groups[shape.kind];
            group.n_in          = shape.n_in;
            group.n_out += shape.n_out;
            group.members.push_back(linear);
        }
    }
    return base;
}

// Two batches of unequal shape, with padding in the first.
std::vector<micro_batch> make_batches() {
    random_source            random = random_init(11);
    std::vector<micro_batch> batches;
    for (int n_len : { 13, 6 }) {
        micro_batch batch;
        batch.n_seq = 3;
        batch.n_len = n_len;
        for (int i = 0; i < batch.n_seq * n_len; i++) {
            batch.tokens.push_back((int32_t) random_below(random, N_VOCAB));
            const bool padding = i / n_len == 2 && i % n_len > n_len / 2;
            if (i % 3 == 1 && !padding) {
                batch.rows.push_back(i);
                batch.labels.push_back((int32_t) random_below(random, N_VOCAB));
                batch.weights.push_back(0.05f + 0.05f * random_uniform(random));
                batch.samples.push_back(i / n_len);
            }
        }
        batches.push_back(batch);
    }
    return batches;
}

std::vector<float> gradients(engine & eng, double & loss, const std::vector<micro_batch> & batches) {
    std::vector<float>       grads;
    std::vector<pass_output> outputs;
    engine_run(eng, batches, true, &grads, outputs);
    loss = engine_sum(batches, outputs).loss;
    return grads;
}

double loss_at(engine & eng, const std::vector<micro_batch> & batches) {
    std::vector<pass_output> outputs;
    engine_refresh(eng);
    engine_run(eng, batches, true, nullptr, outputs);
    return engine_sum(batches, outputs).loss;
}

// Five sequences of unequal length that begin with the same seven tokens.
std::vector<sample> make_samples() {
    random_source        random = random_init(13);
    std::vector<sample>  samples(5);
    std::vector<int32_t> prefix;
    for (int i = 0; i < 7; i++) {
        prefix.push_back((int32_t) random_below(random, N_VOCAB));
    }
    for (size_t i = 0; i < samples.size(); i++) {
        samples[i].tokens = prefix;
        for (size_t j = 0; j < 4 + 3 * i; j++) {
            samples[i].tokens.push_back((int32_t) random_below(random, N_VOCAB));
        }
        samples[i].weights.assign(samples[i].tokens.size(), 0.0f);
        for (size_t j = 9; j < samples[i].tokens.size(); j++) {
            samples[i].weights[j] = 1.0f + (float) (j % 3);
        }
    }
    return samples;
}

double dot(const std::vector<float> & a, const std::vector<float> & b) {
    double sum = 0.0;
    for (size_t i = 0; i < a.size(); i++) {
        sum += (double) a[i] * b[i];
    }
    return sum;
}

// Relative error of the gradient along its own direction against (loss(p + h g) - loss(p - h g)) / 2h.
double finite_difference_error(engine & eng, lora & adapter, const std::vector<float> & grads,
                               const std::vector<micro_batch> & batches) {
    const std::vector<float> start = adapter.params;
    const double             norm  = std::sqrt(dot(grads, grads));
    const double             h     = 2e-2 / norm;
    double                   losses[2];
    for (int side = 0; side < 2; side++) {
        for (size_t i = 0; i < start.size(); i++) {
            adapter.params[i] = start[i] + (float) ((side ? h : -h) * grads[i]);
        }
        losses[side] = loss_at(eng, batches);
    }
    adapter.params = start;
    engine_refresh(eng);
    return std::fabs((losses[1] - losses[0]) / (2.0 * h) / (norm * norm) - 1.0);
}

// Distance between the gradients of the same samples, padded and with their prefix computed once.
double shared_prefix_error(engine & eng) {
    const std::vector<sample>   samples = make_samples();
    std::vector<const sample *> chosen;
    for (const sample & cur : samples) {
        chosen.push_back(&cur);
    }
    double                   loss;
    const std::vector<float> padded = gradients(eng, loss, dataset_micro_batches(chosen, 40, true, false));
    const std::vector<float> shared = gradients(eng, loss, dataset_micro_batches(chosen, 40, true, true));
    std::vector<float>       difference(padded.size());
    for (size_t i = 0; i < padded.size(); i++) {
        difference[i] = padded[i] - shared[i];
    }
    return std::sqrt(dot(difference, difference) / dot(padded, padded));
}

} // namespace

int self_test_run(const run_config & config) {
    const std::vector<micro_batch> batches = make_batches();
    std::vector<float>             reference;
    bool                           all_right = true;
    const auto                     report    = [&](const std::string & name, bool right, double value, double limit) {
        all_right = all_right && right;
        emit_self_test(name, right, value, limit);
    };
    for (gemm_mode mode : { GEMM_F32, GEMM_BF16, GEMM_GGML }) {
        if (mode == GEMM_BF16 && !gemm_has_bf16()) {
            continue;
        }
        const std::unique_ptr<model> base = make_model();
        lora adapter = lora_layout(*base, 4, 8.0f,
                                   { "attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down" });
        random_source random = random_init(3);
        lora_init(adapter, 5);
        for (const lora_pair & pair : adapter.pairs) {
            for (size_t i = 0; i < (size_t) pair.n_out * pair.rank; i++) {
                adapter.params[pair.offset_b + i] = 0.2f * (2.0f * random_uniform(random) - 1.0f);
            }
        }
        engine_params params;
        params.backends_dir               = config.backends_dir;
        params.n_thread                   = config.n_thread;
        params.mode                       = mode;
        const std::unique_ptr<engine> eng = engine_init(*base, adapter, params);
        double                        loss;
        const std::vector<float>      grads = gradients(*eng, loss, batches);
        const std::string             name  = std::string("gradient-") + gemm_mode_name(mode);
        if (mode == GEMM_F32) {
            const double error = finite_difference_error(*eng, adapter, grads, batches);
            reference          = grads;
            report(name, error < 1e-3, error, 1e-3);
            const double distance = shared_prefix_error(*eng);
            report("shared-prefix", distance < 1e-5, distance, 1e-5);
            continue;
        }
        const double cosine = dot(grads, reference) / std::sqrt(dot(grads, grads) * dot(reference, reference));
        report(name, cosine >= 0.999, cosine, 0.999);
    }
    if (!all_right) {
        throw worker_error("self-test-failed", "The training program computes wrong gradients on this machine.",
                           "Set \"gemm\" to \"ggml\" and report this with the machine's processor.", EXIT_CODE_FAILED);
    }
    return EXIT_CODE_DONE;
}
