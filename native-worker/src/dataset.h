// Samples as token ids with one weight per token, the seeded order of an epoch, and micro-batches of similar length.
#pragma once

#include "graph.h"

#include <cstdint>
#include <string>
#include <vector>

struct sample {
    std::string          id; // probes only
    std::string          kind;
    std::vector<int32_t> tokens;
    std::vector<float>   weights;    // weight i belongs to predicting token i; weight 0 = not supervised
    std::vector<int>     epochs;     // in which it takes part; empty = all
    bool                 kl = false; // the loss is KL(base || tuned) instead of -log p(token)
};

struct dataset {
    std::vector<sample> samples;
    uint64_t            hash = 0; // of the file's bytes
};

// Reads JSON Lines. Every line is checked; throws bad-dataset with the line's number.
dataset dataset_read(const std::string & path, int n_vocab, int n_ctx);

// The order of one epoch: a shuffle that depends on (seed, epoch) alone, of the samples that take part in it.
std::vector<int> dataset_order(const dataset & data, uint64_t seed, int epoch);

// Splits samples into micro-batches of about n_token tokens each, as many as keep n_core of them busy at a time (0 = as
// many as this machine has cores). shared: the layout
// with a common prefix (graph.h), neighbours in the samples' own order of tokens; else padded, neighbours in length.
// The loss weights are divided by their sum over all given samples where normalise is set.
std::vector<micro_batch> dataset_micro_batches(const std::vector<const sample *> & samples, int n_token, bool normalise,
                                               bool shared = false, int n_core = 0);
