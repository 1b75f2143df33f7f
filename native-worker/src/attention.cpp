// Causal attention per head over a token layout, forward and backward; the probabilities are made again in the
// backward.
//
// Every sequence sees the prefix and its own tokens. For one head, p has a row per token: the first n_prefix columns
// belong to the prefix (one product for all sequences), the others to the row's own sequence.
#include "gemm.h"
#include "kernels.h"

#include <algorithm>
#include <cmath>
#include <cstring>

token_layout token_layout_of(const micro_batch & batch) {
    token_layout layout;
    const bool   padded = batch.offsets.empty();
    layout.n_token      = (int) batch.tokens.size();
    layout.n_prefix     = batch.n_prefix;
    for (int i = 0; i < batch.n_prefix; i++) {
        layout.position.push_back(i);
    }
    for (int seq = 0; seq < batch.n_seq; seq++) {
        const int start  = padded ? seq * batch.n_len : batch.offsets[seq];
        const int length = padded ? batch.n_len : batch.offsets[seq + 1] - start;
        layout.start.push_back(start);
        layout.length.push_back(length);
        layout.n_longest = std::max(layout.n_longest, length);
        for (int i = 0; i < length; i++) {
            layout.position.push_back(batch.n_prefix + i);
        }
    }
    return layout;
}

namespace {

// One head's part of the q|k|v rows (or of their gradient).
struct head_view {
    ptrdiff_t     width;
    const float * q;
    const float * k;
    const float * v;
};

head_view view_head(const model_hparams & hp, const float * qkv, int head) {
    const int kv = head / (hp.n_head / hp.n_head_kv);
    return { (ptrdiff_t) (hp.n_head + 2 * hp.n_head_kv) * hp.n_head_dim, qkv + head * hp.n_head_dim,
             qkv + (hp.n_head + kv) * hp.n_head_dim, qkv + (hp.n_head + hp.n_head_kv + kv) * hp.n_head_dim };
}

// c[m, n] (+)= sum over hd of a[row, .] b[row, .], both rows of the given widths.
void rows_product(int m, int n, int hd, const float * a, ptrdiff_t a_width, const float * b, ptrdiff_t b_width,
                  float * c, ptrdiff_t ldc) {
    gemm_f32(m, n, hd, a, a_width, 1, b, 1, b_width, c, ldc, false);
}

// p of n rows from `start`: softmax over n_before columns and the causal square behind them.
void softmax_rows(int n, int n_before, float scale, float * p, ptrdiff_t ld) {
    for (int i = 0; i < n; i++, p += ld) {
        const int n_seen = n_before + i + 1;
        for (int j = 0; j < n_seen; j++) {
            p[j] *= scale;
        }
        kernel_softmax(n_seen, p, nullptr);
        std::memset(p + n_seen, 0, sizeof(float) * (n - i - 1));
    }
}

// dp -> ds = p (dp - sum(p dp)) scale, in place.
void softmax_rows_back(int n, int n_column, float scale, const float * p, float * ds, ptrdiff_t ld) {
    for (int i = 0; i < n; i++, p += ld, ds += ld) {
        float dot = 0.0f;
#pragma omp simd reduction(+ : dot)
        for (int j = 0; j < n_column; j++) {
            dot += p[j] * ds[j];
        }
#pragma omp simd
        for (int j = 0; j < n_column; j++) {
            ds[j] = p[j] * (ds[j] - dot) * scale;
        }
    }
}

// All probabilities of one head; rows of ld values, row = token.
void probabilities(const token_layout & layout, const head_view & view, int hd, float * p, ptrdiff_t ld) {
    const int       n_prefix = layout.n_prefix;
    const ptrdiff_t width    = view.width;
    const float     scale    = 1.0f / std::sqrt((float) hd);
    if (n_prefix > 0) {
        rows_product(layout.n_token, n_prefix, hd, view.q, width, view.k, width, p, ld);
        softmax_rows(n_prefix, 0, scale, p, ld);
    }
    for (size_t seq = 0; seq < layout.start.size(); seq++) {
        const ptrdiff_t start = layout.start[seq];
        const int       n     = layout.length[seq];
        float *         own   = p + start * ld;
        rows_product(n, n, hd, view.q + start * width, width, view.k + start * width, width, own + n_prefix, ld);
        softmax_rows(n, n_prefix, scale, own, ld);
    }
}

} // namespace

