#include "score.h"

#include "dataset.h"
#include "engine.h"
#include "error.h"
#include "lora.h"
#include "protocol.h"

#include <algorithm>
#include <cmath>

namespace {

// The base's logits of every supervised row of one micro-batch wait here for the tuned ones.
struct comparison {
    std::vector<float>  base; // [n_row][n_vocab]
    std::vector<double> kl;
    bool                tuned = false;
};

void on_logits(int first_row, int n_row, int n_vocab, const float * logits, void * userdata) {
    comparison & all = *(comparison *) userdata;
    for (int i = 0; i < n_row; i++, logits += n_vocab) {
        const size_t row  = (size_t) first_row + i;
        float *      base = all.base.data() + row * n_vocab;
        if (!all.tuned) {
            std::copy(logits, logits + n_vocab, base);
            continue;
        }
        const float top_base  = *std::max_element(base, base + n_vocab);
        const float top_tuned = *std::max_element(logits, logits + n_vocab);
        double      sum_base  = 0.0;
        double      sum_tuned = 0.0;
        for (int j = 0; j < n_vocab; j++) {
            sum_base += std::exp((double) base[j] - top_base);
            sum_tuned += std::exp((double) logits[j] - top_tuned);
        }
        const double log_base  = top_base + std::log(sum_base);
        const double log_tuned = top_tuned + std::log(sum_tuned);
        double       kl        = 0.0;
        for (int j = 0; j < n_vocab; j++) {
            kl += std::exp(base[j] - log_base) * ((base[j] - log_base) - (logits[j] - log_tuned));
        }
        all.kl[row] = kl;
    }
}

bool score_batch(engine & eng, const micro_batch & batch, int n_vocab, std::vector<score_line> & lines) {
    comparison               compare;
    std::vector<pass_output> base;
    std::vector<pass_output> tuned;
    pass_request             request;
    compare.base.resize(batch.rows.size() * (size_t) n_vocab);
    compare.kl.resize(batch.rows.size());
    request.on_logits      = on_logits;
    request.on_logits_data = &compare;
    if (!engine_run(eng, { batch }, false, nullptr, base, &request)) {
        return false;
    }
    compare.tuned = true;
    if (!engine_run(eng, { batch }, true, nullptr, tuned, &request)) {
        return false;
    }
    for (size_t j = 0; j < batch.rows.size(); j++) {
        score_line & line = lines[batch.samples[j]];
        line.n++;
        line.log_prob -= tuned[0].nll[j];
        line.log_prob_base -= base[0].nll[j];
        line.kl += compare.kl[j];
        line.top1_agree += base[0].argmax[j] == tuned[0].argmax[j];
        line.right += tuned[0].argmax[j] == batch.labels[j];
    }
    return true;
}

} // namespace

int score_run(const run_config & config) {
    emit_phase("load");
    const std::unique_ptr<model> base    = model_open(config.base);
    lora                         adapter = lora_layout(*base, 1, 1.0f, {});
    if (!config.adapter.empty()) {
        adapter = lora_open(*base, config.adapter);
    }
    dataset       data = dataset_read(config.dataset, base->hparams.n_vocab, base->hparams.n_ctx_train);
    engine_params params;
    params.backends_dir               = config.backends_dir;
    params.n_thread                   = 1; // a pass keeps all logits of its rows: one micro-batch at a time
    params.mode                       = gemm_mode_from_name(config.gemm);
    params.forward_only               = true;
    const std::unique_ptr<engine> eng = engine_init(*base, adapter, params);
    const protocol_stop_scope     stops(&eng->stop); // ends before the engine, after an error too
    emit_hello(eng->device_name, params.n_thread, gemm_mode_name(params.mode));

    std::vector<const sample *> samples;
    for (sample & cur : data.samples) {
        cur.kl = false; // what is asked for is the probability of the tokens
        samples.push_back(&cur);
    }
    std::vector<score_line> lines(samples.size());
    for (const micro_batch & batch : dataset_micro_batches(samples, 256, false)) {
        if (eng->stop || !score_batch(*eng, batch, base->hparams.n_vocab, lines)) {
            emit_cancelled(0);
            return EXIT_CODE_CANCELLED;
        }
    }
    for (size_t i = 0; i < samples.size(); i++) {
        lines[i].id = samples[i]->id;
        lines[i].kl /= lines[i].n;
        emit_score(lines[i]);
    }
    emit_done("", 0, 0, 0.0, 0.0);
    return EXIT_CODE_DONE;
}
