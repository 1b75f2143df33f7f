// The training loop: batch, passes, clip, update, report, checkpoint, stop.
#pragma once

#include "adamw.h"
#include "dataset.h"
#include "engine.h"
#include "protocol.h"
#include "run-config.h"

#include <memory>

// What the loop is about to do; fixed before the first step, so that the schedule knows its end.
struct train_plan {
    int                           n_step       = 0;
    int64_t                       n_token      = 0; // real tokens over all steps
    int64_t                       memory_bytes = 0;
    plan_device                   device;
    std::vector<int>              epoch_of_step;
    std::vector<std::vector<int>> batches; // per step: indices of samples
};

train_plan train_plan_make(const run_config & config, const dataset & data);

// Learning rate at a step counted from 1: linear warm-up, then linear or cosine decay to final_lr_fraction.
float train_learning_rate(const run_config & config, int step, int n_step);

const int MICRO_BATCH_TOKENS = 192; // on the processor

struct trainer {
    run_config                config;
    std::unique_ptr<model>    base;
    lora                      adapter;
    adamw_state               moments;
    std::vector<float>        average; // mean of the weights after the last steps; empty before them
    dataset                   data;
    dataset                   probes;
    train_plan                plan;
    engine_params             engine;
    int                       micro_batch_tokens = MICRO_BATCH_TOKENS;
    std::unique_ptr<::engine> eng;
    int                       step      = 0; // steps done
    int64_t                   tokens    = 0; // real tokens seen
    double                    seconds   = 0.0;
    double                    loss      = 0.0; // of the last step
    double                    grad_norm = 0.0;
    std::vector<float>        grads;
    std::vector<micro_batch>  last_batches;
    std::vector<pass_output>  last_outputs;
};

// Opens everything the configuration names; the adapter starts from the seed or from init_adapter.
std::unique_ptr<trainer> trainer_init(const run_config & config);

// One optimiser step. false = stopped before it was complete; the state is that of the step before.
bool trainer_step(trainer & trainer);

// Puts the mean of the last steps in the place of the last weights, where one was asked for (stochastic weight
// averaging, Izmailov et al. 2018, arXiv:1803.05407). Called once, after the last step.
void trainer_average(trainer & trainer);

// Share of probes whose every supervised token is the argmax. Gives the ids of the right ones; false = stopped.
bool trainer_probe(trainer & trainer, std::vector<std::string> & ids_right);

// The whole run with events, checkpoints and the adapter file; gives the exit code.
int trainer_run(const run_config & config, std::atomic<bool> * early_stop);

// Chooses the device and how it is used, from what is free. Throws out-of-memory with the numbers, device-missing,
// device-failed, device-unsupported.
void trainer_fit(trainer & trainer);

// The largest padded micro-batches of the run, probes included, at about n_token tokens each.
std::vector<micro_batch> trainer_largest_batches(const trainer & trainer, int n_token);

// Memory that a run will need at its peak, in bytes. has_kl: some sample's loss is the divergence from the base.
int64_t trainer_memory(const model & base, const lora & adapter, const run_config & config, int max_len,
                       bool has_kl = false);
