// Causal attention per sequence and head, forward and backward; the probabilities are made again in the backward.
#include "gemm.h"
#include "kernels.h"

#include <cmath>
#include <cstring>

namespace {

struct head_view {
    int           n_len;
    int           hd;
    ptrdiff_t     width; // of a qkv row
    const float * q;
    const float * k;
    const float * v;
};

head_view view_head(const model_hparams & hp, int n_len, const float * qkv, int seq, int head) {
    const ptrdiff_t width = (ptrdiff_t) (hp.n_head + 2 * hp.n_head_kv) * hp.n_head_dim;
    const int       kv    = head / (hp.n_head / hp.n_head_kv);
    const float *   row   = qkv + (ptrdiff_t) seq * n_len * width;
    return { n_len, hp.n_head_dim, width, row + head * hp.n_head_dim, row + (hp.n_head + kv) * hp.n_head_dim,
             row + (hp.n_head + hp.n_head_kv + kv) * hp.n_head_dim };
}

// p[i, j] = softmax over j <= i; zero above the diagonal.
void probabilities(const head_view & view, float scale, float * p) {
    const int n = view.n_len;
    gemm_f32(n, n, view.hd, view.q, view.width, 1, view.k, 1, view.width, p, n, false);
    for (int i = 0; i < n; i++) {
        float * row = p + (ptrdiff_t) i * n;
        for (int j = 0; j <= i; j++) {
            row[j] *= scale;
        }
        kernel_softmax(i + 1, row, nullptr);
        std::memset(row + i + 1, 0, sizeof(float) * (n - i - 1));
    }
}

} // namespace

void kernel_attention(const model_hparams & hp, int n_seq, int n_len, const float * qkv, float * out) {
    static thread_local std::vector<float> p;
    p.resize((size_t) n_len * n_len);
    const float     scale     = 1.0f / std::sqrt((float) hp.n_head_dim);
    const ptrdiff_t out_width = (ptrdiff_t) hp.n_head * hp.n_head_dim;
    for (int seq = 0; seq < n_seq; seq++) {
        for (int head = 0; head < hp.n_head; head++) {
            const head_view view = view_head(hp, n_len, qkv, seq, head);
            probabilities(view, scale, p.data());
            gemm_f32(n_len, view.hd, n_len, p.data(), n_len, 1, view.v, view.width, 1,
                     out + (ptrdiff_t) seq * n_len * out_width + head * view.hd, out_width, false);
        }
    }
}

void kernel_attention_back(const model_hparams & hp, int n_seq, int n_len, const float * dout, const float * qkv,
                           float * dqkv) {
    static thread_local std::vector<float> p;
    static thread_local std::vector<float> ds;
    p.resize((size_t) n_len * n_len);
    ds.resize((size_t) n_len * n_len);
    const float     scale     = 1.0f / std::sqrt((float) hp.n_head_dim);
    const ptrdiff_t out_width = (ptrdiff_t) hp.n_head * hp.n_head_dim;
    const int       n         = n_len;
    for (int seq = 0; seq < n_seq; seq++) {
        for (int head = 0; head < hp.n_head; head++) {
            const head_view view  = view_head(hp, n, qkv, seq, head);
            const bool      first = head % (hp.n_head / hp.n_head_kv) == 0; // first of the group writes dk and dv
            const float *   dhead = dout + (ptrdiff_t) seq * n * out_width + head * view.hd;
            probabilities(view, scale, p.data());
            gemm_f32(n, n, view.hd, dhead, out_width, 1, view.v, 1, view.width, ds.data(), n, false);
            gemm_f32(n, view.hd, n, p.data(), 1, n, dhead, out_width, 1, dqkv + (view.v - qkv), view.width, !first);
            for (int i = 0; i < n; i++) {
                const float * pi  = p.data() + (ptrdiff_t) i * n;
                float *       dsi = ds.data() + (ptrdiff_t) i * n;
                float         dot = 0.0f;
#pragma omp simd reduction(+ : dot)
                for (int j = 0; j <= i; j++) {
                    dot += pi[j] * dsi[j];
                }
#pragma omp simd
                for (int j = 0; j < n; j++) {
                    dsi[j] = pi[j] * (dsi[j] - dot) * scale;
                }
            }
            gemm_f32(n, view.hd, n, ds.data(), n, 1, view.k, view.width, 1, dqkv + (view.q - qkv), view.width, false);
            gemm_f32(n, view.hd, n, ds.data(), 1, n, view.q, view.width, 1, dqkv + (view.k - qkv), view.width, !first);
        }
    }
}
