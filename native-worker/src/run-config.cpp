#include "run-config.h"

#include "error.h"
#include "random.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <fstream>
#include <sstream>

using nlohmann::json;

namespace {

[[noreturn]] void fail(const std::string & what) {
    throw worker_error("bad-config", "The run configuration is not usable: " + what + ".",
                       "Check the configuration file.", EXIT_CODE_CONFIG);
}

struct reader {
    const json & data;

    bool has(const char * key) const { return data.contains(key) && !data[key].is_null(); }

    void text(const char * key, std::string & value) const {
        if (has(key)) {
            if (!data[key].is_string()) {
                fail(std::string("\"") + key + "\" is not a text");
            }
            value = data[key].get<std::string>();
        }
    }

    double number(const char * key, double fallback, double low, double high) const {
        if (!has(key)) {
            return fallback;
        }
        if (!data[key].is_number()) {
            fail(std::string("\"") + key + "\" is not a number");
        }
        const double value = data[key].get<double>();
        if (!(value >= low && value <= high)) {
            fail(std::string("\"") + key + "\" is out of range");
        }
        return value;
    }

    void real(const char * key, float & value, double low, double high) const {
        value = (float) number(key, value, low, high);
    }

    void integer(const char * key, int & value, int low, int high) const {
        const double found = number(key, value, low, high);
        if (found != std::floor(found)) {
            fail(std::string("\"") + key + "\" is not an integer");
        }
        value = (int) found;
    }

    void flag(const char * key, bool & value) const {
        if (has(key)) {
            if (!data[key].is_boolean()) {
                fail(std::string("\"") + key + "\" is not true or false");
            }
            value = data[key].get<bool>();
        }
    }
};

void need(const std::string & value, const char * key) {
    if (value.empty()) {
        fail(std::string("\"") + key + "\" is missing");
    }
}

void read_training(const reader & r, run_config & config) {
    r.integer("probe_every", config.probe_every, 0, 1 << 30);
    r.integer("rank", config.rank, 1, 1024);
    r.real("alpha", config.alpha, 1e-6, 1e6);
    r.real("learning_rate", config.learning_rate, 0.0, 10.0);
    r.real("final_lr_fraction", config.final_lr_fraction, 0.0, 1.0);
    r.text("schedule", config.schedule);
    r.integer("warmup_steps", config.warmup_steps, 0, 1 << 30);
    r.real("weight_decay", config.adamw.weight_decay, 0.0, 10.0);
    r.real("beta1", config.adamw.beta1, 0.0, 0.9999999);
    r.real("beta2", config.adamw.beta2, 0.0, 0.9999999);
    r.real("eps", config.adamw.eps, 0.0, 1.0);
    r.real("max_grad_norm", config.adamw.max_grad_norm, 0.0, 1e9);
    r.integer("batch_size", config.batch_size, 1, 4096);
    r.integer("epochs", config.epochs, 1, 100000);
    r.integer("max_steps", config.max_steps, 0, 1 << 30);
    r.real("average_last", config.average_last, 0.0, 0.99);
    config.checkpoint_every_s = r.number("checkpoint_every_s", config.checkpoint_every_s, 0.0, 1e9);
    if (config.schedule != "linear" && config.schedule != "cosine" && config.schedule != "constant") {
        fail("\"schedule\" is not linear, cosine or constant");
    }
}

std::vector<std::string> read_texts(const json & data, const char * key) {
    std::vector<std::string> out;
    if (!data[key].is_array()) {
        fail(std::string("\"") + key + "\" is not a list of texts");
    }
    for (const json & text : data[key]) {
        if (!text.is_string()) {
            fail(std::string("\"") + key + "\" is not a list of texts");
        }
        out.push_back(text.get<std::string>());
    }
    return out;
}

void read_device(const reader & r, const json & data, run_config & config) {
    r.text("device", config.device);
    r.text("self_test_cache", config.self_test_cache);
    r.text("backward", config.backward);
    r.integer("micro_batch_tokens", config.micro_batch_tokens, 0, 1 << 20);
    config.device_memory = (int64_t) r.number("device_memory", 0, 0, 9007199254740991.0);
    if (r.has("backends")) {
        config.backends = read_texts(data, "backends");
    }
    if (config.backward != "auto" && config.backward != "transposed" && config.backward != "dequantised") {
        fail("\"backward\" is not auto, transposed or dequantised");
    }
    if (config.device.empty()) {
        fail("\"device\" is empty");
    }
}

void read_lists(const json & data, run_config & config) {
    config.target_modules = { "attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down" };
    if (data.contains("target_modules")) {
        if (!data["target_modules"].is_array() || data["target_modules"].empty()) {
            fail("\"target_modules\" is not a list of names");
        }
        config.target_modules = read_texts(data, "target_modules");
    }
    if (data.contains("metadata")) {
        if (!data["metadata"].is_object()) {
            fail("\"metadata\" is not an object of texts");
        }
        for (const auto & item : data["metadata"].items()) {
            if (!item.value().is_string() || item.key().empty()) {
                fail("\"metadata\" is not an object of texts");
            }
            config.metadata.emplace_back(item.key(), item.value().get<std::string>());
        }
    }
}

// Keys that say what the tensors are cannot be given.
void read_merge(const reader & r, run_config & config) {
    r.text("type", config.merge_type);
    need(config.base, "base");
    need(config.adapter, "adapter");
    need(config.output, "output");
    need(config.merge_type, "type");
    for (const auto & item : config.metadata) {
        const std::string & key = item.first;
        if (key.rfind("keepsake.", 0) != 0 && key != "general.name" && key != "general.description") {
            fail("\"metadata\" holds the key " + key + ", which is neither keepsake.* nor general.name");
        }
    }
}

uint64_t hash_of(const json & data, const run_config & config) {
    json decisive = json::object();
    for (const char * key : { "base_sha256", "rank", "alpha", "target_modules", "seed", "learning_rate",
                              "final_lr_fraction", "schedule", "warmup_steps", "weight_decay", "beta1", "beta2", "eps",
                              "max_grad_norm", "batch_size", "epochs", "max_steps", "average_last", "init_adapter" }) {
        if (data.contains(key)) {
            decisive[key] = data[key];
        }
    }
    decisive["base"] = config.base;
    return random_hash(decisive.dump());
}

} // namespace

