#include "adamw.h"

#include "cpu-adapter.h"

#include <algorithm>
#include <cmath>

static const size_t BLOCK = 1 << 16;

static int n_block(size_t n) {
    return (int) ((n + BLOCK - 1) / BLOCK);
}

double adamw_norm(const std::vector<float> & grads, int n_thread) {
    std::vector<double> parts(n_block(grads.size()), 0.0);
    parallel_for(n_thread, (int) parts.size(), [&](int block) {
        const size_t  last = std::min(grads.size(), (block + 1) * BLOCK);
        const float * g    = grads.data();
        double        part = 0.0;
#pragma omp simd reduction(+ : part)
        for (size_t i = block * BLOCK; i < last; i++) {
            part += (double) g[i] * g[i];
        }
        parts[block] = part;
    });
    double sum = 0.0;
    for (double part : parts) {
        sum += part;
    }
    return std::sqrt(sum);
}

void adamw_step(const adamw_params & params, adamw_state & state, std::vector<float> & weights,
                const std::vector<float> & grads, double norm, float learning_rate, int step, int n_thread) {
    const bool  clipped = params.max_grad_norm > 0.0f && norm > params.max_grad_norm;
    const float clip    = clipped ? (float) (params.max_grad_norm / (norm + 1e-6)) : 1.0f;
    const float fix_m   = (float) (1.0 / (1.0 - std::pow((double) params.beta1, step)));
    const float fix_v   = (float) (1.0 / (1.0 - std::pow((double) params.beta2, step)));
    const float beta1   = params.beta1;
    const float beta2   = params.beta2;
    const float eps     = params.eps;
    const float decay   = learning_rate * params.weight_decay;
    parallel_for(n_thread, n_block(weights.size()), [&](int block) {
        const size_t  last = std::min(weights.size(), (block + 1) * BLOCK);
        float *       p    = weights.data();
        float *       m    = state.m.data();
        float *       v    = state.v.data();
        const float * grad = grads.data();
#pragma omp simd
        for (size_t i = block * BLOCK; i < last; i++) {
            const float g = grad[i] * clip;
            m[i]          = beta1 * m[i] + (1.0f - beta1) * g;
            v[i]          = beta2 * v[i] + (1.0f - beta2) * g * g;
            p[i] -= decay * p[i] + learning_rate * (m[i] * fix_m) / (std::sqrt(v[i] * fix_v) + eps);
        }
    });
}
