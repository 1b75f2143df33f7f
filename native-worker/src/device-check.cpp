#include "device-check.h"

#include "engine.h"
#include "error.h"
#include "fault-point.h"
#include "last-words.h"
#include "protocol.h"
#include "toy-model.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdio>
#include <fstream>

using nlohmann::json;

namespace {

const double LIMIT = 0.999;

const char * const HINT = "Train on the CPU (device \"cpu\"), or update the graphics driver and try again.";

double dot(const float * a, const float * b, size_t n) {
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        sum += (double) a[i] * b[i];
    }
    return sum;
}

double cosine(const std::vector<float> & a, const std::vector<float> & b, size_t offset, size_t n) {
    const float * x = a.data() + offset;
    const float * y = b.data() + offset;
    return dot(x, y, n) / std::sqrt(dot(x, x, n) * dot(y, y, n));
}

// The worst of all A and B.
double worst_cosine(const lora & adapter, const std::vector<float> & a, const std::vector<float> & b) {
    double worst = 1.0;
    for (const lora_pair & pair : adapter.pairs) {
        const size_t rank = (size_t) pair.rank;
        for (const double cur :
             { cosine(a, b, pair.offset_a, rank * pair.n_in), cosine(a, b, pair.offset_b, rank * pair.n_out) }) {
            worst = cur >= worst ? worst : cur; // not a number is the worst
        }
    }
    return worst;
}

std::vector<float> gradients(const device_check_request & request, const std::string & device, ggml_type type,
                             const plain_settings & settings) {
    const std::unique_ptr<model> base    = toy_model(type);
    const lora                   adapter = toy_adapter(*base);
    engine_params                params;
    params.backends_dir          = request.backends_dir;
    params.backends              = request.backends;
    params.device                = device;
    params.mode                  = GEMM_F32;
    params.plain                 = settings;
    const auto               eng = engine_init(*base, adapter, params);
    std::vector<float>       grads;
    std::vector<pass_output> outputs;
    engine_run(*eng, toy_batches(), true, &grads, outputs);
    return grads;
}

double measure(const device_info & device, const device_check_request & request) {
    struct variant {
        ggml_type type;
        bool      transposed;
    };
    const lora layout = toy_adapter(*toy_model());
    double     worst  = 1.0;
    for (const variant & cur :
         { variant{ GGML_TYPE_F32, true }, { GGML_TYPE_Q8_0, true }, { GGML_TYPE_Q8_0, false } }) {
        plain_settings settings;
        settings.transposed   = cur.transposed;
        settings.block_bytes  = 16384;
        settings.head_rows    = 5;
        const auto   expected = gradients(request, "cpu", cur.type, settings);
        const auto   found    = gradients(request, device.name, cur.type, settings);
        const double value    = worst_cosine(layout, found, expected);
        worst                 = value >= worst ? worst : value;
    }
    return fault_point("device.check") ? 0.5 : worst;
}

std::string key_of(const device_info & device) {
    return std::string("worker " KEEPSAKE_VERSION) + ", ggml " + ggml_version() + " " + ggml_commit() + ", " +
           device.name + " " + device.description + ", driver " + device.driver;
}

json read_cache(const std::string & path) {
    std::ifstream file(path);
    const json    found = json::parse(file, nullptr, false);
    return found.is_object() ? found : json::object();
}

// A cache that cannot be written costs a check at the next start, nothing else.
void write_cache(const std::string & path, const std::string & key, const json & value) {
    if (path.empty()) {
        return;
    }
    json all                = read_cache(path);
    all[key]                = value;
    const std::string other = path + ".partial";
    std::ofstream     file(other);
    file << all.dump(2, ' ', false, json::error_handler_t::replace) << "\n";
    file.close();
    if (!file || rename(other.c_str(), path.c_str()) != 0) {
        remove(other.c_str());
    }
}

} // namespace

void device_check(const device_info & device, const device_check_request & request, device_check_trust trust) {
    const std::string key   = key_of(device);
    const json        cache = request.cache.empty() ? json::object() : read_cache(request.cache);
    const auto        found = cache.find(key);
    if (trust != TRUST_NOTHING && found != cache.end() && found->is_object() && found->contains("right")) {
        if (found->at("right") == json(true)) {
            return;
        }
        if (trust == TRUST_ALL_RESULTS) {
            throw worker_error("device-failed", "The device " + device.description + " failed its check earlier.", HINT,
                               EXIT_CODE_FAILED);
        }
    }
    emit_phase("device-check");
    write_cache(request.cache, key, { { "right", false }, { "cosine", 0.0 } }); // stays so if the check ends us
    double worst = 0.0;
    {
        const last_words scope(device.description, HINT, [] {});
        worst = measure(device, request);
    }
    const bool right = worst >= LIMIT;
    write_cache(request.cache, key, { { "right", right }, { "cosine", std::isfinite(worst) ? worst : 0.0 } });
    emit_self_test("device-" + device.name, right, worst, LIMIT);
    if (!right) {
        char text[32];
        snprintf(text, sizeof(text), "%.4f", worst);
        throw worker_error("device-failed",
                           "The device " + device.description + " computes wrong gradients (cosine " + text +
                               " to the CPU, 0.999 is needed).",
                           HINT, EXIT_CODE_FAILED);
    }
}
