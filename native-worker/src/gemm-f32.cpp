// F32 products: B is packed into panels of 16 * NV columns, a register tile of MR x 16 * NV sums runs over k.
// One source serves AVX-512, AVX2 and any other machine: the compiler lowers the 64-byte vectors.
#include "gemm.h"

#include <algorithm>
#include <cstring>

namespace {

typedef float vec16 __attribute__((vector_size(64), aligned(4)));

struct tile_args {
    int           k;
    const float * a;
    ptrdiff_t     a_m;
    ptrdiff_t     a_k;
    const float * panel; // [k][ldp]
    ptrdiff_t     ldp;
    float *       c;
    ptrdiff_t     ldc;
    int           n; // columns in use
    bool          accumulate;
};

inline __attribute__((always_inline)) void store_tile(float * c, const vec16 & sum, int n, bool accumulate) {
    if (n >= 16) {
        vec16 * dst = (vec16 *) c;
        *dst        = accumulate ? *dst + sum : sum;
        return;
    }
    for (int j = 0; j < n; j++) {
        c[j] = accumulate ? c[j] + sum[j] : sum[j];
    }
}

// mr and nv are constants at every call, so the loops unroll and the sums stay in registers.
inline __attribute__((always_inline)) void tile(const tile_args & t, const int mr, const int nv) {
    vec16 sum[8][3];
#pragma GCC unroll 8
    for (int i = 0; i < mr; i++) {
#pragma GCC unroll 3
        for (int v = 0; v < nv; v++) {
            sum[i][v] = vec16{};
        }
    }
    const float * a     = t.a;
    const float * panel = t.panel;
    for (int k = 0; k < t.k; k++) {
        vec16 b[3];
#pragma GCC unroll 3
        for (int v = 0; v < nv; v++) {
            b[v] = *(const vec16 *) (panel + 16 * v);
        }
#pragma GCC unroll 8
        for (int i = 0; i < mr; i++) {
            const float value = a[i * t.a_m];
#pragma GCC unroll 3
            for (int v = 0; v < nv; v++) {
                sum[i][v] += b[v] * value;
            }
        }
        a += t.a_k;
        panel += t.ldp;
    }
#pragma GCC unroll 8
    for (int i = 0; i < mr; i++) {
#pragma GCC unroll 3
        for (int v = 0; v < nv; v++) {
            if (t.n > 16 * v) {
                store_tile(t.c + i * t.ldc + 16 * v, sum[i][v], t.n - 16 * v, t.accumulate);
            }
        }
    }
}

#define KEEPSAKE_TILE_ROWS(mr, nv)                                                                                     \
    for (; m >= mr; m -= mr) {                                                                                         \
        tile(t, mr, nv);                                                                                               \
        t.a += mr * t.a_m;                                                                                             \
        t.c += mr * t.ldc;                                                                                             \
    }

#if defined(__x86_64__)
#define KEEPSAKE_TARGET(name) __attribute__((target(name)))
#else
#define KEEPSAKE_TARGET(name)
#endif

KEEPSAKE_TARGET("arch=x86-64-v4") void panel_wide(tile_args t, int m) {
    if (t.n > 32) {
        KEEPSAKE_TILE_ROWS(8, 3)
        KEEPSAKE_TILE_ROWS(4, 3)
        KEEPSAKE_TILE_ROWS(1, 3)
    } else if (t.n > 16) {
        KEEPSAKE_TILE_ROWS(8, 2)
        KEEPSAKE_TILE_ROWS(4, 2)
        KEEPSAKE_TILE_ROWS(1, 2)
    } else {
        KEEPSAKE_TILE_ROWS(8, 1)
        KEEPSAKE_TILE_ROWS(4, 1)
        KEEPSAKE_TILE_ROWS(1, 1)
    }
}

KEEPSAKE_TARGET("arch=x86-64-v3") void panel_v3(tile_args t, int m) {
    KEEPSAKE_TILE_ROWS(6, 1)
    KEEPSAKE_TILE_ROWS(1, 1)
}

void panel_any(tile_args t, int m) {
    KEEPSAKE_TILE_ROWS(2, 1)
    KEEPSAKE_TILE_ROWS(1, 1)
}

struct panel_kernel {
    void (*run)(tile_args, int);
    int width;
};

panel_kernel choose_kernel() {
#if defined(__x86_64__)
    if (gemm_kernel_limit() >= KERNEL_AVX512 && __builtin_cpu_supports("avx512f") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512cd")) {
        return { panel_wide, 48 };
    }
    if (gemm_kernel_limit() >= KERNEL_AVX2 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        return { panel_v3, 16 };
    }
#endif
    return { panel_any, 16 };
}

void pack_panel(float * panel, int width, const float * b, ptrdiff_t b_k, ptrdiff_t b_n, int k, int n) {
    if (n < width) {
        memset(panel, 0, sizeof(float) * (size_t) width * k);
    }
    if (b_n == 1) {
        for (int i = 0; i < k; i++) {
            memcpy(panel + (ptrdiff_t) i * width, b + i * b_k, sizeof(float) * n);
        }
        return;
    }
    for (int k0 = 0; k0 < k; k0 += 16) {
        const int k1 = std::min(k, k0 + 16);
        for (int j = 0; j < n; j++) {
            const float * src = b + j * b_n;
            for (int i = k0; i < k1; i++) {
                panel[(ptrdiff_t) i * width + j] = src[i * b_k];
            }
        }
    }
}

} // namespace

void gemm_f32(int m, int n, int k, const float * a, ptrdiff_t a_m, ptrdiff_t a_k, const float * b, ptrdiff_t b_k,
              ptrdiff_t b_n, float * c, ptrdiff_t ldc, bool accumulate) {
    static const panel_kernel              kernel = choose_kernel();
    static thread_local std::vector<float> scratch;

    const int block = 512; // rows of B per panel: 48 * 512 floats stay in the L2 cache
    if (k == 0 && !accumulate) {
        for (int i = 0; i < m; i++) {
            std::fill(c + i * ldc, c + i * ldc + n, 0.0f);
        }
    }
    scratch.resize((size_t) kernel.width * block);
    for (int k0 = 0; k0 < k; k0 += block) {
        const int nk = std::min(block, k - k0);
        for (int j = 0; j < n; j += kernel.width) {
            const int     nn     = std::min(kernel.width, n - j);
            const float * src    = b + k0 * b_k + j * b_n;
            const bool    direct = b_n == 1 && nn % 16 == 0 && m <= 64;
            if (!direct) {
                pack_panel(scratch.data(), kernel.width, src, b_k, b_n, nk, nn);
            }
            const tile_args args = { nk,
                                     a + k0 * a_k,
                                     a_m,
                                     a_k,
                                     direct ? src : scratch.data(),
                                     direct ? b_k : kernel.width,
                                     c + j,
                                     ldc,
                                     nn,
                                     accumulate || k0 > 0 };
            kernel.run(args, m);
        }
    }
}
