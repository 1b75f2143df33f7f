// What the worker says, line by line, is what the golden transcripts in tests/fixtures/protocol hold.
//
// The TypeScript side parses the same files, so the two cannot drift apart. Numbers and texts that depend on the
// machine (loss, seconds, memory, device, versions, folders) are replaced by fixed ones before the comparison.
// KEEPSAKE_UPDATE_TRANSCRIPTS=1 writes the files anew; read the difference before keeping it.

#include "check.h"
#include "toy.h"
#include "worker-process.h"

#include "adapter-file.h"

#include <cstdlib>
#include <filesystem>
#include <map>

using nlohmann::json;

namespace {

struct transcript {
    std::string    name;
    std::string    command;
    json           config;
    int            exit_code = 0;
    worker_watcher watcher   = {};
    bool           timed     = false; // stopped by the clock: only the first step stands for all
};

const std::map<std::string, json> FIXED = {
    { "loss", 2.5 },
    { "grad_norm", 1.25 },
    { "tokens_per_s", 150.5 },
    { "memory_bytes", 100000000 },
    { "peak_memory_bytes", 120000000 },
    { "seconds", 3.5 },
    { "lr", 0.001 },
    { "device", "CPU" },
    { "version", "0.1.0" },
    { "ggml", "0.0.0" },
    { "ggml_commit", "abcdef0" },
    { "log_prob", -12.5 },
    { "log_prob_base", -13.5 },
    { "kl", 0.25 },
    { "top1_agree", 5 },
    { "right", 0 },
    { "value", 0.5 },
};

void replace_all(std::string & text, const std::string & from, const std::string & to) {
    for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
}

json normalise(const json & event, const std::string & folder, bool timed) {
    json out = event;
    for (auto & item : out.items()) {
        const auto fixed = FIXED.find(item.key());
        if (item.key() == "kinds") {
            for (auto & kind : item.value().items()) {
                CHECK(kind.value().is_number(), event.dump());
                kind.value() = 2.5;
            }
        } else if (item.value().is_string() && fixed == FIXED.end()) {
            std::string text = item.value();
            replace_all(text, folder, "/data/");
            item.value() = text;
        } else if (fixed != FIXED.end() && !(item.value().is_boolean())) {
            CHECK(item.value().type() == fixed->second.type() ||
                      (item.value().is_number() && fixed->second.is_number()),
                  item.key(), event.dump());
            item.value() = fixed->second;
        }
    }
    if (timed && out.contains("step")) {
        out["step"] = 1;
        if (out.contains("tokens")) {
            out["tokens"] = 200;
        }
    }
    return out;
}

std::string transcribe(const worker_result & result, const std::string & folder, bool timed) {
    std::string text;
    bool        step_seen = false;
    for (const json & event : result.events) {
        if (event["type"] == "self_test" && event["name"] == "gradient-bf16") {
            continue; // only where the CPU has it
        }
        if (timed && event["type"] == "step") {
            if (step_seen) {
                continue;
            }
            step_seen = true;
        }
        text += normalise(event, folder, timed).dump() + "\n";
    }
    return text;
}

worker_watcher say_at_step(const std::string & what, int at) {
    return [what, at](const json & event, worker_process & process) {
        if (event["type"] == "step" && event["step"] == at) {
            process.send(json({ { "type", what } }).dump());
        }
    };
}

void check_transcript(const temp_folder & folder, const transcript & cur) {
    worker_result result;
    if (cur.config.is_null()) {
        result = run_worker({ cur.command });
    } else {
        if (cur.name == "train-resumed") { // something to go on from
            const worker_result before = run_worker_config(folder, "train", cur.config, say_at_step("pause", 3));
            CHECK(before.exit_code == 3, before.exit_code);
        }
        result = run_worker_config(folder, cur.command, cur.config, cur.watcher);
    }
    CHECK(result.exit_code == cur.exit_code, result.exit_code, result.signal, result.errors,
          result.last("error").dump());
    const std::string found = transcribe(result, folder.path(""), cur.timed);
    const std::string path  = std::string(KEEPSAKE_TRANSCRIPTS_DIR) + "/" + cur.name + ".jsonl";
    if (std::getenv("KEEPSAKE_UPDATE_TRANSCRIPTS")) {
        std::filesystem::create_directories(KEEPSAKE_TRANSCRIPTS_DIR);
        write_file(path, found);
        return;
    }
    const std::string expected = read_file(path);
    CHECK(found == expected, "\nfound:\n" + found + "expected:\n" + expected);
}

std::vector<transcript> make_transcripts(const temp_folder & folder) {
    tiny_model_options options;
    options.type            = "q4_1";
    const std::string base  = folder.path("base.gguf");
    const std::string train = folder.path("train.jsonl");
    write_tiny_model(options, base);
    options.type          = "q8_0";
    options.chat_template = false;
    write_tiny_model(options, folder.path("no-template.gguf"));
    const auto cur = open_toy(base, GEMM_F32, 4, 8.0f, 0.1f);
    adapter_file_write(folder.path("start.gguf"), cur->adapter, "llama", {});
    write_random_dataset(train, 16, 71);
    write_random_dataset(folder.path("many.jsonl"), 400, 72);
    write_file(folder.path("bad.jsonl"), "{\"tokens\":[1,2,300],\"weights\":[0,1,1]}\n");
    write_file(folder.path("bad.gguf"), "this is no model");
    json probe  = json::parse(read_file(train).substr(0, read_file(train).find('\n')));
    probe["id"] = "probe-1";
    write_file(folder.path("probes.jsonl"), probe.dump() + "\n");

    json done                    = tiny_train_config(folder, base, train);
    done["probes"]               = folder.path("probes.jsonl");
    done["probe_every"]          = 1;
    json saving                  = tiny_train_config(folder, base, train);
    saving["checkpoint_every_s"] = 0;
    json paused                  = tiny_train_config(folder, base, folder.path("many.jsonl"));
    paused["resume"]             = true;
    paused["checkpoint"]         = folder.path("paused");
    json cancelled               = paused;
    cancelled["checkpoint"]      = folder.path("cancelled");
    json resumed                 = paused;
    resumed["checkpoint"]        = folder.path("resumed");
    json unusable                = done;
    unusable["resume"]           = true;
    unusable["checkpoint"]       = folder.path("unusable");
    write_file(folder.path("unusable"), "this is no checkpoint");
    json unknown_module              = done;
    unknown_module["target_modules"] = { "attn_q", "attn_x" };
    json bad_dataset                 = done;
    bad_dataset["dataset"]           = folder.path("bad.jsonl");
    json no_output                   = done;
    no_output.erase("output");
    const auto inspect = [&](const std::string & file) {
        return json({ { "protocol", 1 },
                      { "model", folder.path(file) },
                      { "forward", true },
                      { "backends_dir", backends_dir() } });
    };
    json score = { { "protocol", 1 },
                   { "base", base },
                   { "adapter", folder.path("start.gguf") },
                   { "dataset", folder.path("probes.jsonl") },
                   { "backends_dir", backends_dir() },
                   { "gemm", "f32" } };
    return {
        { "train", "train", done },
        { "train-checkpoints", "train", saving },
        { "train-paused", "train", paused, 3, say_at_step("pause", 1), true },
        { "train-cancelled", "train", cancelled, 3, say_at_step("cancel", 1), true },
        { "train-resumed", "train", resumed, 0, {}, true },
        { "train-unusable-checkpoint", "train", unusable },
        { "train-bad-module", "train", unknown_module, 2 },
        { "train-bad-dataset", "train", bad_dataset, 2 },
        { "train-no-output", "train", no_output, 2 },
        { "inspect", "inspect", inspect("base.gguf") },
        { "inspect-no-template", "inspect", inspect("no-template.gguf") },
        { "inspect-adapter", "inspect", inspect("start.gguf") },
        { "inspect-no-model", "inspect", inspect("bad.gguf"), 5 },
        { "inspect-missing", "inspect", inspect("absent.gguf"), 5 },
        { "score", "score", score },
        { "self-test", "self-test", { { "protocol", 1 }, { "backends_dir", backends_dir() }, { "threads", 2 } } },
        { "version", "version", json() },
        { "bad-command", "dance", json(), 2 },
        { "newer-protocol", "inspect", { { "protocol", 2 }, { "model", base } }, 2 },
    };
}

// The first heartbeat comes after five seconds; what the worker does not understand leaves it at work.
void check_heartbeat(const temp_folder & folder) {
    json config               = tiny_train_config(folder, folder.path("base.gguf"), folder.path("train.jsonl"));
    config["epochs"]          = 100000;
    int                 beats = 0;
    const worker_result result =
        run_worker_config(folder, "train", config, [&](const json & event, worker_process & process) {
            if (event["type"] != "heartbeat" || ++beats > 1) {
                return;
            }
            process.send("not json");
            process.send("{\"type\":\"unknown\"}");
            process.send("{\"type\":\"cancel\"}");
        });
    CHECK(result.exit_code == 3, result.exit_code);
    CHECK(result.heartbeats >= 1, result.heartbeats);
    CHECK(result.last("cancelled")["reason"] == "cancel", result.last("cancelled").dump());
}

} // namespace

int main(int argc, char ** argv) {
    const temp_folder      folder;
    std::vector<test_case> tests;
    for (const transcript & cur : make_transcripts(folder)) {
        tests.push_back({ "the transcript " + cur.name + " is spoken line by line",
                          [&folder, cur] { check_transcript(folder, cur); } });
    }
    tests.push_back(
        { "heartbeats come, unknown messages are ignored, cancel is heard", [&] { check_heartbeat(folder); } });
    return run_tests(argc, argv, tests);
}
