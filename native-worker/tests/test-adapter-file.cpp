// libllama reads the adapter file that the worker writes, and says greedily what was taught.

#include "adapter-file.h"
#include "check.h"
#include "llama-reference.h"
#include "toy.h"
#include "worker-process.h"

#include "gguf.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>

using nlohmann::json;

namespace {

struct question {
    std::vector<int32_t> prompt;
    std::vector<int32_t> answer; // with the end token
};

std::vector<question> read_questions(const std::string & path) {
    std::vector<question> questions;
    std::istringstream    lines(read_file(path));
    for (std::string line; std::getline(lines, line);) {
        const json                 sample  = json::parse(line);
        const std::vector<int32_t> tokens  = sample["tokens"];
        const std::vector<float>   weights = sample["weights"];
        question                   cur;
        for (size_t i = 0; i < tokens.size(); i++) {
            (weights[i] > 0.0f ? cur.answer : cur.prompt).push_back(tokens[i]);
        }
        questions.push_back(cur);
    }
    return questions;
}

int count_right(llama_reference & reference, const std::vector<question> & questions) {
    int right = 0;
    for (const question & cur : questions) {
        right += reference.greedy(cur.prompt, (int) cur.answer.size() + 2) == cur.answer;
    }
    return right;
}

json train(const temp_folder & folder, const std::string & arch, const std::string & type, const std::string & output) {
    tiny_model_options options;
    options.arch = arch;
    options.type = type;
    write_tiny_model(options, folder.path("base.gguf"));
    write_random_dataset(folder.path("train.jsonl"), 8, 51);
    json config                = tiny_train_config(folder, folder.path("base.gguf"), folder.path("train.jsonl"));
    config["epochs"]           = 100;
    config["output"]           = output;
    config["metadata"]         = { { "keepsake.base_hash", "abc" }, { "keepsake.recipe", "routed \"ü\"" } };
    const worker_result result = run_worker_config(folder, "train", config);
    CHECK(result.exit_code == 0, result.exit_code, result.errors, result.last("error").dump());
    return config;
}

void check_taught(const temp_folder & folder, const std::string & arch, const std::string & type) {
    const std::string output = folder.path("adapter " + arch + " ü.gguf");
    train(folder, arch, type, output);
    const auto      questions = read_questions(folder.path("train.jsonl"));
    llama_reference tuned(folder.path("base.gguf"), output, 1);
    llama_reference base(folder.path("base.gguf"), "", 1);
    const int       right      = count_right(tuned, questions);
    const int       right_base = count_right(base, questions);
    std::printf("        %s %s: %d of %d answers with the adapter, %d without\n", arch.c_str(), type.c_str(), right,
                (int) questions.size(), right_base);
    CHECK(right == (int) questions.size(), right);
    CHECK(right_base == 0, right_base);
}

void check_metadata(const temp_folder & folder) {
    const std::string output = folder.path("metadata.gguf");
    const json        config = train(folder, "llama", "f32", output);
    CHECK(!std::filesystem::exists(output + ".partial"), "the temporary file is still there");
    gguf_context * gguf = gguf_init_from_file(output.c_str(), { /*no_alloc =*/true, nullptr });
    CHECK(gguf != nullptr, output);
    const auto text = [gguf](const char * key) {
        const int64_t id = gguf_find_key(gguf, key);
        return id < 0 ? std::string("(missing)") : std::string(gguf_get_val_str(gguf, id));
    };
    CHECK(text("general.type") == "adapter", text("general.type"));
    CHECK(text("general.architecture") == "llama", text("general.architecture"));
    CHECK(text("adapter.type") == "lora", text("adapter.type"));
    CHECK(text("keepsake.base_hash") == "abc", text("keepsake.base_hash"));
    CHECK(text("keepsake.recipe") == "routed \"ü\"", text("keepsake.recipe"));
    const int64_t alpha = gguf_find_key(gguf, "adapter.lora.alpha");
    CHECK(alpha >= 0 && gguf_get_val_f32(gguf, alpha) == 8.0f, alpha);
    CHECK(gguf_get_n_tensors(gguf) == 2 * 7 * 2, gguf_get_n_tensors(gguf)); // layers, linears, A and B
    CHECK(gguf_find_tensor(gguf, "blk.1.ffn_down.weight.lora_a") >= 0, "names");
    CHECK(gguf_find_tensor(gguf, "blk.0.attn_k.weight.lora_b") >= 0, "names");
    gguf_free(gguf);
}

// What was written is read back as the start of another run, to the same numbers.
void check_round_trip(const temp_folder & folder) {
    const std::string path = folder.path("trip.gguf");
    write_tiny_model(tiny_model_options(), folder.path("trip-base.gguf"));
    const auto cur = open_toy(folder.path("trip-base.gguf"), GEMM_F32, 3, 5.0f, 0.2f);
    adapter_file_write(path, cur->adapter, "llama", {});
    lora other = lora_layout(*cur->base, 3, 5.0f, all_modules());
    lora_load(other, path);
    CHECK(other.params == cur->adapter.params, "the numbers changed");
}

// A bad start adapter ends in an error event and exit code 2 or 5, and writes nothing.
void check_bad_start(const temp_folder & folder) {
    const std::string good   = folder.path("good.gguf");
    json              config = train(folder, "llama", "f32", good);
    const std::string bytes  = read_file(good);
    write_file(folder.path("cut.gguf"), bytes.substr(0, bytes.size() * 2 / 3));
    write_file(folder.path("text.gguf"), "this is no adapter");
    config["output"] = folder.path("never.gguf");
    for (const std::string & start :
         { folder.path("cut.gguf"), folder.path("text.gguf"), folder.path("absent.gguf"), folder.path("base.gguf") }) {
        config["init_adapter"]     = start;
        const worker_result result = run_worker_config(folder, "train", config);
        CHECK(result.exit_code == 2 || result.exit_code == 5, start, result.exit_code, result.signal, result.errors);
        CHECK(result.last("error")["message"].get<std::string>().size() > 10, start);
        CHECK(!std::filesystem::exists(folder.path("never.gguf")), start);
    }
    config["init_adapter"] = good;
    config["rank"]         = 5; // the file has rank 4
    CHECK(run_worker_config(folder, "train", config).exit_code == 2, "another rank");
}

// An output that cannot be written: an error event, no partial file, and a checkpoint that keeps the work.
void check_unwritable(const temp_folder & folder) {
    json config                = train(folder, "llama", "f32", folder.path("first.gguf"));
    config["epochs"]           = 2;
    config["output"]           = folder.path("no such folder") + "/adapter.gguf";
    const worker_result result = run_worker_config(folder, "train", config);
    CHECK(result.exit_code == 1 || result.exit_code == 2 || result.exit_code == 4, result.exit_code, result.signal);
    CHECK(result.last("error")["code"].is_string(), result.errors);
}

} // namespace

int main(int argc, char ** argv) {
    const temp_folder      folder;
    std::vector<test_case> tests = {
        { "libllama answers with a llama adapter as taught", [&] { check_taught(folder, "llama", "q4_1"); } },
        { "the file carries what llama.cpp and the app look for", [&] { check_metadata(folder); } },
        { "a written adapter is read back to the same numbers", [&] { check_round_trip(folder); } },
        { "a bad start adapter is refused", [&] { check_bad_start(folder); } },
        { "an output that cannot be written is an error, not a crash", [&] { check_unwritable(folder); } },
    };
    if (!std::getenv("KEEPSAKE_TEST_SHORT")) {
        tests.push_back(
            { "libllama answers with a qwen2 adapter as taught", [&] { check_taught(folder, "qwen2", "q8_0"); } });
        tests.push_back(
            { "libllama answers with a qwen3 adapter as taught", [&] { check_taught(folder, "qwen3", "q4_k"); } });
    }
    return run_tests(argc, argv, tests);
}
