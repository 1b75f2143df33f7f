// A model file that is cut, altered or something else is refused with a sentence and exit code 5; nothing crashes.
//
// The same few hundred damaged files go through the worker as a program; thousands of damaged headers go through the
// reader inside this process, where the sanitizers see every access.

#include "check.h"
#include "toy.h"
#include "worker-process.h"

#include "error.h"
#include "ggml.h"
#include "gguf.h"

#include <cstdlib>
#include <cstring>
#include <set>

using nlohmann::json;

namespace {

worker_result inspect(const temp_folder & folder, const std::string & path, bool forward) {
    return run_worker_config(
        folder, "inspect",
        { { "protocol", 1 }, { "model", path }, { "forward", forward }, { "backends_dir", backends_dir() } });
}

// One error event with a stable code and a sentence for a person.
void check_refused(const worker_result & result, const std::string & what) {
    CHECK(result.signal == 0, what, result.signal, result.errors);
    CHECK(result.exit_code == 5, what, result.exit_code, result.errors);
    CHECK(result.count("error") == 1, what);
    const json        error   = result.last("error");
    const std::string code    = error["code"];
    const std::string message = error["message"];
    CHECK(code == "model-corrupt" || code == "model-unsupported" || code == "model-missing", what, code);
    CHECK(message.size() > 20 && message.back() == '.', what, message);
}

// Accepted or refused, both are right for a file with one flipped bit; a crash, a hang or silence is not.
void check_answered(const worker_result & result, const std::string & what) {
    CHECK(result.signal == 0, what, result.signal, result.errors);
    if (result.exit_code == 0) {
        CHECK(result.count("inspect") == 1, what);
    } else {
        check_refused(result, what);
    }
}

struct small_file {
    std::string bytes;
    size_t      data_offset = 0; // of the tensor data
};

small_file make_small_file(const temp_folder & folder) {
    tiny_model_options options;
    options.n_embd         = 64;
    options.n_ff           = 64;
    options.n_layer        = 1;
    const std::string path = folder.path("small.gguf");
    write_tiny_model(options, path);
    small_file     out;
    gguf_context * gguf = gguf_init_from_file(path.c_str(), { /*no_alloc =*/true, nullptr });
    out.data_offset     = gguf_get_data_offset(gguf);
    gguf_free(gguf);
    out.bytes = read_file(path);
    return out;
}

void check_good_file(const temp_folder & folder) {
    const worker_result result = inspect(folder, folder.path("small.gguf"), true);
    CHECK(result.exit_code == 0, result.exit_code, result.errors, result.last("error").dump());
    const json info = result.last("inspect");
    CHECK(info["architecture"] == "llama" && info["supported"] == true && info["is_adapter"] == false, info.dump());
    CHECK(info["n_layer"] == 1 && info["n_embd"] == 64 && info["n_vocab"] == tiny_n_vocab, info.dump());
    CHECK(info["has_chat_template"] == true, info.dump());
}

void check_truncated(const temp_folder & folder, const small_file & good, int n) {
    std::set<size_t> lengths = { 0,
                                 1,
                                 3,
                                 4,
                                 7,
                                 8,
                                 12,
                                 16,
                                 23,
                                 24,
                                 25,
                                 32,
                                 good.data_offset - 1,
                                 good.data_offset,
                                 good.data_offset + 1,
                                 good.bytes.size() - 1 };
    tiny_random      random(61);
    while ((int) lengths.size() < n) {
        lengths.insert(random.below(random.below(2) ? good.data_offset : good.bytes.size()));
    }
    const std::string path = folder.path("cut.gguf");
    for (size_t length : lengths) {
        write_file(path, good.bytes.substr(0, length));
        check_refused(inspect(folder, path, true), "cut to " + std::to_string(length));
    }
}

void check_flipped(const temp_folder & folder, const small_file & good, int n) {
    tiny_random       random(62);
    const std::string path     = folder.path("flipped.gguf");
    int               accepted = 0;
    for (int i = 0; i < n; i++) {
        std::string  bytes = good.bytes;
        const bool   early = random.below(4) != 0; // mostly counts, keys, names and shapes
        const size_t at    = random.below(early ? good.data_offset : bytes.size());
        bytes[at]          = (char) (bytes[at] ^ (1 << random.below(8)));
        write_file(path, bytes);
        const worker_result result = inspect(folder, path, true);
        check_answered(result, "a flipped bit in byte " + std::to_string(at));
        accepted += result.exit_code == 0;
    }
    std::printf("        %d of %d files with a flipped bit were refused\n", n - accepted, n);
    CHECK(accepted < n, "no damage was ever noticed");
}

// Damages the header in memory and opens it with the worker's reader: only its own exception may come out.
void check_reader(const temp_folder & folder, const small_file & good, int n) {
    tiny_random       random(63);
    const std::string path    = folder.path("reader.gguf");
    int               refused = 0;
    for (int i = 0; i < n; i++) {
        std::string bytes    = good.bytes;
        const int   n_change = 1 + (int) random.below(4);
        for (int j = 0; j < n_change; j++) {
            const size_t at = random.below(good.data_offset);
            switch (random.below(3)) {
            case 0: bytes[at] = (char) (bytes[at] ^ (1 << random.below(8))); break;
            case 1: bytes[at] = (char) random.below(256); break;
            case 2: { // an absurd number where a count, a length or a shape may stand
                const uint64_t absurd[] = { 0, 0xFFFFFFFFFFFFFFFFull, 0x7FFFFFFFFFFFFFFFull, 0x100000000ull,
                                            0x80000000ull };
                const uint64_t value    = absurd[random.below(5)];
                memcpy(&bytes[std::min(at, good.data_offset - 8)], &value, 8);
                break;
            }
            }
        }
        write_file(path, bytes);
        try {
            const auto base = model_open(path);
            CHECK(base->hparams.n_layer > 0, "an opened model without layers");
        } catch (const worker_error & error) {
            CHECK(error.exit_code == EXIT_CODE_MODEL, error.what(), error.exit_code);
            refused++;
        }
    }
    std::printf("        %d of %d files with a damaged header were refused\n", refused, n);
    CHECK(refused > n / 2, refused);
}

template <typename number>
void overwrite(std::string & bytes, size_t at, number value) {
    memcpy(&bytes[at], &value, sizeof(value));
}

// Writes `value` behind a key's name and type, wherever in the file it stands.
std::string with_u32(const std::string & bytes, const std::string & key, uint32_t value) {
    std::string  changed = bytes;
    const size_t at      = changed.find(key);
    CHECK(at != std::string::npos, key);
    overwrite(changed, at + key.size() + 4, value);
    return changed;
}

void check_absurd(const temp_folder & folder, const small_file & good) {
    std::vector<std::pair<std::string, std::string>> files;
    std::string                                      bytes = good.bytes;
    bytes.replace(0, 4, "GGML");
    files.emplace_back("another magic", bytes);
    bytes = good.bytes;
    overwrite<uint32_t>(bytes, 4, 999);
    files.emplace_back("version 999", bytes);
    for (const uint64_t count : { (uint64_t) 0, (uint64_t) 1 << 40, ~(uint64_t) 0 }) {
        bytes = good.bytes;
        overwrite<uint64_t>(bytes, 8, count);
        files.emplace_back(std::to_string(count) + " tensors", bytes);
        bytes = good.bytes;
        overwrite<uint64_t>(bytes, 16, count);
        files.emplace_back(std::to_string(count) + " keys", bytes);
    }
    for (const char * key :
         { "llama.block_count", "llama.embedding_length", "llama.attention.head_count", "llama.attention.head_count_kv",
           "llama.feed_forward_length", "llama.context_length", "llama.rope.dimension_count" }) {
        for (const uint32_t value : { 0u, 0x7FFFFFFFu, 0xFFFFFFFFu }) {
            files.emplace_back(std::string(key) + " = " + std::to_string(value), with_u32(good.bytes, key, value));
        }
    }
    files.emplace_back("three heads", with_u32(good.bytes, "llama.attention.head_count", 3));
    files.emplace_back("a text file", "This is a shopping list: eggs, milk and bread.\n" + std::string(2000, 'x'));
    files.emplace_back("zeros", std::string(100000, '\0'));
    files.emplace_back("an empty file", "");
    std::string accepted;
    for (const auto & file : files) {
        const std::string path = folder.path("absurd.gguf");
        write_file(path, file.second);
        const worker_result result = inspect(folder, path, true);
        if (result.exit_code == 0) {
            accepted += file.first + "; ";
        } else {
            check_refused(result, file.first);
        }
    }
    CHECK(accepted.empty(), "accepted", accepted);
}

void check_other_files(const temp_folder & folder, const small_file & good) {
    check_refused(inspect(folder, folder.path("absent.gguf"), false), "a missing file");
    check_refused(inspect(folder, folder.path(""), false), "a folder");
    std::string bytes = good.bytes;
    for (size_t at = bytes.find("llama"); at != std::string::npos; at = bytes.find("llama", at + 1)) {
        bytes.replace(at, 5, "bloom");
    }
    const std::string path = folder.path("bloom.gguf");
    write_file(path, bytes);
    const worker_result unknown = inspect(folder, path, false);
    const json          event   = unknown.exit_code == 0 ? unknown.last("inspect") : unknown.last("error");
    CHECK(unknown.exit_code == 0 || unknown.exit_code == 5, unknown.exit_code);
    CHECK(unknown.exit_code == 5 || event["supported"] == false, event.dump());
    CHECK(event.dump().find("bloom") != std::string::npos, "the architecture is named", event.dump());

    // Training refuses what inspection refuses.
    write_random_dataset(folder.path("train.jsonl"), 8, 1);
    for (const std::string & base : { path, folder.path("cut.gguf") }) {
        write_file(folder.path("cut.gguf"), good.bytes.substr(0, good.bytes.size() / 2));
        check_refused(run_worker_config(folder, "train", tiny_train_config(folder, base, folder.path("train.jsonl"))),
                      base);
    }
}

} // namespace

int main(int argc, char ** argv) {
    const temp_folder folder;
    const small_file  good  = make_small_file(folder);
    const bool        brief = std::getenv("KEEPSAKE_TEST_SHORT") != nullptr;
    ggml_log_set([](ggml_log_level, const char *, void *) {}, nullptr); // thousands of refusals would fill the log
    return run_tests(
        argc, argv,
        {
            { "a whole file is described", [&] { check_good_file(folder); } },
            { "a file cut anywhere is refused", [&] { check_truncated(folder, good, brief ? 40 : 80); } },
            { "a flipped bit anywhere never ends the program badly", [&] { check_flipped(folder, good, 200); } },
            { "thousands of damaged headers are opened or refused by name",
              [&] { check_reader(folder, good, brief ? 1000 : 3000); } },
            { "absurd counts, shapes and other kinds of file are refused", [&] { check_absurd(folder, good); } },
            { "missing files, folders and unknown architectures are refused by name",
              [&] { check_other_files(folder, good); } },
        });
}
