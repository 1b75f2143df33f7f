// A tiny model opened by the worker's own code, with an adapter and an engine, for tests inside one process.
#pragma once

#include "engine.h"
#include "temp-folder.h"
#include "tiny-model.h"
#include "tiny-random.h"

#include <memory>
#include <string>
#include <vector>

struct toy {
    std::string             path;
    std::unique_ptr<model>  base;
    lora                    adapter;
    std::unique_ptr<engine> eng;
};

// All seven linears of every layer.
const std::vector<std::string> & all_modules();

// Opens a model file; B is filled with random numbers of the given deviation (0 = a fresh adapter).
std::unique_ptr<toy> open_toy(const std::string & path, gemm_mode mode, int rank, float alpha, float deviation_b,
                              int n_thread = 2);

// Random sequences of the given lengths as one micro-batch each; every position but the first is supervised.
std::vector<micro_batch> random_batches(const std::vector<int> & lengths, uint64_t seed);

// One micro-batch of several sequences padded to the longest. Weights as in a dataset, divided by `divisor`; kl says
// which sequences are held to the base's distribution (empty: none).
micro_batch make_batch(const std::vector<std::vector<int32_t>> & tokens,
                       const std::vector<std::vector<float>> & weights, float divisor,
                       const std::vector<bool> & kl = {});

// Gives every second row of every batch the divergence from the base as its loss.
void mix_losses(std::vector<micro_batch> & batches);

// Forward without gradients: logits of all supervised rows of all batches, [rows][n_vocab].
std::vector<std::vector<float>> run_logits(toy & cur, const std::vector<micro_batch> & batches, bool adapted);

// Weighted loss over the batches.
double run_loss(toy & cur, const std::vector<micro_batch> & batches);

// Loss and gradient.
double run_grads(toy & cur, const std::vector<micro_batch> & batches, std::vector<float> & grads);

// Writes samples in the worker's format: a shared opening, then question and answer of random bytes; the answer alone
// is supervised. every_kl: each sample of so many has the loss "kl" (0 = none, 1 = all).
void write_random_dataset(const std::string & path, int n_sample, uint64_t seed, int every_kl = 0);