void kernel_attention(const model_hparams & hp, const token_layout & layout, const float * qkv, float * out) {
    static thread_local std::vector<float> p;
    const ptrdiff_t                        ld        = layout.n_prefix + layout.n_longest;
    const ptrdiff_t                        out_width = (ptrdiff_t) hp.n_head * hp.n_head_dim;
    const int                              hd        = hp.n_head_dim;
    const int                              n_prefix  = layout.n_prefix;
    p.resize((size_t) layout.n_token * ld);
    for (int head = 0; head < hp.n_head; head++) {
        const head_view view = view_head(hp, qkv, head);
        float *         to   = out + head * hd;
        probabilities(layout, view, hd, p.data(), ld);
        if (n_prefix > 0) {
            gemm_f32(layout.n_token, hd, n_prefix, p.data(), ld, 1, view.v, view.width, 1, to, out_width, false);
        }
        for (size_t seq = 0; seq < layout.start.size(); seq++) {
            const ptrdiff_t start = layout.start[seq];
            const int       n     = layout.length[seq];
            gemm_f32(n, hd, n, p.data() + start * ld + n_prefix, ld, 1, view.v + start * view.width, view.width, 1,
                     to + start * out_width, out_width, n_prefix > 0);
        }
    }
}

void kernel_attention_back(const model_hparams & hp, const token_layout & layout, const float * dout, const float * qkv,
                           float * dqkv) {
    static thread_local std::vector<float> p;
    static thread_local std::vector<float> ds;
    const int                              hd        = hp.n_head_dim;
    const int                              n_prefix  = layout.n_prefix;
    const int                              n_token   = layout.n_token;
    const ptrdiff_t                        ld        = n_prefix + layout.n_longest;
    const ptrdiff_t                        out_width = (ptrdiff_t) hp.n_head * hd;
    const float                            scale     = 1.0f / std::sqrt((float) hd);
    p.resize((size_t) n_token * ld);
    ds.resize((size_t) n_token * ld);
    for (int head = 0; head < hp.n_head; head++) {
        const head_view view  = view_head(hp, qkv, head);
        const ptrdiff_t width = view.width;
        const bool      add   = head % (hp.n_head / hp.n_head_kv) != 0; // the first head of a group writes dk and dv
        const float *   dhead = dout + head * hd;
        float *         dq    = dqkv + (view.q - qkv);
        float *         dk    = dqkv + (view.k - qkv);
        float *         dv    = dqkv + (view.v - qkv);
        probabilities(layout, view, hd, p.data(), ld);
        if (n_prefix > 0) {
            rows_product(n_token, n_prefix, hd, dhead, out_width, view.v, width, ds.data(), ld);
            softmax_rows_back(n_prefix, n_prefix, scale, p.data(), ds.data(), ld);
        }
        for (size_t seq = 0; seq < layout.start.size(); seq++) {
            const ptrdiff_t start  = layout.start[seq];
            const int       n      = layout.length[seq];
            const float *   own_p  = p.data() + start * ld + n_prefix;
            float *         own_ds = ds.data() + start * ld + n_prefix;
            const ptrdiff_t at     = start * width;
            rows_product(n, n, hd, dhead + start * out_width, out_width, view.v + at, width, own_ds, ld);
            softmax_rows_back(n, n_prefix + n, scale, own_p - n_prefix, own_ds - n_prefix, ld);
            gemm_f32(n, hd, n, own_p, 1, ld, dhead + start * out_width, out_width, 1, dv + at, width, add);
            gemm_f32(n, hd, n, own_ds, ld, 1, view.k + at, width, 1, dq + at, width, false);
            gemm_f32(n, hd, n, own_ds, 1, ld, view.q + at, width, 1, dk + at, width, add);
        }
        if (n_prefix > 0) {
            // the prefix rows of dq start from nothing, the sequences' own rows hold their own part already
            gemm_f32(n_prefix, hd, n_prefix, ds.data(), ld, 1, view.k, width, 1, dq, width, false);
            gemm_f32(n_token - n_prefix, hd, n_prefix, ds.data() + n_prefix * ld, ld, 1, view.k, width, 1,
                     dq + n_prefix * width, width, true);
            gemm_f32(n_prefix, hd, n_token, ds.data(), 1, ld, view.q, width, 1, dk, width, add);
            gemm_f32(n_prefix, hd, n_token, p.data(), 1, ld, dhead, out_width, 1, dv, width, add);
        }
    }
}
