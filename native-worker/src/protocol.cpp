#include "protocol.h"

#include "device.h"
#include "error.h"
#include "ggml.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <mutex>
#include <thread>
#include <unistd.h>

using nlohmann::json;

namespace {

std::mutex          output_mutex;
std::atomic<int>    reason{ STOP_NONE };
std::atomic<bool>   end_at_once{ false };
std::mutex          stop_mutex; // the flag may go away: nobody writes it while it is being changed
std::atomic<bool> * stop_flag = nullptr;

// One line, flushed; a reader that went away is noticed by the next stop check, not by a signal.
void write_line(const json & event) {
    const std::string                 text = event.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
    const std::lock_guard<std::mutex> lock(output_mutex);
    fwrite(text.data(), 1, text.size(), stdout);
    fflush(stdout);
}

void request_stop(stop_reason why) {
    int none = STOP_NONE;
    reason.compare_exchange_strong(none, why);
    const std::lock_guard<std::mutex> lock(stop_mutex);
    if (stop_flag) {
        stop_flag->store(true);
    }
}

// No thread runs a signal handler: oneDNN's F32 kernels let the stack pointer point into the heap while they compute,
// and a handler's frame would be written over the memory below (oneDNN issue 4845). All threads block these signals,
// and this one takes them.
void watch_signals(sigset_t signals) {
    for (;;) {
        int number = 0;
        if (sigwait(&signals, &number) == 0) {
            request_stop(STOP_CANCEL);
        }
    }
}

void read_stdin(bool parent_pipe) {
    std::string line;
    while (std::getline(std::cin, line)) {
        const json message = json::parse(line, nullptr, false);
        if (!message.is_object() || !message.contains("type") || !message["type"].is_string()) {
            continue;
        }
        if (message["type"] == "cancel") {
            request_stop(STOP_CANCEL);
        } else if (message["type"] == "pause") {
            request_stop(STOP_PAUSE);
        }
    }
    if (parent_pipe) {
        request_stop(STOP_CANCEL);
    }
}

void beat() {
    for (int tick = 1;; tick++) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        if (end_at_once && reason != STOP_NONE) {
            emit_cancelled(0);
            _exit(EXIT_CODE_CANCELLED);
        }
        if (tick % 50 == 0) {
            write_line({ { "type", "heartbeat" } });
        }
    }
}

} // namespace

void protocol_set_stop(std::atomic<bool> * stop) {
    const std::lock_guard<std::mutex> lock(stop_mutex);
    stop_flag = stop;
    if (stop && reason != STOP_NONE) {
        stop->store(true);
    }
}

void protocol_start(bool parent_pipe, std::atomic<bool> * stop) {
    protocol_set_stop(stop);
    sigset_t signals;
    sigemptyset(&signals);
    for (int number : { SIGTERM, SIGINT }) {
        sigaddset(&signals, number);
        signal(number, SIG_DFL); // an ignored signal, as a shell may leave it, could not be waited for
    }
    pthread_sigmask(SIG_BLOCK, &signals, nullptr); // before any other thread: they inherit it
    signal(SIGPIPE, SIG_IGN);
    // These threads live as long as the process: stdin cannot be interrupted portably.
    std::thread(watch_signals, signals).detach();
    std::thread(read_stdin, parent_pipe).detach();
    std::thread(beat).detach();
}

void protocol_end_at_once(bool on) {
    end_at_once = on;
}

stop_reason protocol_stop_reason() {
    return (stop_reason) reason.load();
}

int64_t peak_memory_bytes() {
    std::ifstream file("/proc/self/status");
    std::string   line;
    while (std::getline(file, line)) {
        if (line.rfind("VmHWM:", 0) == 0) {
            return std::stoll(line.substr(6)) * 1024;
        }
    }
    return 0;
}

void emit_hello(const std::string & device, int n_thread, const std::string & gemm) {
    write_line({ { "type", "hello" },
                 { "protocol", 1 },
                 { "version", KEEPSAKE_VERSION },
                 { "ggml", ggml_version() },
                 { "device", device },
                 { "threads", n_thread },
                 { "gemm", gemm } });
}

void emit_plan(int64_t steps, int64_t tokens, int64_t samples, int64_t memory_bytes, const plan_device & device) {
    json line = { { "type", "plan" },
                  { "steps", steps },
                  { "tokens", tokens },
                  { "samples", samples },
                  { "memory_bytes", memory_bytes },
                  { "device", device.name } };
    if (!device.backward.empty()) {
        line["device_description"]  = device.description;
        line["backward"]            = device.backward;
        line["micro_batch_tokens"]  = device.micro_batch_tokens;
        line["device_weight_bytes"] = device.weight_bytes;
        line["device_pass_bytes"]   = device.pass_bytes;
        line["device_free_bytes"]   = device.free_bytes;
    }
    write_line(line);
}

