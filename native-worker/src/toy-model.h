// A tiny llama made in memory, with batches for it: what the worker checks itself and its devices with.
#pragma once

#include "dataset.h"
#include "gguf-model.h"
#include "lora.h"

#include <memory>
#include <vector>

const int TOY_N_VOCAB = 160;

// Two layers with grouped heads, n_embd 64; the same numbers at every call. The matrices are of the given type.
std::unique_ptr<model> toy_model(ggml_type type = GGML_TYPE_F32);

// Rank 4 on all seven linears, with A and B filled.
lora toy_adapter(const model & base);

// Two batches of unequal shape, with padding in the first.
std::vector<micro_batch> toy_batches();

// Five sequences of unequal length that begin with the same seven tokens.
std::vector<sample> toy_samples();
