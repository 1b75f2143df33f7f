#include "dataset.h"

#include "error.h"
#include "random.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>

using nlohmann::json;

namespace {

[[noreturn]] void fail_line(const std::string & path, size_t line, const std::string & what) {
    throw worker_error("bad-dataset", path + ", line " + std::to_string(line) + ": " + what + ".",
                       "Build the dataset again.", EXIT_CODE_CONFIG);
}

sample parse_sample(const std::string & text, const std::string & path, size_t line, int n_vocab, int n_ctx) {
    const json data = json::parse(text, nullptr, false);
    if (!data.is_object() || !data.contains("tokens") || !data["tokens"].is_array() || !data.contains("weights") ||
        !data["weights"].is_array()) {
        fail_line(path, line, "not an object with \"tokens\" and \"weights\"");
    }
    sample out;
    for (const json & token : data["tokens"]) {
        if (!token.is_number_integer() || token.get<int64_t>() < 0 || token.get<int64_t>() >= n_vocab) {
            fail_line(path, line, "a token is not in the model's vocabulary");
        }
        out.tokens.push_back(token.get<int32_t>());
    }
    for (const json & weight : data["weights"]) {
        if (!weight.is_number() || !std::isfinite(weight.get<float>()) || weight.get<float>() < 0.0f) {
            fail_line(path, line, "a weight is not a number of 0 or more");
        }
        out.weights.push_back(weight.get<float>());
    }
    if (out.tokens.size() < 2 || out.tokens.size() != out.weights.size()) {
        fail_line(path, line, "needs two tokens or more and one weight per token");
    }
    if ((int64_t) out.tokens.size() > n_ctx) {
        fail_line(path, line, "longer than the model's context");
    }
    out.weights[0] = 0.0f; // nothing predicts the first token
    if (std::all_of(out.weights.begin(), out.weights.end(), [](float weight) { return weight == 0.0f; })) {
        fail_line(path, line, "no token is supervised");
    }
    if (data.contains("loss")) {
        if (data["loss"] != "kl" && data["loss"] != "cross-entropy") {
            fail_line(path, line, "\"loss\" is neither \"cross-entropy\" nor \"kl\"");
        }
        out.kl = data["loss"] == "kl";
    }
    out.kind = data.contains("kind") && data["kind"].is_string() ? data["kind"].get<std::string>() : "";
    out.id   = data.contains("id") && data["id"].is_string() ? data["id"].get<std::string>() : "";
    if (data.contains("epochs") && data["epochs"].is_array()) {
        for (const json & epoch : data["epochs"]) {
            if (!epoch.is_number_integer()) {
                fail_line(path, line, "\"epochs\" is not a list of integers");
            }
            out.epochs.push_back(epoch.get<int>());
        }
    }
    return out;
}

} // namespace

dataset dataset_read(const std::string & path, int n_vocab, int n_ctx) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        throw worker_error("bad-dataset", "The dataset cannot be opened: " + path + ".", "Build the dataset again.",
                           EXIT_CODE_CONFIG);
    }
    dataset     data;
    std::string text;
    size_t      line = 0;
    data.hash        = random_hash("");
    while (std::getline(file, text)) {
        line++;
        data.hash = random_hash(text.data(), text.size(), data.hash);
        if (text.find_first_not_of(" \t\r") != std::string::npos) {
            data.samples.push_back(parse_sample(text, path, line, n_vocab, n_ctx));
        }
    }
    if (data.samples.empty()) {
        throw worker_error("bad-dataset", "The dataset is empty: " + path + ".", "Add facts and build it again.",
                           EXIT_CODE_CONFIG);
    }
    return data;
}

std::vector<int> dataset_order(const dataset & data, uint64_t seed, int epoch) {
    std::vector<int> order;
    for (size_t i = 0; i < data.samples.size(); i++) {
        const std::vector<int> & epochs = data.samples[i].epochs;
        if (epochs.empty() || std::find(epochs.begin(), epochs.end(), epoch) != epochs.end()) {
            order.push_back((int) i);
        }
    }
    random_source random = random_init(seed * 0x100000001b3ull + (uint64_t) epoch + 1);
    for (size_t i = order.size(); i > 1; i--) {
        std::swap(order[i - 1], order[random_below(random, i)]);
    }
    return order;
}
