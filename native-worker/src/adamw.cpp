#include "adamw.h"

#include <algorithm>
#include <cmath>

double adamw_norm(const std::vector<float> & grads) {
    double sum = 0.0;
    for (size_t first = 0; first < grads.size(); first += 4096) {
        const size_t  last = std::min(grads.size(), first + 4096);
        const float * g    = grads.data();
        double        part = 0.0;
#pragma omp simd reduction(+ : part)
        for (size_t i = first; i < last; i++) {
            part += (double) g[i] * g[i];
        }
        sum += part;
    }
    return std::sqrt(sum);
}

double adamw_step(const adamw_params & params, adamw_state & state, std::vector<float> & weights,
                  const std::vector<float> & grads, float learning_rate, int step) {
    const double norm  = adamw_norm(grads);
    const float  clip  = params.max_grad_norm > 0.0f && norm > params.max_grad_norm
                             ? (float) (params.max_grad_norm / (norm + 1e-6))
                             : 1.0f;
    const float fix_m  = (float) (1.0 / (1.0 - std::pow((double) params.beta1, step)));
    const float fix_v  = (float) (1.0 / (1.0 - std::pow((double) params.beta2, step)));
    const float beta1  = params.beta1;
    const float beta2  = params.beta2;
    const float eps    = params.eps;
    const float decay  = learning_rate * params.weight_decay;
    float *       p    = weights.data();
    float *       m    = state.m.data();
    float *       v    = state.v.data();
    const float * grad = grads.data();
    const size_t  n    = weights.size();
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        const float g = grad[i] * clip;
        m[i]          = beta1 * m[i] + (1.0f - beta1) * g;
        v[i]          = beta2 * v[i] + (1.0f - beta2) * g * g;
        p[i] -= decay * p[i] + learning_rate * (m[i] * fix_m) / (std::sqrt(v[i] * fix_v) + eps);
    }
    return norm;
}
