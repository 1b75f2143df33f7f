// How samples become micro-batches: padded or with a shared prefix, split into parts of equal work.
#include "dataset.h"

#include <algorithm>
#include <cmath>
#include <thread>

namespace {

// The last token only serves as a label: it is never computed.
int n_computed(const sample & cur) {
    return (int) cur.tokens.size() - 1;
}

// Tokens that all samples begin with and that none of them is supervised on.
int common_prefix(const std::vector<const sample *> & samples, const std::vector<int> & chosen) {
    const sample & first = *samples[chosen[0]];
    int            n     = n_computed(first);
    for (int index : chosen) {
        const sample & cur = *samples[index];
        n                  = std::min(n, n_computed(cur));
        for (int i = 0; i < n; i++) {
            if (cur.tokens[i] != first.tokens[i] || cur.weights[i + 1] > 0.0f) {
                n = i;
            }
        }
    }
    return chosen.size() > 1 ? n : 0;
}

// The base's forward comes on top where the loss is a divergence from it.
double work_of(const sample & cur, int n_prefix) {
    return (n_computed(cur) - n_prefix) * (cur.kl ? 4.0 / 3.0 : 1.0);
}

void add_row(micro_batch & batch, const sample & cur, int i, int row, int index, float factor) {
    if (cur.weights[i + 1] > 0.0f) {
        batch.rows.push_back(row);
        batch.labels.push_back(cur.tokens[i + 1]);
        batch.weights.push_back(cur.weights[i + 1] * factor);
        batch.samples.push_back(index);
        if (cur.kl) {
            batch.kl.resize(batch.rows.size() - 1);
            batch.kl.push_back(1);
        }
    }
}

// Marks for every row, or none at all.
void close_marks(micro_batch & batch) {
    if (!batch.kl.empty()) {
        batch.kl.resize(batch.rows.size());
    }
}

micro_batch make_padded(const std::vector<const sample *> & samples, const std::vector<int> & chosen, float factor) {
    micro_batch batch;
    batch.n_seq = (int) chosen.size();
    for (int index : chosen) {
        batch.n_len = std::max(batch.n_len, n_computed(*samples[index]));
    }
    batch.tokens.assign((size_t) batch.n_seq * batch.n_len, 0);
    for (int seq = 0; seq < batch.n_seq; seq++) {
        const sample & cur = *samples[chosen[seq]];
        batch.n_real += (int) cur.tokens.size();
        for (int i = 0; i < n_computed(cur); i++) {
            batch.tokens[(size_t) seq * batch.n_len + i] = cur.tokens[i];
            add_row(batch, cur, i, seq * batch.n_len + i, chosen[seq], factor);
        }
    }
    close_marks(batch);
    return batch;
}

micro_batch make_shared(const std::vector<const sample *> & samples, const std::vector<int> & chosen, float factor) {
    micro_batch    batch;
    const sample & first = *samples[chosen[0]];
    batch.n_seq          = (int) chosen.size();
    batch.n_prefix       = common_prefix(samples, chosen);
    batch.tokens.assign(first.tokens.begin(), first.tokens.begin() + batch.n_prefix);
    for (int index : chosen) {
        const sample & cur = *samples[index];
        batch.n_real += (int) cur.tokens.size();
        batch.n_len = std::max(batch.n_len, n_computed(cur));
        batch.offsets.push_back((int32_t) batch.tokens.size());
        for (int i = batch.n_prefix; i < n_computed(cur); i++) {
            add_row(batch, cur, i, (int) batch.tokens.size(), index, factor);
            batch.tokens.push_back(cur.tokens[i]);
        }
    }
    batch.offsets.push_back((int32_t) batch.tokens.size());
    close_marks(batch);
    return batch;
}

// Parts of about n_token tokens, a multiple of the cores of this machine where the work suffices for it. The number of
// threads that a run uses does not enter, so the sums of the gradients do not depend on it.
int part_count(int n_sample, double n_computed, int n_token, int n_core) {
    const int least  = 24; // below this a part is mostly prefix
    const int parts  = std::max(1, (int) std::lround(n_computed / n_token));
    const int filled = (parts + n_core - 1) / n_core * n_core;
    return std::max(1, std::min({ n_sample, filled, std::max(parts, (int) n_computed / least) }));
}

} // namespace

micro_batch micro_batch_of_kl(const micro_batch & batch) {
    micro_batch      out;
    const bool       shared = !batch.offsets.empty();
    std::vector<int> start; // per sequence: its first token
    for (int seq = 0; seq <= batch.n_seq; seq++) {
        start.push_back(shared ? batch.offsets[seq] : seq * batch.n_len);
    }
    out.n_len    = batch.n_len;
    out.n_prefix = batch.n_prefix;
    out.tokens.assign(batch.tokens.begin(), batch.tokens.begin() + (shared ? start[0] : 0));
    size_t row = 0;
    for (int seq = 0; seq < batch.n_seq; seq++) {
        const int shift = (int) out.tokens.size() - start[seq];
        bool      taken = false;
        for (; row < batch.rows.size() && batch.rows[row] < start[seq + 1]; row++) {
            if (batch.kl[row]) {
                out.rows.push_back(batch.rows[row] + shift);
                out.labels.push_back(batch.labels[row]);
                out.weights.push_back(batch.weights[row]);
                out.samples.push_back(batch.samples[row]);
                taken = true;
            }
        }
        if (taken) {
            if (shared) {
                out.offsets.push_back((int32_t) out.tokens.size());
            }
            out.tokens.insert(out.tokens.end(), batch.tokens.begin() + start[seq],
                              batch.tokens.begin() + start[seq + 1]);
            out.n_seq++;
        }
    }
    if (shared) {
        out.offsets.push_back((int32_t) out.tokens.size());
    }
    return out;
}

std::vector<micro_batch> dataset_micro_batches(const std::vector<const sample *> & samples, int n_token, bool normalise,
                                               bool shared, int n_core) {
    n_core = n_core > 0 ? n_core : std::max(1, (int) std::thread::hardware_concurrency());
    std::vector<int> order(samples.size());
    double           weight = 0.0;
    for (size_t i = 0; i < samples.size(); i++) {
        order[i] = (int) i;
        for (float value : samples[i]->weights) {
            weight += value;
        }
    }
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
        return shared ? samples[a]->tokens < samples[b]->tokens : samples[a]->tokens.size() > samples[b]->tokens.size();
    });
    const int n_prefix = shared ? common_prefix(samples, order) : 0;
    double    left     = 0.0; // work to be done, in tokens
    for (const sample * cur : samples) {
        left += work_of(*cur, n_prefix);
    }
    const int   n_part = part_count((int) samples.size(), left, n_token, n_core);
    const float factor = normalise && weight > 0 ? (float) (1.0 / weight) : 1.0f;

    std::vector<micro_batch> batches;
    size_t                   at = 0;
    for (int part = 0; part < n_part; part++) {
        const double     share = left / (n_part - part);
        std::vector<int> chosen;
        double           taken = 0.0;
        while (at < order.size() && (chosen.empty() || order.size() - at > (size_t) (n_part - part - 1))) {
            const double work = work_of(*samples[order[at]], n_prefix);
            if (!chosen.empty() && part + 1 < n_part && taken + work / 2 > share) {
                break;
            }
            taken += work;
            chosen.push_back(order[at++]);
        }
        left -= taken;
        batches.push_back(shared ? make_shared(samples, chosen, factor) : make_padded(samples, chosen, factor));
    }
    return batches;
}
