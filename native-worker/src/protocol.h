// The only file that writes stdout and reads stdin: JSON lines as PROTOCOL.md describes them.
#pragma once

#include "gguf-model.h"

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

struct worker_error;
struct device_info;

enum stop_reason { STOP_NONE = 0, STOP_CANCEL = 1, STOP_PAUSE = 2 };

struct step_event {
    int                           step         = 0;
    int                           steps        = 0;
    int                           epoch        = 0;
    double                        loss         = 0.0;
    double                        lr           = 0.0;
    double                        grad_norm    = 0.0;
    int64_t                       tokens       = 0;
    double                        tokens_per_s = 0.0;
    std::map<std::string, double> kinds; // mean loss per kind of sample
};

// Starts the threads for heartbeats, stdin and signals; signals and stdin lines set `stop` and the reason. To be called
// before any other thread is started. parent_pipe: the end of stdin cancels.
void protocol_start(bool parent_pipe, std::atomic<bool> * stop);
void protocol_set_stop(std::atomic<bool> * stop); // where to note a stop from now on; null = nowhere

// Notes a stop in `flag` while it lives, and nowhere afterwards.
struct protocol_stop_scope {
    explicit protocol_stop_scope(std::atomic<bool> * flag) { protocol_set_stop(flag); }
    protocol_stop_scope(const protocol_stop_scope &) = delete;
    ~protocol_stop_scope() { protocol_set_stop(nullptr); }
};

// While true, a stop ends the process at once with `cancelled`: nothing is there yet that could be lost.
void        protocol_end_at_once(bool on);
stop_reason protocol_stop_reason();

void emit_hello(const std::string & device, int n_thread, const std::string & gemm);
// How a device other than the processor is used; empty name = the processor.
struct plan_device {
    std::string name;
    std::string description;
    std::string backward; // transposed | dequantised
    int         micro_batch_tokens = 0;
    int64_t     weight_bytes       = 0;
    int64_t     pass_bytes         = 0;
    int64_t     free_bytes         = 0;
};

void emit_plan(int64_t steps, int64_t tokens, int64_t samples, int64_t memory_bytes, const plan_device & device);
void emit_device(const device_info & device);
void emit_phase(const std::string & name);
void emit_step(const step_event & event);
void emit_probe(int step, int right, int total, const std::vector<std::string> & ids_right);
void emit_checkpoint(int step, const std::string & path);
void emit_warning(const std::string & code, const std::string & message);
void emit_done(const std::string & output, int steps, int64_t tokens, double seconds, double loss);
void emit_progress(int64_t done, int64_t total);
void emit_merged(const std::string & output, int64_t bytes, double seconds);
void emit_cancelled(int step);
void emit_error(const worker_error & error);
void emit_inspect(const model_info & info);
void emit_version();

struct score_line {
    std::string id;
    double      log_prob      = 0.0; // sum over the supervised tokens, adapter applied
    double      log_prob_base = 0.0;
    double      kl            = 0.0; // mean KL(base || tuned) per supervised token
    int         n             = 0;
    int         top1_agree    = 0; // tokens whose argmax is the same with and without the adapter
    int         right         = 0; // tokens whose argmax is the given one
};

void emit_score(const score_line & line);
void emit_self_test(const std::string & name, bool right, double value, double limit);

int64_t peak_memory_bytes();
