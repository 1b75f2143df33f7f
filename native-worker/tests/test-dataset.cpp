// Reading samples, the seeded order, and the split into micro-batches.

#include "check.h"
#include "dataset.h"
#include "error.h"
#include "temp-folder.h"
#include "tiny-random.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace {

const int N_VOCAB = 100;
const int N_CTX   = 32;

const std::string GOOD = "{\"tokens\":[1,2,3],\"weights\":[0,0,1],\"kind\":\"fact\"}\n";

// Gives the message of the refusal.
std::string refusal(const temp_folder & folder, const std::string & content) {
    const std::string path = folder.path("bad.jsonl");
    write_file(path, content);
    try {
        dataset_read(path, N_VOCAB, N_CTX);
    } catch (const worker_error & error) {
        CHECK(error.code == "bad-dataset", error.code);
        CHECK(error.exit_code == EXIT_CODE_CONFIG, error.exit_code);
        return error.what();
    }
    return "";
}

void check_bad_lines(const temp_folder & folder) {
    const std::vector<std::string> lines = {
        "not json",
        "[1,2,3]",
        "{\"tokens\":[1,2,3]}",
        "{\"tokens\":[1,2,3],\"weights\":[0,1]}",
        "{\"tokens\":[1],\"weights\":[1]}",
        "{\"tokens\":[],\"weights\":[]}",
        "{\"tokens\":[1,2,100],\"weights\":[0,0,1]}",
        "{\"tokens\":[1,2,-1],\"weights\":[0,0,1]}",
        "{\"tokens\":[1,2,2.5],\"weights\":[0,0,1]}",
        "{\"tokens\":[1,2,\"3\"],\"weights\":[0,0,1]}",
        "{\"tokens\":[1,2,99999999999999999999],\"weights\":[0,0,1]}",
        "{\"tokens\":[1,2,3],\"weights\":[0,0,-1]}",
        "{\"tokens\":[1,2,3],\"weights\":[0,0,1e99]}",
        "{\"tokens\":[1,2,3],\"weights\":[0,0,null]}",
        "{\"tokens\":[1,2,3],\"weights\":[0,0,0]}",
        "{\"tokens\":[1,2,3],\"weights\":[1,0,0]}",
        "{\"tokens\":[1,2,3],\"weights\":[0,0,1],\"epochs\":[\"a\"]}",
        "{\"tokens\":[1,2,3],\"weights\":[0,0,1],\"loss\":\"KL\"}",
        "{\"tokens\":[1,2,3],\"weights\":[0,0,1],\"loss\":2}",
        "{\"tokens\":[1,2,3],\"weights\":[0,0,1],\"loss\":null}",
        "{\"tokens\":[1,2,3],\"weights\":[0,0,1]",
    };
    for (const std::string & line : lines) {
        const std::string message = refusal(folder, GOOD + "\n" + line + "\n");
        CHECK(message.find("line 3") != std::string::npos, line, message);
    }
    std::string longer  = "{\"tokens\":[1";
    std::string weights = "],\"weights\":[0";
    for (int i = 0; i < N_CTX; i++) {
        longer += ",1";
        weights += ",1";
    }
    CHECK(refusal(folder, longer + weights + "]}\n").find("line 1") != std::string::npos, "longer than the context");
    CHECK(!refusal(folder, "").empty() && !refusal(folder, "\n \n").empty(), "an empty file is accepted");
    CHECK(refusal(folder, GOOD) == "", refusal(folder, GOOD));
}

std::vector<sample> random_samples(int n) {
    tiny_random         random(5);
    std::vector<sample> samples((size_t) n);
    for (sample & cur : samples) {
        const int length = 3 + (int) random.below(25);
        cur.tokens       = { 7, 8 }; // a common opening
        for (int i = 2; i < length; i++) {
            cur.tokens.push_back((int32_t) random.below(N_VOCAB));
        }
        cur.weights.assign(cur.tokens.size(), 0.0f);
        cur.weights[cur.tokens.size() - 1] = 1.0f;
        if (cur.tokens.size() > 5) {
            cur.weights[cur.tokens.size() / 2 + 1] = 0.5f;
        }
    }
    return samples;
}

void check_order() {
    dataset data;
    data.samples                 = random_samples(50);
    data.samples[3].epochs       = { 1 };
    data.samples[4].epochs       = { 0, 2 };
    const std::vector<int> first = dataset_order(data, 42, 0);
    CHECK(first == dataset_order(data, 42, 0), "the same seed and epoch");
    CHECK(first != dataset_order(data, 43, 0), "another seed");
    CHECK(first != dataset_order(data, 42, 1), "another epoch");
    const std::set<int> seen(first.begin(), first.end());
    CHECK(first.size() == 49 && seen.size() == 49, first.size());
    CHECK(!seen.count(3) && seen.count(4), "sample 3 waits for epoch 1, sample 4 takes part");
    const std::vector<int> second = dataset_order(data, 42, 1);
    CHECK(std::count(second.begin(), second.end(), 3) == 1 && std::count(second.begin(), second.end(), 4) == 0,
          "epoch 1");
}

