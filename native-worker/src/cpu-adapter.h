// A and B as the CPU path multiplies them, made anew after every update.
//
// F32: A^T [n_in, n_t] and B^T [r, n_out] at the offsets of lora::params.
// BF16 (even rank, and members of a shared group a multiple of 32 wide): panels as in gemm-bf16.h, so that the low-rank
// terms y += scale t B^T and dx += dt A join the big products while their sums are in registers.
#pragma once

#include "gemm.h"
#include "lora.h"

#include <functional>

struct cpu_lora_pack {
    bool                  bf16 = false;
    std::vector<uint16_t> a;      // A as a weight [n_t, n_in]
    std::vector<uint16_t> a_back; // A^T as a weight [n_in, n_t]
    std::vector<uint16_t> b;      // the members' B below each other as a weight [n_out, r]
    std::vector<int>      column; // per panel of b: the member's first row of t, -1 = not trained
    std::vector<int>      zero;   // per panel of a_back: 0
};

struct cpu_adapter {
    const lora *                            adapter = nullptr;
    std::vector<float>                      transposed; // empty where all groups are BF16
    std::vector<std::vector<cpu_lora_pack>> packs;      // [n_layer][GROUP_COUNT]
};

void cpu_adapter_refresh(cpu_adapter & packed, const model & base, const lora & adapter, gemm_mode mode, int n_thread);

// run(i) for i in [0, n) on n_thread threads; run may only write what belongs to i. Rethrows.
void parallel_for(int n_thread, int n, const std::function<void(int)> & run);
