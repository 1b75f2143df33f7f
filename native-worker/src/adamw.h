// AdamW with decoupled weight decay, after clipping the gradient to a global norm.
//
// m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; p -= lr (m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + eps) + wd p)
#pragma once

#include <vector>

struct adamw_params {
    float beta1         = 0.9f;
    float beta2         = 0.999f;
    float eps           = 1e-8f;
    float weight_decay  = 0.0f;
    float max_grad_norm = 1.0f;
};

struct adamw_state {
    std::vector<float> m;
    std::vector<float> v;
};

// Norm over all gradients; the sums of fixed blocks are added in order, so the threads do not change it.
double adamw_norm(const std::vector<float> & grads, int n_thread = 1);

// step counts from 1; norm is adamw_norm of the gradients.
void adamw_step(const adamw_params & params, adamw_state & state, std::vector<float> & weights,
                const std::vector<float> & grads, double norm, float learning_rate, int step, int n_thread = 1);