// Every supervised token of every sample is a row of exactly one micro-batch, with its label, weight and input.
void check_cover(bool shared) {
    const std::vector<sample>   samples = random_samples(23);
    std::vector<const sample *> pointers;
    double                      weight_sum = 0.0;
    size_t                      n_row      = 0;
    size_t                      n_token    = 0;
    for (const sample & cur : samples) {
        pointers.push_back(&cur);
        n_token += cur.tokens.size();
        for (float weight : cur.weights) {
            weight_sum += weight;
            n_row += weight > 0.0f;
        }
    }
    for (const int size : { 1, 20, 100, 100000 }) {
        const std::vector<micro_batch> batches = dataset_micro_batches(pointers, size, true, shared);
        double                         sum     = 0.0;
        size_t                         rows    = 0;
        size_t                         tokens  = 0;
        CHECK(batches.size() % 2 == 0 || batches.size() == samples.size(), batches.size());
        for (const micro_batch & batch : batches) {
            tokens += batch.n_real;
            CHECK(batch.n_seq > 0 && batch.rows.size() == batch.labels.size() &&
                      batch.rows.size() == batch.weights.size() && batch.rows.size() == batch.samples.size(),
                  batch.n_seq);
            for (size_t i = 0; i < batch.rows.size(); i++) {
                CHECK(batch.rows[i] >= 0 && batch.rows[i] < (int) batch.tokens.size(), batch.rows[i]);
                // The token that stands at the row comes right before the label in the sample.
                const std::vector<int32_t> & own     = samples[batch.samples[i]].tokens;
                bool                         follows = false;
                for (size_t j = 1; j < own.size(); j++) {
                    follows = follows || (own[j - 1] == batch.tokens[batch.rows[i]] && own[j] == batch.labels[i]);
                }
                CHECK(follows, batch.samples[i]);
                sum += batch.weights[i];
                rows++;
            }
        }
        CHECK(std::abs(sum - 1.0) < 1e-5, sum);
        CHECK(rows == n_row, rows, n_row);
        CHECK(tokens == n_token, tokens, n_token);
    }
    CHECK(weight_sum > 0.0, weight_sum);
}

void check_loss_field(const temp_folder & folder) {
    const std::string path = folder.path("losses.jsonl");
    const std::string line = "{\"tokens\":[1,2,3],\"weights\":[0,0,1]";
    write_file(path, line + "}\n" + line + ",\"loss\":\"kl\"}\n" + line + ",\"loss\":\"cross-entropy\"}\n");
    const dataset data = dataset_read(path, N_VOCAB, N_CTX);
    CHECK(!data.samples[0].kl && data.samples[1].kl && !data.samples[2].kl, data.samples.size());
}

// What the base computes: each row that is held to it once, with the very tokens before it.
void check_part_of_base(bool shared) {
    std::vector<sample>         samples = random_samples(23);
    std::vector<const sample *> pointers;
    for (size_t i = 0; i < samples.size(); i++) {
        samples[i].kl = i % 3 == 0;
        pointers.push_back(&samples[i]);
    }
    for (const int size : { 20, 100, 100000 }) {
        for (const micro_batch & batch : dataset_micro_batches(pointers, size, true, shared)) {
            CHECK(batch.kl.empty() || batch.kl.size() == batch.rows.size(), batch.kl.size());
            std::vector<size_t> held;
            for (size_t i = 0; i < batch.rows.size(); i++) {
                const bool marked = !batch.kl.empty() && batch.kl[i];
                CHECK(marked == samples[batch.samples[i]].kl, batch.samples[i]);
                if (marked) {
                    held.push_back(i);
                }
            }
            if (held.empty()) {
                CHECK(batch.kl.empty(), "marks without a row");
                continue;
            }
            const micro_batch part = micro_batch_of_kl(batch);
            CHECK(part.rows.size() == held.size() && part.kl.empty(), part.rows.size(), held.size());
            CHECK(part.n_prefix == batch.n_prefix && part.n_seq <= batch.n_seq, part.n_prefix);
            CHECK(shared ? (int) part.offsets.size() == part.n_seq + 1
                         : part.tokens.size() == (size_t) part.n_seq * part.n_len,
                  part.tokens.size());
            for (size_t i = 0; i < held.size(); i++) {
                const std::vector<int32_t> & own = samples[batch.samples[held[i]]].tokens;
                CHECK(part.samples[i] == batch.samples[held[i]] && part.labels[i] == batch.labels[held[i]], i);
                // Its own tokens stand right before the row, from the sequence's start (behind the prefix) on.
                int start = part.rows[i] / part.n_len * part.n_len;
                for (int seq = 0; shared && seq < part.n_seq; seq++) {
                    start = part.offsets[seq] <= part.rows[i] ? part.offsets[seq] : start;
                }
                for (int j = start; j <= part.rows[i]; j++) {
                    CHECK(part.tokens[j] == own[(shared ? part.n_prefix : 0) + j - start], i, j);
                }
                for (int j = 0; j < part.n_prefix; j++) {
                    CHECK(part.tokens[j] == own[j], i, j);
                }
            }
        }
    }
}

} // namespace

int main(int argc, char ** argv) {
    const temp_folder folder;
    return run_tests(
        argc, argv,
        {
            { "a bad line is refused with its number", [&] { check_bad_lines(folder); } },
            { "the order depends on seed and epoch alone and holds every sample once", check_order },
            { "padded micro-batches hold every supervised token once", [] { check_cover(false); } },
            { "micro-batches with a shared prefix hold every supervised token once", [] { check_cover(true); } },
            { "a line says by which loss it is trained", [&] { check_loss_field(folder); } },
            { "the base computes the padded rows that are held to it", [] { check_part_of_base(false); } },
            { "the base computes the rows with a shared prefix that are held to it", [] { check_part_of_base(true); } },
        });
}
