#include "cpu-head.h"

#include "kernels.h"

#include <algorithm>

void cpu_head(const frozen_weight & head, const pass_request & request, const float * h, float * dh) {
    static thread_local std::vector<float> logits;

    const micro_batch & batch   = *request.batch;
    const int           n_row   = (int) batch.rows.size();
    const int           n_vocab = head.n_out;
    const int           chunk   = 64;
    request.output->nll.resize(n_row);
    request.output->argmax.resize(n_row);
    logits.resize((size_t) std::min(chunk, n_row) * n_vocab);
    for (int first = 0; first < n_row; first += chunk) {
        const int n = std::min(chunk, n_row - first);
        frozen_forward(head, n, h + (size_t) first * head.n_in, head.n_in, logits.data(), n_vocab, false);
        if (request.on_logits) {
            request.on_logits(first, n, n_vocab, logits.data(), request.on_logits_data);
        }
        for (int i = 0; i < n; i++) {
            float *     row      = logits.data() + (size_t) i * n_vocab;
            const int   label    = batch.labels[first + i];
            const float at_label = row[label];
            int         argmax   = 0;
            const float log_sum  = kernel_softmax(n_vocab, row, &argmax);

            request.output->nll[first + i]    = log_sum - at_label;
            request.output->argmax[first + i] = argmax;
            row[label] -= 1.0f;
            for (int j = 0; j < n_vocab; j++) {
                row[j] *= batch.weights[first + i];
            }
        }
        if (request.backward) {
            frozen_backward(head, n, logits.data(), n_vocab, dh + (size_t) first * head.n_in, head.n_in, false);
        }
    }
}
