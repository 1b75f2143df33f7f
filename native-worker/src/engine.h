// Runs micro-batches of the model: forward, and backward into a gradient vector laid out like lora::params.
//
// On the processor each of n_thread workers computes whole micro-batches on its own one-thread ggml back end; any other
// device has one worker. The gradients are added up in the order of the micro-batches, so the sum does not depend on
// the number of threads.
#pragma once

#include "cpu-ops.h"
#include "device.h"
#include "graph.h"
#include "plain-plan.h"

#include <atomic>
#include <functional>
#include <memory>

struct engine_params {
    std::string              backends_dir; // the processor's plug-ins are loaded from here
    std::vector<std::string> backends;     // plug-in files of other devices
    std::string              device       = "cpu";
    int                      n_thread     = 1;
    gemm_mode                mode         = GEMM_F32; // GEMM_GGML on any device but the processor
    bool                     forward_only = false;    // no backward copies of the weights
    plain_settings           plain;                   // mode GEMM_GGML only
};

struct engine_worker;

struct engine {
    const model *                               base    = nullptr;
    const lora *                                adapter = nullptr;
    engine_params                               params;
    cpu_weights                                 weights;
    cpu_adapter                                 packed;
    plain_weights                               plain; // mode GEMM_GGML only
    std::string                                 device_name;
    bool                                        on_cpu = true;
    int                                         slice  = 0; // nodes handed over at a time; 0 = all
    std::vector<std::unique_ptr<engine_worker>> workers;
    std::atomic<bool> stop{ false }; // set by another thread: passes end at the next node, engine_run returns false

    ~engine();
};

// Loads the back ends and prepares the base. The adapter is read at every pass: call engine_refresh after changing it.
std::unique_ptr<engine> engine_init(model & base, const lora & adapter, const engine_params & params);

void engine_refresh(engine & engine);

// Can it run micro-batches of the shared layout?
bool engine_shares(const engine & engine);

// Micro-batches that are computed at the same time.
int engine_parallel(const engine & engine);

// Takes the memory that the largest of these micro-batches need, so that a lack of it shows before the training.
void engine_reserve(engine & engine, const std::vector<micro_batch> & batches, bool backward);

// The ggml library met at run time must be the one the headers describe. Throws ggml-mismatch.
void engine_check_version();

struct engine_totals {
    double loss   = 0.0; // sum of weight * nll
    double weight = 0.0; // sum of weight
};

// Runs all micro-batches; outputs in their order. grads (sum over the batches, overwritten) may be null = forward only.
// false = stopped, nothing usable.
bool engine_run(engine & engine, const std::vector<micro_batch> & batches, bool adapted, std::vector<float> * grads,
                std::vector<pass_output> & outputs, const pass_request * extra = nullptr);

engine_totals engine_sum(const std::vector<micro_batch> & batches, const std::vector<pass_output> & outputs);
