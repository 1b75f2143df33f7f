// Big products through oneDNN, where it was built in: F32 on every x86 CPU, BF16 on CPUs with AMX tiles.
// Every call runs on the calling thread alone.
#pragma once

#include <cstddef>
#include <cstdint>

// May oneDNN do the F32 products? False where it is not built in or KEEPSAKE_ONEDNN=0 stands in the environment.
bool onednn_available();

// Has this CPU BF16 tiles that oneDNN uses? KEEPSAKE_ONEDNN=bf16 claims so, to try that path on other CPUs.
bool onednn_has_tiles();

// To be called once by every thread that multiplies: keeps oneDNN's own threads from starting.
void onednn_use_one_thread();

// Row-major c[m, n] (+)= a[m, k] op(b); b is [n, k] when b_transposed, else [k, n].
void onednn_f32(bool b_transposed, int m, int n, int k, const float * a, ptrdiff_t lda, const float * b, ptrdiff_t ldb,
                float * c, ptrdiff_t ldc, bool accumulate);

// The same with BF16 inputs; b has ldb values per row and stays as it lies.
void onednn_bf16(bool b_transposed, int m, int n, int k, const uint16_t * a, ptrdiff_t lda, const uint16_t * b,
                 ptrdiff_t ldb, float * c, ptrdiff_t ldc, bool accumulate);
