#include "self-test.h"

#include "engine.h"
#include "error.h"
#include "protocol.h"
#include "toy-model.h"

#include <cmath>

namespace {

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
    const std::vector<sample>   samples = toy_samples();
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
    const std::vector<micro_batch> batches = toy_batches();
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
        const std::unique_ptr<model> base    = toy_model();
        lora                         adapter = toy_adapter(*base);
        engine_params                params;
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
