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
        });
}
