#include "gemm-bf16.h"

#include <algorithm>

size_t bf16_padded(int n) {
    return ((size_t) n + 31) / 32 * 32;
}

#if defined(__x86_64__) && defined(__GNUC__)

#include <immintrin.h>

#define KEEPSAKE_BF16 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")))
#define KEEPSAKE_BF16_INLINE                                                                                           \
    inline __attribute__((always_inline, target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")))

bool bf16_available() {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bf16");
}

namespace {

const int BLOCK = 512; // values of k per pass: 12 rows of x and a panel's part stay in the first two caches

struct bf16_tile {
    const uint16_t * x; // first row
    ptrdiff_t        ldx;
    const uint16_t * panel;
    int              n_pair;
    const uint16_t * x2; // low-rank term, n_pair2 may be 0
    ptrdiff_t        ldx2;
    const uint16_t * panel2;
    int              n_pair2;
    float *          c;
    ptrdiff_t        ldc;
    __mmask16        mask0;
    __mmask16        mask1;
    bool             accumulate;
};

// Adds x * panel over n_pair pairs of k to mr x 32 sums; mr is a constant at every call.
KEEPSAKE_BF16_INLINE void multiply(__m512 (&sum)[12][2], const int mr, const uint16_t * x, ptrdiff_t ldx,
                                   const uint16_t * panel, int n_pair) {
    for (int k = 0; k < n_pair; k++) {
        const __m512bh b0 = (__m512bh) _mm512_loadu_si512(panel);
        const __m512bh b1 = (__m512bh) _mm512_loadu_si512(panel + 32);
#pragma GCC unroll 12
        for (int i = 0; i < mr; i++) {
            int pair;
            __builtin_memcpy(&pair, x + i * ldx, sizeof(pair));
            const __m512bh a = (__m512bh) _mm512_set1_epi32(pair);
            sum[i][0]        = _mm512_dpbf16_ps(sum[i][0], b0, a);
            sum[i][1]        = _mm512_dpbf16_ps(sum[i][1], b1, a);
        }
        x += 2;
        panel += 64;
    }
}

KEEPSAKE_BF16_INLINE void tile_rows(const bf16_tile & t, int row, const int mr) {
    __m512 sum[12][2];
#pragma GCC unroll 12
    for (int i = 0; i < mr; i++) {
        sum[i][0] = _mm512_setzero_ps();
        sum[i][1] = _mm512_setzero_ps();
    }
    multiply(sum, mr, t.x + row * t.ldx, t.ldx, t.panel, t.n_pair);
    if (t.n_pair2 > 0) {
        multiply(sum, mr, t.x2 + row * t.ldx2, t.ldx2, t.panel2, t.n_pair2);
    }
#pragma GCC unroll 12
    for (int i = 0; i < mr; i++) {
        float * c = t.c + (row + i) * t.ldc;
        if (t.accumulate) {
            sum[i][0] = _mm512_add_ps(sum[i][0], _mm512_maskz_loadu_ps(t.mask0, c));
            sum[i][1] = _mm512_add_ps(sum[i][1], _mm512_maskz_loadu_ps(t.mask1, c + 16));
        }
        _mm512_mask_storeu_ps(c, t.mask0, sum[i][0]);
        _mm512_mask_storeu_ps(c + 16, t.mask1, sum[i][1]);
    }
}

KEEPSAKE_BF16 void run_panel(const bf16_tile & t, int n_row) {
    int row = 0;
    for (; row + 12 <= n_row; row += 12) {
        tile_rows(t, row, 12);
    }
    for (; row + 4 <= n_row; row += 4) {
        tile_rows(t, row, 4);
    }
    for (; row < n_row; row++) {
        tile_rows(t, row, 1);
    }
}

__mmask16 column_mask(int n) {
    return n >= 16 ? (__mmask16) 0xffff : n <= 0 ? (__mmask16) 0 : (__mmask16) ((1u << n) - 1);
}

// Transposes an 8 x 8 block of 64-bit values; row i of the result is written to dst + i * stride (in 32-bit units).
KEEPSAKE_BF16_INLINE void turn_block(const __m512i (&r)[8], uint32_t * dst, ptrdiff_t stride) {
    __m512i a[8];
    __m512i b[8];
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        a[2 * i]     = _mm512_unpacklo_epi64(r[2 * i], r[2 * i + 1]); // columns 0 2 4 6
        a[2 * i + 1] = _mm512_unpackhi_epi64(r[2 * i], r[2 * i + 1]); // columns 1 3 5 7
    }
    // 128-bit lane l of a[2i] is column 2l of rows 2i, 2i+1: gather the lanes of one column from four registers.
#pragma GCC unroll 2
    for (int odd = 0; odd < 2; odd++) {
        const __m512i s0 = _mm512_shuffle_i64x2(a[odd], a[2 + odd], 0x44); // lanes 0 1 of rows 01, 0 1 of rows 23
        const __m512i s1 = _mm512_shuffle_i64x2(a[4 + odd], a[6 + odd], 0x44);
        const __m512i s2 = _mm512_shuffle_i64x2(a[odd], a[2 + odd], 0xee);
        const __m512i s3 = _mm512_shuffle_i64x2(a[4 + odd], a[6 + odd], 0xee);
        b[0 + odd]       = _mm512_shuffle_i64x2(s0, s1, 0x88);
        b[2 + odd]       = _mm512_shuffle_i64x2(s0, s1, 0xdd);
        b[4 + odd]       = _mm512_shuffle_i64x2(s2, s3, 0x88);
        b[6 + odd]       = _mm512_shuffle_i64x2(s2, s3, 0xdd);
    }
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++) {
        _mm512_storeu_si512(dst + i * stride, b[i]);
    }
}

// Turns rows n0 .. n0 + n (multiples of 32) and the 32 columns of panel q of the packed weight into pairs along n:
// dst[n/2][32] pairs (W[n][k], W[n+1][k]).
KEEPSAKE_BF16 void turn_panel(const uint16_t * panels, int n_in_padded, int n0, int n, int q, uint32_t * dst) {
    // inside each 64 bits: (W[n][k] W[n][k+1] W[n+1][k] W[n+1][k+1]) -> (W[n][k] W[n+1][k] W[n][k+1] W[n+1][k+1])
    const __m512i swap = _mm512_broadcast_i32x4(_mm_setr_epi8(0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15));
    for (int row = 0; row < n; row += 16) {
        const uint16_t * panel = panels + (size_t) ((n0 + row) / 32) * n_in_padded * 32 + (size_t) q * 16 * 64 +
                                 (size_t) ((n0 + row) % 32) * 2;
        for (int half = 0; half < 2; half++) {
            __m512i r[8];
#pragma GCC unroll 8
            for (int i = 0; i < 8; i++) {
                r[i] = _mm512_shuffle_epi8(_mm512_loadu_si512(panel + (half * 8 + i) * 64), swap);
            }
            turn_block(r, dst + (ptrdiff_t) row / 2 * 32 + half * 16, 32);
        }
    }
}

} // namespace

