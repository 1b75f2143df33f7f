// BF16 products with F32 sums for CPUs with AVX512_BF16, from one packed copy of the weight for both directions.
//
// Packed weight: panels of 32 outputs, [n_out/32][n_in/2][32] pairs (W[n][k], W[n][k+1]); both sides padded to 32
// with zeros. The forward reads it as it lies; the backward turns blocks of it around in cache.
#pragma once

#include <cstddef>
#include <cstdint>

// A low-rank term that the forward adds while the sums are in registers: y += t B^T, B packed like the weight.
struct bf16_extra {
    const uint16_t * x; // BF16 rows [n_row][ldx]
    ptrdiff_t        ldx;
    const uint16_t * panels; // [n_out/32][k/2][32] pairs
    const int *      column; // per panel: first column of x, or -1 where nothing is added
    int              k;      // even; also the length of a panel
};

bool   bf16_available();
size_t bf16_padded(int n); // to 32

// Element (n, k) of src at n * src_n + k * src_k -> panels of n_in_padded (even) values per output.
void bf16_pack(const float * src, ptrdiff_t src_n, ptrdiff_t src_k, int n_out, int n_in, int n_in_padded,
               uint16_t * panels);

// F32 rows -> BF16 rows of ldd values, the rest of each row zero.
void bf16_convert(const float * src, ptrdiff_t lds, int n_row, int n, uint16_t * dst, ptrdiff_t ldd);

// y[n_row][n_out] (+)= x W^T; x BF16 [n_row][bf16_padded(n_in)]
void bf16_forward(const uint16_t * panels, int n_out, int n_in, int n_row, const uint16_t * x, float * y, ptrdiff_t ldy,
                  bool accumulate, const bf16_extra * extra);

// dx[n_row][n_in] (+)= dy W; dy BF16 [n_row][bf16_padded(n_out)]
void bf16_backward(const uint16_t * panels, int n_out, int n_in, int n_row, const uint16_t * dy, float * dx,
                   ptrdiff_t ldx, bool accumulate, const bf16_extra * extra);
