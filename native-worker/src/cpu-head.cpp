#include "cpu-head.h"

#include "kernels.h"

#include <algorithm>

namespace {

// -log p(label); the row of logits becomes p - onehot.
float cross_entropy(int n, float * row, int label, int * argmax) {
    const float at_label = row[label];
    const float log_sum  = kernel_softmax(n, row, argmax);
    row[label] -= 1.0f;
    return log_sum - at_label;
}

// KL(p_base || p) = sum of p_base (log p_base - log p); the row of logits becomes p - p_base, that of the base p_base.
float divergence(int n, float * row, float * base, std::vector<float> & gap, int * argmax) {
    gap.resize(n);
    for (int j = 0; j < n; j++) {
        gap[j] = base[j] - row[j];
    }
    const float log_base = kernel_softmax(n, base, nullptr);
    const float log_sum  = kernel_softmax(n, row, argmax);
    double      mean     = 0.0;
    for (int j = 0; j < n; j++) {
        mean += (double) base[j] * gap[j];
        row[j] -= base[j];
    }
    return (float) (mean + log_sum - log_base);
}

} // namespace

void cpu_head(const frozen_weight & head, const pass_request & request, const float * h, float * dh) {
    static thread_local std::vector<float> logits;
    static thread_local std::vector<float> base; // logits of the base, for the rows of a chunk that need them
    static thread_local std::vector<float> gap;

    const micro_batch & batch   = *request.batch;
    const int           n_row   = (int) batch.rows.size();
    const int           n_vocab = head.n_out;
    const int           chunk   = 64;
    request.output->nll.resize(n_row);
    request.output->argmax.resize(n_row);
    logits.resize((size_t) std::min(chunk, n_row) * n_vocab);
    const float * teacher = request.teacher;
    for (int first = 0; first < n_row; first += chunk) {
        const int n    = std::min(chunk, n_row - first);
        const int n_kl = teacher ? (int) std::count(batch.kl.begin() + first, batch.kl.begin() + first + n, 1) : 0;
        if (n_kl > 0) {
            base.resize((size_t) n_kl * n_vocab);
            frozen_forward(head, n_kl, teacher, head.n_in, base.data(), n_vocab, false);
            teacher += (size_t) n_kl * head.n_in;
        }
        frozen_forward(head, n, h + (size_t) first * head.n_in, head.n_in, logits.data(), n_vocab, false);
        if (request.on_logits) {
            request.on_logits(first, n, n_vocab, logits.data(), request.on_logits_data);
        }
        for (int i = 0, i_kl = 0; i < n; i++) {
            float *    row   = logits.data() + (size_t) i * n_vocab;
            const bool by_kl = n_kl > 0 && batch.kl[first + i];
            request.output->nll[first + i] =
                by_kl ? divergence(n_vocab, row, base.data() + (size_t) i_kl++ * n_vocab, gap,
                                   &request.output->argmax[first + i])
                      : cross_entropy(n_vocab, row, batch.labels[first + i], &request.output->argmax[first + i]);
            for (int j = 0; j < n_vocab; j++) {
                row[j] *= batch.weights[first + i];
            }
        }
        if (request.backward) {
            frozen_backward(head, n, logits.data(), n_vocab, dh + (size_t) first * head.n_in, head.n_in, false);
        }
    }
}