KEEPSAKE_BF16 void bf16_convert(const float * src, ptrdiff_t lds, int n_row, int n, uint16_t * dst, ptrdiff_t ldd) {
    for (int row = 0; row < n_row; row++, src += lds, dst += ldd) {
        int i = 0;
        for (; i + 16 <= n; i += 16) {
            _mm256_storeu_si256((__m256i *) (dst + i), (__m256i) _mm512_cvtneps_pbh(_mm512_loadu_ps(src + i)));
        }
        for (; i < (int) ldd; i += 16) {
            const __mmask16 from = column_mask(n - i);
            const __mmask16 to   = column_mask((int) ldd - i);
            _mm256_mask_storeu_epi16(dst + i, to, (__m256i) _mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(from, src + i)));
        }
    }
}

KEEPSAKE_BF16 void bf16_pack(const float * src, ptrdiff_t src_n, ptrdiff_t src_k, int n_out, int n_in, int n_in_padded,
                             uint16_t * panels) {
    uint32_t * pairs = (uint32_t *) panels; // [n_out/32][n_in_padded/2][32]
    for (int n0 = 0; n0 < n_out; n0 += 32) {
        const int n_row = std::min(32, n_out - n0);
        for (int k = 0; k < n_in_padded; k += 2, pairs += 32) {
            // even[i] = W[n0 + i][k], odd[i] = W[n0 + i][k + 1], zero outside the weight
            alignas(64) float even[32] = {};
            alignas(64) float odd[32]  = {};
            for (int i = 0; i < n_row; i++) {
                const float * at = src + (n0 + i) * src_n + k * src_k;
                even[i]          = k < n_in ? at[0] : 0.0f;
                odd[i]           = k + 1 < n_in ? at[src_k] : 0.0f;
            }
            for (int half = 0; half < 2; half++) {
                const __m512i low =
                    _mm512_cvtepu16_epi32((__m256i) _mm512_cvtneps_pbh(_mm512_load_ps(even + 16 * half)));
                const __m512i high =
                    _mm512_cvtepu16_epi32((__m256i) _mm512_cvtneps_pbh(_mm512_load_ps(odd + 16 * half)));
                _mm512_storeu_si512(pairs + 16 * half, _mm512_or_si512(low, _mm512_slli_epi32(high, 16)));
            }
        }
    }
}

