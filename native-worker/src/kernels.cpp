#include "kernels.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define KEEPSAKE_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define KEEPSAKE_CLONES
#endif

namespace {

// exp by range reduction and a degree-6 polynomial; relative error < 2e-7, and the loop around it vectorises.
inline __attribute__((always_inline)) float fast_exp(float x) {
    x                   = std::min(std::max(x, -87.0f), 88.0f);
    const float n       = std::nearbyint(x * 1.44269504f);
    const float r       = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    float       p       = 1.0f / 720.0f;
    p                   = p * r + 1.0f / 120.0f;
    p                   = p * r + 1.0f / 24.0f;
    p                   = p * r + 1.0f / 6.0f;
    p                   = p * r + 0.5f;
    p                   = p * r + 1.0f;
    p                   = p * r + 1.0f;
    const uint32_t bits = (uint32_t) ((int32_t) n + 127) << 23; // unsigned: a damaged adapter brings NaN here
    float          scale;
    memcpy(&scale, &bits, sizeof(scale));
    return p * scale;
}

} // namespace

void rope_table_extend(rope_table & table, const model & base, int n_len) {
    if (n_len <= table.n_len) {
        return;
    }
    const model_hparams & hp   = base.hparams;
    const int             half = hp.n_rot / 2;
    // YaRN mixes stretched and plain angles by frequency and enlarges the vectors, as ggml's rope does.
    float  dims[2] = { 0.0f, 0.0f };
    double size    = hp.rope.attn_factor;
    if (hp.rope.ext_factor != 0.0f) {
        ggml_rope_yarn_corr_dims(hp.n_rot, hp.rope.n_ctx_orig, hp.rope_base, ROPE_BETA_FAST, ROPE_BETA_SLOW, dims);
        size *= 1.0 - 0.1 * std::log((double) hp.rope.freq_scale);
    }
    table.n_len = n_len;
    table.cosine.resize((size_t) n_len * half);
    table.sine.resize((size_t) n_len * half);
    for (int t = 0; t < n_len; t++) {
        for (int i = 0; i < half; i++) {
            const double factor                 = base.rope_freqs.empty() ? 1.0 : base.rope_freqs[i];
            const double plain                  = t * std::pow((double) hp.rope_base, -2.0 * i / hp.n_rot) / factor;
            const double ramp                   = (i - dims[0]) / std::max(0.001, (double) dims[1] - dims[0]);
            const double mix                    = hp.rope.ext_factor * (1.0 - std::min(1.0, std::max(0.0, ramp)));
            const double angle                  = plain * (hp.rope.freq_scale * (1.0 - mix) + mix);
            table.cosine[(size_t) t * half + i] = (float) (size * std::cos(angle));
            table.sine[(size_t) t * half + i]   = (float) (size * std::sin(angle));
        }
    }
}

KEEPSAKE_CLONES
void kernel_rms_norm(int n_row, int d, const float * x, const float * w, float eps, float * y) {
    for (int t = 0; t < n_row; t++, x += d, y += d) {
        float sum = 0.0f;
#pragma omp simd reduction(+ : sum)
        for (int i = 0; i < d; i++) {
            sum += x[i] * x[i];
        }
        const float scale = 1.0f / std::sqrt(sum / d + eps);
#pragma omp simd
        for (int i = 0; i < d; i++) {
            y[i] = x[i] * scale * w[i];
        }
    }
}

KEEPSAKE_CLONES
void kernel_rms_norm_back(int n_row, int d, const float * dy, const float * x, const float * w, float eps,
                          const float * add, float * dx) {
    for (int t = 0; t < n_row; t++) {
        float sum = 0.0f;
        float dot = 0.0f;
#pragma omp simd reduction(+ : sum, dot)
        for (int i = 0; i < d; i++) {
            sum += x[i] * x[i];
            dot += dy[i] * w[i] * x[i];
        }
        const float scale = 1.0f / std::sqrt(sum / d + eps);
        const float pull  = scale * scale * scale * dot / d;
        if (add) {
#pragma omp simd
            for (int i = 0; i < d; i++) {
                dx[i] = add[i] + (dy[i] * w[i] * scale - x[i] * pull);
            }
            add += d;
        } else {
#pragma omp simd
            for (int i = 0; i < d; i++) {
                dx[i] = dy[i] * w[i] * scale - x[i] * pull;
            }
        }
        x += d;
        dy += d;
        dx += d;
    }
}

KEEPSAKE_CLONES
void kernel_swiglu(int n_row, int d, const float * gu, float * act) {
    for (int t = 0; t < n_row; t++, gu += 2 * d, act += d) {
        const float * u = gu + d;
#pragma omp simd
        for (int i = 0; i < d; i++) {
            act[i] = gu[i] / (1.0f + fast_exp(-gu[i])) * u[i];
        }
    }
}

