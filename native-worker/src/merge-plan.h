// What a merge writes: which type every tensor of the base gets, and what the adapter adds to it.
#pragma once

#include "gguf-model.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

// What an adapter adds to one weight: scale * B A.
struct low_rank_delta {
    const ggml_tensor * a     = nullptr; // [n_in, r]
    const ggml_tensor * b     = nullptr; // [r, n_out]
    float               scale = 1.0f;    // alpha / r; 1 where the file has no alpha, as libllama reads it
};

// A LoRA file as llama.cpp reads it, checked against the base: the names it changes and their deltas.
struct merge_adapter {
    std::unique_ptr<model>                file;
    std::map<std::string, low_rank_delta> deltas; // by the name of the base's tensor
};

struct merge_tensor {
    const ggml_tensor *    source = nullptr;
    ggml_type              type   = GGML_TYPE_F32;
    const low_rank_delta * delta  = nullptr; // null = unchanged
};

// Matrices whose rows the wanted type's blocks do not divide, so that they get another one.
struct merge_exception {
    int       n      = 0;
    int       n_in   = 0;
    ggml_type wanted = GGML_TYPE_F32;
    ggml_type type   = GGML_TYPE_F32;
};

struct merge_plan {
    std::vector<merge_tensor>    tensors; // in the order of the base's file
    std::vector<merge_exception> exceptions;
    int                          file_type     = -1; // general.file_type, -1 = as the base has it
    bool                         is_type_given = false;
    ggml_type                    type          = GGML_TYPE_F32; // where is_type_given
};

// Throws adapter-mismatch, naming the tensor, where the adapter is damaged or belongs to another base.
merge_adapter merge_adapter_open(const model & base, const std::string & path);

// type: "base" (every tensor keeps its own) or a name such as "q8_0". Throws bad-config with the reason.
merge_plan merge_plan_make(const model & base, const merge_adapter & adapter, const std::string & type);
