// One pass of one worker: its graph, its memory, its computation on the device. Used by engine.cpp alone.
#pragma once

#include "engine.h"
#include "error.h"
#include "ggml-alloc.h"

#include <new>
#include <string>

struct engine_worker {
    ggml_backend_t     backend = nullptr;
    ggml_gallocr_t     alloc   = nullptr;
    std::vector<float> grads;
    std::vector<float> teacher; // hidden rows of the base for the micro-batch at hand

    ~engine_worker() {
        if (alloc) {
            ggml_gallocr_free(alloc);
        }
        if (backend) {
            ggml_backend_free(backend);
        }
    }
};

// A device's plug-in reports by exceptions of its own what ggml has no status for: a lost device, memory that is gone.
template <typename action>
void on_device(const engine & engine, action act) {
    try {
        act();
    } catch (const worker_error &) {
        throw;
    } catch (const std::bad_alloc &) {
        throw;
    } catch (const std::exception & error) {
        const std::string what = error.what();
        if (what.find("OutOf") != std::string::npos && what.find("Memory") != std::string::npos) {
            throw worker_error("out-of-memory", "The memory of " + engine.device_name + " does not suffice.",
                               "Close other programs, train on the CPU or choose a smaller base model.",
                               EXIT_CODE_MEMORY);
        }
        throw worker_error("device-failed", "The device " + engine.device_name + " failed: " + what + ".",
                           "Train on the CPU, or choose another device.", EXIT_CODE_FAILED);
    }
}

// One micro-batch, after the base's own pass over the sequences whose loss is the divergence from it. false = stopped.
bool engine_pass(engine & engine, engine_worker & worker, pass_request request);
