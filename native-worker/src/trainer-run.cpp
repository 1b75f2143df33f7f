// The run around the loop: events, probes, checkpoints, stop, and the adapter file at the end.
#include "adapter-file.h"
#include "checkpoint.h"
#include "error.h"
#include "last-words.h"
#include "profile.h"
#include "protocol.h"
#include "trainer.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <unistd.h>

namespace {

const char * const HINT_DEVICE = "Start the training again, or train on the CPU: it goes on from the last whole step.";

checkpoint_state state_of(const trainer & trainer) {
    return { trainer.config.hash, trainer.data.hash, trainer.step, trainer.tokens, trainer.seconds, trainer.loss };
}

void save(const trainer & trainer) {
    if (!trainer.config.checkpoint.empty()) {
        checkpoint_save(trainer.config.checkpoint, state_of(trainer), trainer.adapter, trainer.moments,
                        trainer.average);
        emit_checkpoint(trainer.step, trainer.config.checkpoint);
    }
}

void resume(trainer & trainer) {
    if (!trainer.config.resume || trainer.config.checkpoint.empty()) {
        return;
    }
    checkpoint_state state = state_of(trainer);
    std::string      reason;
    if (checkpoint_load(trainer.config.checkpoint, state, trainer.adapter, trainer.moments, trainer.average, reason)) {
        trainer.step    = (int) state.step;
        trainer.tokens  = state.tokens;
        trainer.seconds = state.seconds;
        trainer.loss    = state.loss;
        engine_refresh(*trainer.eng);
        emit_phase("resumed");
    } else if (!reason.empty()) {
        emit_warning("checkpoint-unusable", reason);
    }
}

void report_step(const trainer & trainer, int64_t tokens_before, double seconds_before) {
    step_event event;
    event.step         = trainer.step;
    event.steps        = trainer.plan.n_step;
    event.epoch        = trainer.plan.epoch_of_step[trainer.step - 1];
    event.loss         = trainer.loss;
    event.lr           = train_learning_rate(trainer.config, trainer.step, trainer.plan.n_step);
    event.grad_norm    = trainer.grad_norm;
    event.tokens       = trainer.tokens;
    event.tokens_per_s = (double) (trainer.tokens - tokens_before) / (trainer.seconds - seconds_before);
    std::map<std::string, std::pair<double, double>> kinds; // loss and weight
    const std::vector<int> &                         chosen = trainer.plan.batches[trainer.step - 1];
    for (size_t i = 0; i < trainer.last_batches.size(); i++) {
        const micro_batch & batch = trainer.last_batches[i];
        for (size_t j = 0; j < batch.rows.size(); j++) {
            const std::string & kind = trainer.data.samples[chosen[batch.samples[j]]].kind;
            if (!kind.empty()) {
                kinds[kind].first += (double) batch.weights[j] * trainer.last_outputs[i].nll[j];
                kinds[kind].second += batch.weights[j];
            }
        }
    }
    for (const auto & item : kinds) {
        event.kinds[item.first] = item.second.first / item.second.second;
    }
    emit_step(event);
}

void probe(trainer & trainer) {
    std::vector<std::string> ids_right;
    if (!trainer.probes.samples.empty() && trainer_probe(trainer, ids_right)) {
        emit_probe(trainer.step, (int) ids_right.size(), (int) trainer.probes.samples.size(), ids_right);
    }
}

// A fresh adapter has B = 0, so the first step must have a gradient for B and none for A. It is the base itself, from
// which nothing diverges yet: rows with loss KL alone may have no gradient at all.
void check_first_gradient(const trainer & trainer) {
    bool right = trainer.grad_norm > 0.0;
    if (!right) {
        const std::vector<int> & chosen = trainer.plan.batches[0];
        right = std::all_of(chosen.begin(), chosen.end(), [&](int i) { return trainer.data.samples[i].kl; });
    }
    for (const lora_pair & pair : trainer.adapter.pairs) {
        const auto first = trainer.grads.begin() + (ptrdiff_t) pair.offset_a;
        right =
            right && std::all_of(first, first + (ptrdiff_t) pair.rank * pair.n_in, [](float g) { return g == 0.0f; });
    }
    if (!right) {
        throw worker_error("no-gradient", "The first step gave no usable gradient.",
                           "Run the worker's self-test and check the dataset's weights.", EXIT_CODE_FAILED);
    }
}

// What a device took with it is the step at hand, no more.
bool step_or_save(trainer & trainer) {
    try {
        return trainer_step(trainer);
    } catch (const worker_error & error) {
        if (error.code == "device-failed" || error.code == "out-of-memory" || error.code == "compute-failed") {
            save(trainer);
        }
        throw;
    }
}

// Found out before the training, not after it.
void check_output(const run_config & config) {
    const size_t      slash  = config.output.find_last_of('/');
    const std::string folder = slash == std::string::npos ? "." : config.output.substr(0, slash + 1);
    if (access(folder.c_str(), W_OK) != 0) {
        throw worker_error("write-failed", "The folder " + folder + " cannot be written to (" + strerror(errno) + ").",
                           "Check that the folder exists and may be written to.", EXIT_CODE_FAILED);
    }
}

} // namespace

int trainer_run(const run_config & config, std::atomic<bool> * early_stop) {
    check_output(config);
    emit_phase("load");
    protocol_end_at_once(true);
    const std::unique_ptr<trainer> run = trainer_init(config);
    const protocol_stop_scope      stops(&run->eng->stop); // ends before the engine, after an error too
    protocol_end_at_once(false);
    if (*early_stop) {
        run->eng->stop = true;
    }
    emit_hello(run->eng->device_name, config.n_thread, gemm_mode_name(run->eng->params.mode));
    emit_plan(run->plan.n_step, run->plan.n_token, (int64_t) run->data.samples.size(), run->plan.memory_bytes,
              run->plan.device);
    resume(*run);
    emit_phase("train");
    const last_words on_abort(run->eng->device_name, HINT_DEVICE, [&] { save(*run); });
    double           last_save = profile_now() * 1e-9;
    while (run->step < run->plan.n_step) {
        const int64_t tokens_before  = run->tokens;
        const double  seconds_before = run->seconds;
        if (run->eng->stop || !step_or_save(*run)) {
            save(*run);
            emit_cancelled(run->step);
            return EXIT_CODE_CANCELLED;
        }
        if (run->step == run->plan.n_step) {
            trainer_average(*run); // before the last probe, which then asks what is written
        }
        report_step(*run, tokens_before, seconds_before);
        if (run->step == 1 && config.init_adapter.empty()) {
            check_first_gradient(*run);
        }
        if (config.probe_every > 0 && (run->step % config.probe_every == 0 || run->step == run->plan.n_step)) {
            probe(*run);
        }
        if (profile_now() * 1e-9 - last_save >= config.checkpoint_every_s && run->step < run->plan.n_step) {
            save(*run);
            last_save = profile_now() * 1e-9;
        }
    }
    emit_phase("write");
    try {
        adapter_file_write(config.output, run->adapter, run->base->hparams.architecture, config.metadata);
    } catch (const worker_error &) {
        save(*run); // what was learnt is not lost: the same command goes on from here
        throw;
    }
    emit_done(config.output, run->step, run->tokens, run->seconds, run->loss);
    profile_print();
    return EXIT_CODE_DONE;
}