void bf16_forward(const uint16_t * panels, int n_out, int n_in, int n_row, const uint16_t * x, float * y, ptrdiff_t ldy,
                  bool accumulate, const bf16_extra * extra) {
    const int n_in_padded = (int) bf16_padded(n_in);
    for (int k0 = 0; k0 < n_in_padded; k0 += BLOCK) {
        const int n_pair = std::min(BLOCK, n_in_padded - k0) / 2;
        for (int n = 0; n < n_out; n += 32) {
            bf16_tile t = { x + k0,
                            n_in_padded,
                            panels + (size_t) (n / 32) * n_in_padded * 32 + (size_t) k0 * 32,
                            n_pair,
                            nullptr,
                            0,
                            nullptr,
                            0,
                            y + n,
                            ldy,
                            column_mask(n_out - n),
                            column_mask(n_out - n - 16),
                            accumulate || k0 > 0 };
            if (extra && k0 == 0 && extra->column[n / 32] >= 0) {
                t.x2      = extra->x + extra->column[n / 32];
                t.ldx2    = extra->ldx;
                t.panel2  = extra->panels + (size_t) (n / 32) * extra->k * 32;
                t.n_pair2 = extra->k / 2;
            }
            run_panel(t, n_row);
        }
    }
}

void bf16_backward(const uint16_t * panels, int n_out, int n_in, int n_row, const uint16_t * dy, float * dx,
                   ptrdiff_t ldx, bool accumulate, const bf16_extra * extra) {
    alignas(64) uint32_t turned[BLOCK / 2 * 32];
    const int            n_in_padded  = (int) bf16_padded(n_in);
    const int            n_out_padded = (int) bf16_padded(n_out);
    for (int n0 = 0; n0 < n_out_padded; n0 += BLOCK) {
        const int n = std::min(BLOCK, n_out_padded - n0);
        for (int k = 0; k < n_in; k += 32) {
            turn_panel(panels, n_in_padded, n0, n, k / 32, turned);
            bf16_tile t = { dy + n0,
                            n_out_padded,
                            (const uint16_t *) turned,
                            n / 2,
                            nullptr,
                            0,
                            nullptr,
                            0,
                            dx + k,
                            ldx,
                            column_mask(n_in - k),
                            column_mask(n_in - k - 16),
                            accumulate || n0 > 0 };
            if (extra && n0 == 0 && extra->column[k / 32] >= 0) {
                t.x2      = extra->x + extra->column[k / 32];
                t.ldx2    = extra->ldx;
                t.panel2  = extra->panels + (size_t) (k / 32) * extra->k * 32;
                t.n_pair2 = extra->k / 2;
            }
            run_panel(t, n_row);
        }
    }
}

#else

bool bf16_available() {
    return false;
}

void bf16_pack(const float *, ptrdiff_t, ptrdiff_t, int, int, int, uint16_t *) {}
void bf16_convert(const float *, ptrdiff_t, int, int, uint16_t *, ptrdiff_t) {}
void bf16_forward(const uint16_t *, int, int, int, const uint16_t *, float *, ptrdiff_t, bool, const bf16_extra *) {}
void bf16_backward(const uint16_t *, int, int, int, const uint16_t *, float *, ptrdiff_t, bool, const bf16_extra *) {}

#endif