run_config run_config_read(const std::string & path, const std::string & command) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        fail("the file " + path + " cannot be opened");
    }
    std::stringstream content;
    content << file.rdbuf();
    const json data = json::parse(content.str(), nullptr, false);
    if (!data.is_object()) {
        fail("it is not a JSON object");
    }
    run_config   config;
    const reader r = { data };
    r.integer("protocol", config.protocol, 1, 1 << 30);
    if (config.protocol > 1) {
        fail("protocol " + std::to_string(config.protocol) + " is newer than this worker");
    }
    r.text("run_id", config.run_id);
    r.text("base", config.base);
    r.text("backends_dir", config.backends_dir);
    r.integer("threads", config.n_thread, 1, 256);
    r.text("gemm", config.gemm);
    r.text("dataset", config.dataset);
    r.text("probes", config.probes);
    r.text("output", config.output);
    r.text("checkpoint", config.checkpoint);
    r.text("init_adapter", config.init_adapter);
    r.text("adapter", config.adapter);
    r.text("model", config.model);
    r.text("base_sha256", config.base_sha256);
    r.flag("resume", config.resume);
    r.flag("forward", config.forward);
    config.seed = (uint64_t) r.number("seed", 42, 0, 9007199254740991.0);
    if (config.gemm != "auto" && config.gemm != "f32" && config.gemm != "bf16" && config.gemm != "ggml") {
        fail("\"gemm\" is not auto, f32, bf16 or ggml");
    }
    read_device(r, data, config);
    read_training(r, config);
    read_lists(data, config);
    if (command == "inspect") {
        need(config.model, "model");
    } else if (command == "self-test" || command == "devices") {
        need(config.backends_dir, "backends_dir");
    } else if (command == "merge") {
        read_merge(r, config);
    } else {
        need(config.base, "base");
        need(config.dataset, "dataset");
        need(config.backends_dir, "backends_dir");
    }
    if (command == "train") {
        need(config.output, "output");
    }
    config.hash = hash_of(data, config);
    return config;
}
