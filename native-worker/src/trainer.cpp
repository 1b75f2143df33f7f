#include "trainer.h"

#include "adapter-file.h"
#include "checkpoint.h"
#include "error.h"
#include "profile.h"
#include "protocol.h"

#include <algorithm>
#include <cmath>

namespace {

const double PI = 3.14159265358979323846;

double now_seconds() {
    return profile_now() * 1e-9;
}

} // namespace

train_plan train_plan_make(const run_config & config, const dataset & data) {
    train_plan plan;
    for (int epoch = 0; epoch < config.epochs; epoch++) {
        const std::vector<int> order = dataset_order(data, config.seed, epoch);
        for (size_t first = 0; first < order.size(); first += config.batch_size) {
            if (config.max_steps > 0 && plan.n_step == config.max_steps) {
                return plan;
            }
            const size_t last = std::min(order.size(), first + config.batch_size);
            plan.batches.emplace_back(order.begin() + first, order.begin() + last);
            plan.epoch_of_step.push_back(epoch);
            for (int index : plan.batches.back()) {
                plan.n_token += (int64_t) data.samples[index].tokens.size();
            }
            plan.n_step++;
        }
    }
    return plan;
}

float train_learning_rate(const run_config & config, int step, int n_step) {
    if (step <= config.warmup_steps) {
        return config.learning_rate * (float) step / (float) config.warmup_steps;
    }
    if (config.schedule == "constant") {
        return config.learning_rate;
    }
    const int    n_decay = std::max(1, n_step - config.warmup_steps);
    const double done    = (double) (step - config.warmup_steps - 1) / n_decay;
    const double left    = config.schedule == "cosine" ? 0.5 * (1.0 + std::cos(PI * done)) : 1.0 - done;
    return (float) (config.learning_rate * (config.final_lr_fraction + (1.0 - config.final_lr_fraction) * left));
}

int64_t trainer_memory(const model & base, const lora & adapter, const run_config & config, int max_len, bool has_kl) {
    const model_hparams & hp       = base.hparams;
    const gemm_mode       mode     = gemm_mode_from_name(config.gemm);
    const int64_t         n_qkv    = (int64_t) (hp.n_head + 2 * hp.n_head_kv) * hp.n_head_dim;
    int64_t               n_weight = (int64_t) hp.n_vocab * hp.n_embd;
    for (const model_layer & layer : base.layers) {
        for (const model_group & group : layer.groups) {
            n_weight += (int64_t) group.n_in * group.n_out;
        }
    }
    // floats a token: what waits for the backward (x, qkv, att, x2, gu, t), and the largest passing ones
    const int64_t n_keep  = 2 * hp.n_embd + n_qkv + (int64_t) hp.n_head * hp.n_head_dim + 2 * hp.n_ff + 7 * config.rank;
    const int64_t n_pass  = 6 * (int64_t) hp.n_ff + 2 * n_qkv + 4 * hp.n_embd;
    const int64_t n_token = std::max(max_len, MICRO_BATCH_TOKENS * 5 / 4);
    const int64_t weights =
        mode == GEMM_GGML ? (int64_t) base.file_size + n_weight * 17 / 16 : (int64_t) frozen_size(mode, n_weight, 1);
    const int     n_vector = 5 + config.n_thread + (config.average_last > 0.0f ? 1 : 0);
    const int64_t lora     = (int64_t) adapter.params.size() * 4 * n_vector;
    const int64_t n_head   = (int64_t) 64 * hp.n_vocab * 6 * (has_kl ? 2 : 1); // logits of the base beside them
    const int64_t one_pass = n_token * 4 * (hp.n_layer * n_keep + n_pass) + n_head;
    return weights + lora + config.n_thread * one_pass + (96 << 20);
}

