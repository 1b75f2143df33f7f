// The trained parameters: per linear A [r, n_in] and B [n_out, r] (rows contiguous), all in one flat F32 vector.
//
// y = W x + scale * B (A x), scale = alpha / rank. The A of a group's members stand below each other, so that one
// product gives all of t = A x. Start: A uniform in +-1/sqrt(n_in) (PEFT's Kaiming uniform with a = sqrt(5)), B = 0.
#pragma once

#include "gguf-model.h"

#include <cstddef>
#include <string>
#include <vector>

struct lora_pair {
    std::string name; // "blk.0.attn_q.weight"
    int         layer    = 0;
    int         group    = 0; // group_kind
    int         member   = 0; // index into the group's members
    int         rank     = 0;
    int         n_in     = 0;
    int         n_out    = 0;
    int         t_row    = 0; // first row of this pair in the group's t
    size_t      offset_a = 0; // into lora::params
    size_t      offset_b = 0;
};

struct lora_group {
    int              n_t      = 0; // rows of t: sum of the ranks; 0 = nothing trained here
    size_t           offset_a = 0; // the stacked A [n_t, n_in]
    std::vector<int> pair;         // per member: index into lora::pairs, or -1
};

struct lora {
    int                                  rank  = 0;
    float                                alpha = 0.0f;
    std::vector<lora_pair>               pairs;
    std::vector<std::vector<lora_group>> layers; // [n_layer][GROUP_COUNT]
    std::vector<float>                   params;
};

float lora_scale(const lora & adapter);

// Lays the parameters out; all zero. modules are names such as "attn_q". Throws bad-config on an unknown one.
lora lora_layout(const model & base, int rank, float alpha, const std::vector<std::string> & modules);

// Fills A from the seed (per tensor, by its name), B with zeros.
void lora_init(lora & adapter, uint64_t seed);

// Loads A and B from an adapter file of the same base shape, rank and modules. Throws adapter-mismatch.
void lora_load(lora & adapter, const std::string & path);

// Opens an adapter file with the rank, alpha and modules that it has. Throws adapter-mismatch.
lora lora_open(const model & base, const std::string & path);
