// Element-wise and attention kernels of the CPU path. T rows (tokens) of d contiguous F32 values unless said.
//
// rms_norm:   y = x * w / sqrt(mean(x^2) + eps)
// swiglu:     act = silu(g) * u, gu = [g | u] per row
// rope:       rotates the first n_rot values of each q and k head by the position's angles; back = inverse rotation
// attention:  causal softmax(q k^T / sqrt(hd)) v per sequence and head; qkv = [q | k | v] per row, GQA by head groups
#pragma once

#include "graph.h"

#include <vector>

struct rope_table {
    std::vector<float> cosine; // [n_len][n_rot / 2]
    std::vector<float> sine;
    int                n_len = 0;
};

void rope_table_extend(rope_table & table, const model & base, int n_len);

void kernel_rms_norm(int n_row, int d, const float * x, const float * w, float eps, float * y);
// dx = add + d(rms_norm); add may be null, dx may be add.
void kernel_rms_norm_back(int n_row, int d, const float * dy, const float * x, const float * w, float eps,
                          const float * add, float * dx);

void kernel_swiglu(int n_row, int d, const float * gu, float * act);
void kernel_swiglu_back(int n_row, int d, const float * dact, const float * gu, float * dgu);

// Where the tokens of a micro-batch stand: rows 0 .. n_prefix belong to every sequence.
struct token_layout {
    int              n_token   = 0;
    int              n_prefix  = 0;
    int              n_longest = 0; // own tokens of the longest sequence
    std::vector<int> start;         // per sequence: first own row
    std::vector<int> length;        // per sequence: own rows
    std::vector<int> position;      // per row
};

token_layout token_layout_of(const micro_batch & batch);

// y -> qkv: q/k norm where the layer has it, then rope by the row's position.
void kernel_rope(const model & base, const model_layer & layer, const rope_table & table, const token_layout & layout,
                 const float * y, float * qkv);
void kernel_rope_back(const model & base, const model_layer & layer, const rope_table & table,
                      const token_layout & layout, const float * dqkv, const float * y, float * dy);

void kernel_attention(const model_hparams & hp, const token_layout & layout, const float * qkv, float * out);
void kernel_attention_back(const model_hparams & hp, const token_layout & layout, const float * dout, const float * qkv,
                           float * dqkv);

// p = softmax(logits) in place; gives log(sum(exp)) + max, so that log p_i = logit_i - result.
float kernel_softmax(int n, float * logits, int * argmax);