KEEPSAKE_CLONES
void kernel_swiglu_back(int n_row, int d, const float * dact, const float * gu, float * dgu) {
    for (int t = 0; t < n_row; t++, gu += 2 * d, dgu += 2 * d, dact += d) {
        const float * u  = gu + d;
        float *       du = dgu + d;
#pragma omp simd
        for (int i = 0; i < d; i++) {
            const float sigmoid = 1.0f / (1.0f + fast_exp(-gu[i]));
            const float silu    = gu[i] * sigmoid;
            du[i]               = dact[i] * silu;
            dgu[i]              = dact[i] * u[i] * (sigmoid + silu * (1.0f - sigmoid));
        }
    }
}

namespace {

// Rotates one head; direction -1 undoes it.
inline __attribute__((always_inline)) void rotate(const model_hparams & hp, const float * cosine, const float * sine,
                                                  float direction, const float * x, float * y) {
    const int half = hp.n_rot / 2;
    const int step = hp.rope_neox ? 1 : 2;
    const int pair = hp.rope_neox ? half : 1;
    for (int i = 0; i < half; i++) {
        const float a      = x[i * step];
        const float b      = x[i * step + pair];
        y[i * step]        = a * cosine[i] - direction * b * sine[i];
        y[i * step + pair] = direction * a * sine[i] + b * cosine[i];
    }
    for (int i = hp.n_rot; i < hp.n_head_dim; i++) {
        y[i] = x[i];
    }
}

} // namespace

KEEPSAKE_CLONES
void kernel_rope(const model & base, const model_layer & layer, const rope_table & table, const token_layout & layout,
                 const float * y, float * qkv) {
    const model_hparams & hp    = base.hparams;
    const int             hd    = hp.n_head_dim;
    const int             width = (hp.n_head + 2 * hp.n_head_kv) * hd;
    std::vector<float>    normed(hd);
    for (int t = 0; t < layout.n_token; t++, y += width, qkv += width) {
        const size_t at = (size_t) layout.position[t] * (hp.n_rot / 2);
        for (int h = 0; h < hp.n_head + hp.n_head_kv; h++) {
            const ggml_tensor * norm = h < hp.n_head ? layer.q_norm : layer.k_norm;
            const float *       src  = y + h * hd;
            if (norm) {
                kernel_rms_norm(1, hd, src, (const float *) norm->data, hp.rms_eps, normed.data());
                src = normed.data();
            }
            rotate(hp, &table.cosine[at], &table.sine[at], 1.0f, src, qkv + h * hd);
        }
        const int v = (hp.n_head + hp.n_head_kv) * hd;
        memcpy(qkv + v, y + v, sizeof(float) * hp.n_head_kv * hd);
    }
}

KEEPSAKE_CLONES
void kernel_rope_back(const model & base, const model_layer & layer, const rope_table & table,
                      const token_layout & layout, const float * dqkv, const float * y, float * dy) {
    const model_hparams & hp    = base.hparams;
    const int             hd    = hp.n_head_dim;
    const int             width = (hp.n_head + 2 * hp.n_head_kv) * hd;
    std::vector<float>    turned(hd);
    for (int t = 0; t < layout.n_token; t++, dqkv += width, dy += width) {
        const size_t at = (size_t) layout.position[t] * (hp.n_rot / 2);
        for (int h = 0; h < hp.n_head + hp.n_head_kv; h++) {
            const ggml_tensor * norm = h < hp.n_head ? layer.q_norm : layer.k_norm;
            if (!norm) {
                rotate(hp, &table.cosine[at], &table.sine[at], -1.0f, dqkv + h * hd, dy + h * hd);
                continue;
            }
            rotate(hp, &table.cosine[at], &table.sine[at], -1.0f, dqkv + h * hd, turned.data());
            kernel_rms_norm_back(1, hd, turned.data(), y + (ptrdiff_t) t * width + h * hd, (const float *) norm->data,
                                 hp.rms_eps, nullptr, dy + h * hd);
        }
        const int v = (hp.n_head + hp.n_head_kv) * hd;
        memcpy(dy + v, dqkv + v, sizeof(float) * hp.n_head_kv * hd);
    }
}

KEEPSAKE_CLONES
float kernel_softmax(int n, float * logits, int * argmax) {
    float top = logits[0];
#pragma omp simd reduction(max : top)
    for (int i = 0; i < n; i++) {
        top = std::max(top, logits[i]);
    }
    if (argmax) {
        *argmax = (int) (std::find(logits, logits + n, top) - logits);
    }
    float sum = 0.0f;
#pragma omp simd reduction(+ : sum)
    for (int i = 0; i < n; i++) {
        logits[i] = fast_exp(logits[i] - top);
        sum += logits[i];
    }
    const float scale = 1.0f / sum;
#pragma omp simd
    for (int i = 0; i < n; i++) {
        logits[i] *= scale;
    }
    return top + std::log(sum);
}
