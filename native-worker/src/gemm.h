// Matrix products on the CPU, one calling thread each; callers split the work.
//
// gemm_f32:  C[m,n] (+)= sum_k A(m,k) B(k,n), A and B with free strides, C with rows of ldc values.
// frozen:    a weight W[n_out, n_in] of the base, dequantised once and packed, multiplied in both directions:
//            forward y[T, n_out] = x W^T, backward dx[T, n_in] = dy W.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

struct ggml_tensor;

enum gemm_mode {
    GEMM_GGML, // plain ggml nodes, usable on every back end
    GEMM_F32,  // own kernels or oneDNN, F32 weights
    GEMM_BF16, // BF16 weights and inputs, F32 sums
};

// Every element's sum runs over k in one fixed order, so the result does not depend on m or n.
void gemm_f32(int m, int n, int k, const float * a, ptrdiff_t a_m, ptrdiff_t a_k, const float * b, ptrdiff_t b_k,
              ptrdiff_t b_n, float * c, ptrdiff_t ldc, bool accumulate);

// Does this CPU multiply BF16 natively, and is a kernel for it built in?
bool gemm_has_bf16();

// KEEPSAKE_KERNEL=any|avx2|avx512 leaves the kernels of newer CPUs out, so that the others can be tried.
enum kernel_limit { KERNEL_ANY, KERNEL_AVX2, KERNEL_AVX512, KERNEL_ALL };

kernel_limit gemm_kernel_limit();

// "auto" becomes bf16 where the CPU has it, else f32.
gemm_mode    gemm_mode_from_name(const std::string & name);
const char * gemm_mode_name(gemm_mode mode);

// How a frozen weight lies in memory and who multiplies it.
enum frozen_layout {
    FROZEN_F32,    // [n_out][n_in]; oneDNN where it is there, else gemm_f32
    FROZEN_PANELS, // BF16 panels (gemm-bf16.h), AVX512_BF16
    FROZEN_TILES,  // BF16 [n_out][n_in], oneDNN on AMX
};

struct frozen_weight {
    int                   n_out  = 0;
    int                   n_in   = 0;
    frozen_layout         layout = FROZEN_F32;
    std::vector<float>    f32;
    std::vector<uint16_t> bf16;
};

// Dequantises and stacks the rows of the given weights (all of one n_in) into one frozen weight.
void   frozen_init(frozen_weight & weight, gemm_mode mode, const std::vector<const ggml_tensor *> & parts);
size_t frozen_size(gemm_mode mode, int64_t n_out, int64_t n_in);

// A low-rank term that joins a BF16 product: the result gets scale * t B^T, B packed by cpu-adapter.h.
struct low_rank_term {
    const float *    t;
    int              n_t;
    float            scale;
    const uint16_t * panels;
    const int *      column;
    int              k; // columns of t per panel
};

// Do weights of this mode take a low-rank term?
bool frozen_joins(gemm_mode mode);

// term only where frozen_joins.
void frozen_forward(const frozen_weight & weight, int n_row, const float * x, ptrdiff_t ldx, float * y, ptrdiff_t ldy,
                    bool accumulate, const low_rank_term * term = nullptr);
void frozen_backward(const frozen_weight & weight, int n_row, const float * dy, ptrdiff_t ldy, float * dx,
                     ptrdiff_t ldx, bool accumulate, const low_rank_term * term = nullptr);

// y[n_row, n_out] = x W^T for any packed BF16 weight.
void packed_forward(const uint16_t * panels, int n_out, int n_in, int n_row, const float * x, ptrdiff_t ldx, float * y,
                    ptrdiff_t ldy);