std::unique_ptr<trainer> trainer_init(const run_config & config) {
    auto out     = std::make_unique<trainer>();
    out->config  = config;
    out->base    = model_open(config.base);
    out->adapter = lora_layout(*out->base, config.rank, config.alpha, config.target_modules);
    lora_init(out->adapter, config.seed);
    if (!config.init_adapter.empty()) {
        lora_load(out->adapter, config.init_adapter);
    }
    const model_hparams & hp = out->base->hparams;
    out->data                = dataset_read(config.dataset, hp.n_vocab, hp.n_ctx_train);
    if (!config.probes.empty()) {
        out->probes = dataset_read(config.probes, hp.n_vocab, hp.n_ctx_train);
        for (sample & cur : out->probes.samples) {
            cur.kl = false; // a probe is right or wrong
        }
    }
    out->plan = train_plan_make(config, out->data);
    if (out->plan.n_step == 0) {
        throw worker_error("bad-dataset", "No sample takes part in any epoch.", "Build the dataset again.",
                           EXIT_CODE_CONFIG);
    }
    trainer_fit(*out);
    out->moments.m.assign(out->adapter.params.size(), 0.0f);
    out->moments.v.assign(out->adapter.params.size(), 0.0f);
    out->eng = engine_init(*out->base, out->adapter, out->engine);
    if (!out->eng->on_cpu) {
        engine_reserve(*out->eng, trainer_largest_batches(*out, out->micro_batch_tokens), true);
    }
    return out;
}

// A running mean, so that the order of the sums is fixed by the step alone.
static void add_to_average(trainer & trainer) {
    const int n_step  = trainer.plan.n_step;
    const int n_last  = (int) std::lround((double) trainer.config.average_last * n_step);
    const int counted = trainer.step - (n_step - n_last);
    if (counted <= 0) {
        return;
    }
    if (counted == 1) {
        trainer.average = trainer.adapter.params;
        return;
    }
    const float share = 1.0f / (float) counted;
    for (size_t i = 0; i < trainer.average.size(); i++) {
        trainer.average[i] += (trainer.adapter.params[i] - trainer.average[i]) * share;
    }
}

void trainer_average(trainer & trainer) {
    if (!trainer.average.empty()) {
        trainer.adapter.params = std::move(trainer.average);
        trainer.average.clear();
        engine_refresh(*trainer.eng);
    }
}

bool trainer_step(trainer & trainer) {
    std::vector<const sample *> samples;
    int64_t                     n_token = 0;
    for (int index : trainer.plan.batches.at(trainer.step)) {
        samples.push_back(&trainer.data.samples[index]);
        n_token += (int64_t) samples.back()->tokens.size();
    }
    const double start   = now_seconds();
    trainer.last_batches = dataset_micro_batches(samples, trainer.micro_batch_tokens, true, engine_shares(*trainer.eng),
                                                 engine_parallel(*trainer.eng));
    if (!engine_run(*trainer.eng, trainer.last_batches, true, &trainer.grads, trainer.last_outputs)) {
        return false;
    }
    const double loss = engine_sum(trainer.last_batches, trainer.last_outputs).loss;
    const double norm = adamw_norm(trainer.grads, trainer.config.n_thread);
    if (!std::isfinite(loss) || !std::isfinite(norm)) {
        throw worker_error("not-finite", "The training diverged at step " + std::to_string(trainer.step + 1) + ".",
                           "Use a lower learning rate.", EXIT_CODE_FAILED);
    }
    const float rate = train_learning_rate(trainer.config, trainer.step + 1, trainer.plan.n_step);
    adamw_step(trainer.config.adamw, trainer.moments, trainer.adapter.params, trainer.grads, norm, rate,
               trainer.step + 1, trainer.config.n_thread);
    // Whole from here on, should the device fail while it is told.
    trainer.step++;
    trainer.loss      = loss;
    trainer.grad_norm = norm;
    trainer.tokens += n_token;
    add_to_average(trainer);
    engine_refresh(*trainer.eng);
    trainer.seconds += now_seconds() - start;
    return true;
}

bool trainer_probe(trainer & trainer, std::vector<std::string> & ids_right) {
    std::vector<const sample *> samples;
    for (const sample & cur : trainer.probes.samples) {
        samples.push_back(&cur);
    }
    const std::vector<micro_batch> batches =
        dataset_micro_batches(samples, (trainer.eng->on_cpu ? 4 : 1) * trainer.micro_batch_tokens, false,
                              engine_shares(*trainer.eng), engine_parallel(*trainer.eng));
    std::vector<pass_output> outputs;
    if (!engine_run(*trainer.eng, batches, true, nullptr, outputs)) {
        return false;
    }
    std::vector<bool> right(samples.size(), true);
    for (size_t i = 0; i < batches.size(); i++) {
        for (size_t j = 0; j < batches[i].rows.size(); j++) {
            if (outputs[i].argmax[j] != batches[i].labels[j]) {
                right[batches[i].samples[j]] = false;
            }
        }
    }
    ids_right.clear();
    for (size_t i = 0; i < samples.size(); i++) {
        if (right[i]) {
            ids_right.push_back(samples[i]->id);
        }
    }
    return true;
}
