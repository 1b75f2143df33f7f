#include "toy.h"

#include "worker-process.h"

#include <algorithm>
#include <stdexcept>

const std::vector<std::string> & all_modules() {
    static const std::vector<std::string> names = { "attn_q",   "attn_k", "attn_v",  "attn_output",
                                                    "ffn_gate", "ffn_up", "ffn_down" };
    return names;
}

std::unique_ptr<toy> open_toy(const std::string & path, gemm_mode mode, int rank, float alpha, float deviation_b,
                              int n_thread) {
    auto out     = std::make_unique<toy>();
    out->path    = path;
    out->base    = model_open(path);
    out->adapter = lora_layout(*out->base, rank, alpha, all_modules());
    lora_init(out->adapter, 7);
    tiny_random random(11);
    for (const lora_pair & pair : out->adapter.pairs) {
        for (int i = 0; i < pair.rank * pair.n_out; i++) {
            out->adapter.params[pair.offset_b + i] = deviation_b * random.normal();
        }
    }
    engine_params params;
    params.backends_dir = backends_dir();
    params.n_thread     = n_thread;
    params.mode         = mode;
    out->eng            = engine_init(*out->base, out->adapter, params);
    return out;
}

micro_batch make_batch(const std::vector<std::vector<int32_t>> & tokens,
                       const std::vector<std::vector<float>> & weights, float divisor, const std::vector<bool> & kl) {
    micro_batch batch;
    batch.n_seq = (int) tokens.size();
    for (const std::vector<int32_t> & sequence : tokens) {
        batch.n_len = std::max(batch.n_len, (int) sequence.size() - 1);
        batch.n_real += (int) sequence.size();
    }
    batch.tokens.assign((size_t) batch.n_seq * batch.n_len, 0);
    for (int seq = 0; seq < batch.n_seq; seq++) {
        for (size_t i = 1; i < tokens[seq].size(); i++) {
            const int row     = seq * batch.n_len + (int) i - 1;
            batch.tokens[row] = tokens[seq][i - 1];
            if (weights[seq][i] > 0.0f) {
                batch.rows.push_back(row);
                batch.labels.push_back(tokens[seq][i]);
                batch.weights.push_back(weights[seq][i] / divisor);
                batch.samples.push_back(seq);
                if (!kl.empty()) {
                    batch.kl.push_back(kl[seq]);
                }
            }
        }
    }
    return batch;
}

void mix_losses(std::vector<micro_batch> & batches) {
    for (micro_batch & batch : batches) {
        for (size_t i = 0; i < batch.rows.size(); i++) {
            batch.kl.push_back(i % 2);
        }
    }
}

std::vector<micro_batch> random_batches(const std::vector<int> & lengths, uint64_t seed) {
    tiny_random              random(seed);
    std::vector<micro_batch> batches;
    const float              n_row = [&] {
        float sum = 0;
        for (int length : lengths) {
            sum += (float) (length - 1);
        }
        return sum;
    }();
    for (int length : lengths) {
        std::vector<int32_t> tokens;
        for (int i = 0; i < length; i++) {
            tokens.push_back((int32_t) random.below(tiny_n_vocab));
        }
        std::vector<float> weights(tokens.size(), 1.0f);
        weights[0] = 0.0f;
        batches.push_back(make_batch({ tokens }, { weights }, n_row));
    }
    return batches;
}

namespace {

struct logits_sink {
    std::vector<std::vector<float>> rows;
};

void take_logits(int first_row, int n_row, int n_vocab, const float * logits, void * userdata) {
    auto * sink = (logits_sink *) userdata;
    sink->rows.resize(std::max(sink->rows.size(), (size_t) (first_row + n_row)));
    for (int i = 0; i < n_row; i++) {
        const float * row = logits + (size_t) i * n_vocab;
        sink->rows[first_row + i].assign(row, row + n_vocab);
    }
}

} // namespace

std::vector<std::vector<float>> run_logits(toy & cur, const std::vector<micro_batch> & batches, bool adapted) {
    engine_refresh(*cur.eng);
    std::vector<std::vector<float>> all;
    for (const micro_batch & batch : batches) { // one at a time: the callback does not tell which batch it serves
        logits_sink  sink;
        pass_request request;
        request.on_logits      = take_logits;
        request.on_logits_data = &sink;
        std::vector<pass_output> outputs;
        if (!engine_run(*cur.eng, { batch }, adapted, nullptr, outputs, &request)) {
            throw std::runtime_error("the forward pass was stopped");
        }
        all.insert(all.end(), sink.rows.begin(), sink.rows.end());
    }
    return all;
}

double run_loss(toy & cur, const std::vector<micro_batch> & batches) {
    engine_refresh(*cur.eng);
    std::vector<pass_output> outputs;
    if (!engine_run(*cur.eng, batches, true, nullptr, outputs)) {
        throw std::runtime_error("the forward pass was stopped");
    }
    return engine_sum(batches, outputs).loss;
}

double run_grads(toy & cur, const std::vector<micro_batch> & batches, std::vector<float> & grads) {
    engine_refresh(*cur.eng);
    std::vector<pass_output> outputs;
    if (!engine_run(*cur.eng, batches, true, &grads, outputs)) {
        throw std::runtime_error("the pass was stopped");
    }
    return engine_sum(batches, outputs).loss;
}

void write_random_dataset(const std::string & path, int n_sample, uint64_t seed, int every_kl) {
    tiny_random random(seed);
    std::string text;
    for (int i = 0; i < n_sample; i++) {
        const int      n_question = 10 + (int) random.below(16);
        const int      n_answer   = 4 + (int) random.below(5);
        nlohmann::json line       = { { "tokens", { tiny_token_im_start } }, { "weights", { 0 } } };
        for (int j = 0; j < 7; j++) { // an opening that all samples share, as a system prompt is
            line["tokens"].push_back(97 + j);
            line["weights"].push_back(0);
        }
        for (int j = 0; j < n_question + n_answer; j++) {
            line["tokens"].push_back(random.below(256));
            line["weights"].push_back(j < n_question ? 0 : 1);
        }
        line["tokens"].push_back(tiny_token_im_end);
        line["weights"].push_back(1);
        line["kind"] = i % 2 ? "fact" : "unknown";
        if (every_kl > 0 && i % every_kl == 0) {
            line["loss"] = "kl";
        }
        text += line.dump() + "\n";
    }
    write_file(path, text);
}