void emit_device(const device_info & device) {
    json line = { { "type", "device" },
                  { "name", device.name },
                  { "description", device.description },
                  { "device_type", device.type },
                  { "memory_free", device.memory_free },
                  { "memory_total", device.memory_total },
                  { "supported", device.supported } };
    if (!device.reason.empty()) {
        line["reason"] = device.reason;
    }
    write_line(line);
}

void emit_phase(const std::string & name) {
    write_line({ { "type", "phase" }, { "name", name } });
}

void emit_step(const step_event & event) {
    json line = { { "type", "step" },
                  { "step", event.step },
                  { "steps", event.steps },
                  { "epoch", event.epoch },
                  { "loss", event.loss },
                  { "lr", event.lr },
                  { "grad_norm", event.grad_norm },
                  { "tokens", event.tokens },
                  { "tokens_per_s", event.tokens_per_s } };
    if (!event.kinds.empty()) {
        line["kinds"] = event.kinds;
    }
    write_line(line);
}

void emit_probe(int step, int right, int total, const std::vector<std::string> & ids_right) {
    write_line(
        { { "type", "probe" }, { "step", step }, { "right", right }, { "total", total }, { "ids_right", ids_right } });
}

void emit_checkpoint(int step, const std::string & path) {
    write_line({ { "type", "checkpoint" }, { "step", step }, { "path", path } });
}

void emit_warning(const std::string & code, const std::string & message) {
    write_line({ { "type", "warning" }, { "code", code }, { "message", message } });
}

void emit_done(const std::string & output, int steps, int64_t tokens, double seconds, double loss) {
    write_line({ { "type", "done" },
                 { "output", output },
                 { "steps", steps },
                 { "tokens", tokens },
                 { "seconds", seconds },
                 { "loss", loss },
                 { "peak_memory_bytes", peak_memory_bytes() } });
}

void emit_progress(int64_t done, int64_t total) {
    write_line({ { "type", "progress" }, { "done", done }, { "total", total } });
}

void emit_merged(const std::string & output, int64_t bytes, double seconds) {
    write_line({ { "type", "done" },
                 { "output", output },
                 { "bytes", bytes },
                 { "seconds", seconds },
                 { "steps", 0 },
                 { "tokens", 0 },
                 { "loss", 0.0 },
                 { "peak_memory_bytes", peak_memory_bytes() } });
}

void emit_cancelled(int step) {
    write_line({ { "type", "cancelled" },
                 { "step", step },
                 { "reason", protocol_stop_reason() == STOP_PAUSE ? "pause" : "cancel" } });
}

void emit_error(const worker_error & error) {
    write_line({ { "type", "error" }, { "code", error.code }, { "message", error.what() }, { "hint", error.hint } });
}

void emit_inspect(const model_info & info) {
    const model_hparams & hp   = info.hparams;
    json                  line = { { "type", "inspect" },
                                   { "architecture", hp.architecture },
                                   { "general_name", hp.name },
                                   { "n_layer", hp.n_layer },
                                   { "n_embd", hp.n_embd },
                                   { "n_ctx_train", hp.n_ctx_train },
                                   { "n_vocab", hp.n_vocab },
                                   { "file_type", hp.file_type },
                                   { "tensor_types", info.tensor_types },
                                   { "has_chat_template", info.has_chat_template },
                                   { "is_adapter", info.is_adapter },
                                   { "supported", info.supported } };
    if (!info.reason.empty()) {
        line["reason"] = info.reason;
    }
    write_line(line);
}

void emit_version() {
    write_line({ { "type", "version" },
                 { "protocol", 1 },
                 { "version", KEEPSAKE_VERSION },
                 { "ggml", ggml_version() },
                 { "ggml_commit", ggml_commit() } });
}

void emit_score(const score_line & line) {
    write_line({ { "type", "score" },
                 { "id", line.id },
                 { "log_prob", line.log_prob },
                 { "log_prob_base", line.log_prob_base },
                 { "kl", line.kl },
                 { "tokens", line.n },
                 { "top1_agree", line.top1_agree },
                 { "right", line.right } });
}

void emit_self_test(const std::string & name, bool right, double value, double limit) {
    write_line(
        { { "type", "self_test" }, { "name", name }, { "right", right }, { "value", value }, { "limit", limit } });
}
