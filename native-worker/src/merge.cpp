#include "merge.h"

#include "atomic-file.h"
#include "engine.h"
#include "error.h"
#include "gemm.h"
#include "merge-plan.h"
#include "profile.h"
#include "protocol.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <thread>

namespace {

const size_t PART_VALUES = 1 << 20; // of a tensor, per thread

struct gguf_free_context {
    void operator()(gguf_context * gguf) const { gguf_free(gguf); }
    void operator()(ggml_context * ctx) const { ggml_free(ctx); }
};

bool is_same_file(const std::string & a, const std::string & b) {
    struct stat first;
    struct stat second;
    return stat(a.c_str(), &first) == 0 && stat(b.c_str(), &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

void check_output(const run_config & config) {
    struct stat st;
    if (stat(config.output.c_str(), &st) == 0 && S_ISDIR(st.st_mode)) {
        throw worker_error("write-failed", "The file " + config.output + " cannot be written: it is a folder.",
                           "Name a file.", EXIT_CODE_FAILED);
    }
    for (const std::string & input : { config.base, config.adapter }) {
        if (is_same_file(config.output, input)) {
            throw worker_error("bad-config", "The merged model would be written over " + input + ".",
                               "Name another output file.", EXIT_CODE_CONFIG);
        }
    }
}

void check_hash(const run_config & config, const gguf_context * adapter) {
    const int64_t     id = gguf_find_key(adapter, "keepsake.base_hash");
    const std::string hash =
        id >= 0 && gguf_get_kv_type(adapter, id) == GGUF_TYPE_STRING ? gguf_get_val_str(adapter, id) : "";
    if (!hash.empty() && !config.base_sha256.empty() && hash != config.base_sha256) {
        throw worker_error("adapter-mismatch", "The adapter was trained on another base model.",
                           "Choose an adapter that was trained on this base model.", EXIT_CODE_CONFIG);
    }
}

// The base's key values, where the file comes from, and what the caller adds.
void describe(gguf_context * out, const model & base, const gguf_context * adapter, const merge_plan & plan,
              const run_config & config) {
    gguf_set_kv(out, base.gguf);
    gguf_remove_key(out, "general.alignment"); // tensors stand at multiples of the default, 32
    if (plan.file_type >= 0) {
        gguf_set_val_u32(out, "general.file_type", (uint32_t) plan.file_type);
    }
    gguf_set_val_u32(out, "general.quantization_version", 2);
    for (int64_t i = 0; i < gguf_get_n_kv(adapter); i++) {
        const char * key = gguf_get_key(adapter, i);
        if (strncmp(key, "keepsake.", 9) == 0 && gguf_get_kv_type(adapter, i) == GGUF_TYPE_STRING) {
            gguf_set_val_str(out, key, gguf_get_val_str(adapter, i));
        }
    }
    gguf_set_val_bool(out, "keepsake.merged", true);
    gguf_set_val_str(out, "keepsake.merge_type", plan.is_type_given ? ggml_type_name(plan.type) : "base");
    gguf_set_val_str(out, "keepsake.merged_by", "keepsake-worker " KEEPSAKE_VERSION);
    for (const auto & item : config.metadata) {
        gguf_set_val_str(out, item.first.c_str(), item.second.c_str());
    }
}

void check_space(const std::string & path, size_t need) {
    const size_t      slash  = path.find_last_of('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    struct statvfs    st;
    if (statvfs(folder.c_str(), &st) != 0) {
        return;
    }
    const uint64_t free = (uint64_t) st.f_bavail * st.f_frsize;
    if (free < need) {
        const auto megabytes = [](uint64_t bytes) { return std::to_string((bytes + 999999) / 1000000) + " MB"; };
        throw worker_error("disk-full",
                           "The merged model needs " + megabytes(need) + " on the disk and " + megabytes(free) +
                               " are free.",
                           "Free some space or choose another folder.", EXIT_CODE_MEMORY);
    }
}

[[noreturn]] void fail_value(const merge_tensor & cur) {
    throw worker_error("not-finite",
                       std::string("Tensor ") + cur.source->name + " holds values that " + ggml_type_name(cur.type) +
                           " cannot hold.",
                       "Choose another type, or check the base model and the adapter.", EXIT_CODE_FAILED);
}

// A and s B of one tensor as plain numbers.
struct factors {
    int                n_rank = 0;
    std::vector<float> a; // [r][n_in]
    std::vector<float> b; // [n_out][r]
};

factors factors_of(const merge_tensor & cur) {
    factors out;
    if (cur.delta) {
        const ggml_tensor * a = cur.delta->a;
        const ggml_tensor * b = cur.delta->b;
        out.n_rank            = (int) a->ne[1];
        out.a.resize((size_t) ggml_nelements(a));
        out.b.resize((size_t) ggml_nelements(b));
        model_dequantise(a, 0, a->ne[1], out.a.data());
        model_dequantise(b, 0, b->ne[1], out.b.data());
        for (float & value : out.b) {
            value *= cur.delta->scale;
        }
    }
    return out;
}

// Rows [first, first + n) in the new type. false = a value that the type cannot hold.
bool make_rows(const merge_tensor & cur, const factors & delta, int64_t first, int64_t n, std::vector<float> & values,
               std::vector<uint8_t> & bytes) {
    const int64_t n_in = cur.source->ne[0];
    values.resize((size_t) (n * n_in));
    bytes.resize(ggml_row_size(cur.type, n_in) * (size_t) n);
    model_dequantise(cur.source, first, n, values.data());
    if (delta.n_rank > 0) {
        gemm_f32((int) n, (int) n_in, delta.n_rank, delta.b.data() + first * delta.n_rank, delta.n_rank, 1,
                 delta.a.data(), n_in, 1, values.data(), n_in, true);
    }
    const float largest = cur.type == GGML_TYPE_F16 ? 65504.0f : std::numeric_limits<float>::max();
    if (!std::all_of(values.begin(), values.end(), [largest](float value) { return std::fabs(value) <= largest; })) {
        return false;
    }
    ggml_quantize_chunk(cur.type, values.data(), bytes.data(), 0, n, n_in, nullptr);
    return true;
}

// false = stopped.
bool write_changed(atomic_file & file, const merge_tensor & cur, int n_thread, const std::atomic<bool> & stop) {
    struct part {
        std::vector<float>   values;
        std::vector<uint8_t> bytes;
        bool                 right = true;
    };
    const factors     delta = factors_of(cur);
    const int64_t     n_row = ggml_nrows(cur.source);
    const int64_t     step  = std::max<int64_t>(1, (int64_t) PART_VALUES / cur.source->ne[0]);
    std::vector<part> parts((size_t) n_thread);
    for (int64_t first = 0; first < n_row;) {
        if (stop) {
            return false;
        }
        std::vector<std::thread> threads;
        size_t                   n_part = 0;
        for (; n_part < parts.size() && first < n_row; n_part++) {
            const int64_t n = std::min(step, n_row - first);
            part &        p = parts[n_part];
            threads.emplace_back(
                [&cur, &delta, &p, first, n] { p.right = make_rows(cur, delta, first, n, p.values, p.bytes); });
            first += n;
        }
        for (std::thread & thread : threads) {
            thread.join();
        }
        for (size_t i = 0; i < n_part; i++) {
            if (!parts[i].right) {
                fail_value(cur);
            }
            file.append(parts[i].bytes.data(), parts[i].bytes.size());
        }
    }
    return true;
}

bool write_unchanged(atomic_file & file, const merge_tensor & cur, const std::atomic<bool> & stop) {
    const char * data = (const char *) cur.source->data;
    size_t       left = ggml_nbytes(cur.source);
    while (left > 0) {
        if (stop) {
            return false;
        }
        const size_t n = std::min(left, PART_VALUES * 4);
        file.append(data, n);
        data += n;
        left -= n;
    }
    return true;
}

bool write_tensors(atomic_file & file, const model & base, const merge_plan & plan, int n_thread, size_t alignment,
                   const std::atomic<bool> & stop) {
    for (size_t i = 0; i < plan.tensors.size(); i++) {
        const merge_tensor & cur     = plan.tensors[i];
        const bool           changed = cur.delta || cur.type != cur.source->type;
        if (changed ? !write_changed(file, cur, n_thread, stop) : !write_unchanged(file, cur, stop)) {
            return false;
        }
        file.pad(alignment);
        model_drop_pages(base); // one tensor of a large model in memory, not the whole file
        emit_progress((int64_t) i + 1, (int64_t) plan.tensors.size());
    }
    return true;
}

void warn_of_exceptions(const merge_plan & plan) {
    for (const merge_exception & cur : plan.exceptions) {
        emit_warning("type-kept", std::to_string(cur.n) + (cur.n == 1 ? " matrix has" : " matrices have") +
                                      " rows of " + std::to_string(cur.n_in) + " values, which " +
                                      ggml_type_name(cur.wanted) + "'s blocks of " +
                                      std::to_string(ggml_blck_size(cur.wanted)) + " do not divide: written as " +
                                      ggml_type_name(cur.type) + ".");
    }
}

} // namespace

int merge_run(const run_config & config, std::atomic<bool> * stop) {
    const double start = profile_now() * 1e-9;
    emit_hello("CPU", config.n_thread, "f32");
    emit_phase("read");
    check_output(config);
    const std::unique_ptr<model> base    = model_open(config.base);
    const merge_adapter          adapter = merge_adapter_open(*base, config.adapter);
    check_hash(config, adapter.file->gguf);
    const merge_plan plan = merge_plan_make(*base, adapter, config.merge_type);
    warn_of_exceptions(plan);

    const std::unique_ptr<gguf_context, gguf_free_context> gguf(gguf_init_empty());
    const ggml_init_params init = { ggml_tensor_overhead() * (plan.tensors.size() + 1), nullptr, true };
    const std::unique_ptr<ggml_context, gguf_free_context> ctx(ggml_init(init));
    describe(gguf.get(), *base, adapter.file->gguf, plan, config);
    for (const merge_tensor & cur : plan.tensors) {
        ggml_tensor * out = ggml_new_tensor(ctx.get(), cur.type, ggml_n_dims(cur.source), cur.source->ne);
        ggml_set_name(out, cur.source->name);
        gguf_add_tensor(gguf.get(), out);
    }
    std::vector<char> meta(gguf_get_meta_size(gguf.get()));
    gguf_get_meta_data(gguf.get(), meta.data());
    const size_t  alignment = gguf_get_alignment(gguf.get());
    const int64_t last      = gguf_get_n_tensors(gguf.get()) - 1;
    const size_t  total =
        meta.size() + gguf_get_tensor_offset(gguf.get(), last) + gguf_get_tensor_size(gguf.get(), last) + 2 * alignment;

    atomic_file file(config.output); // a leftover of an earlier attempt is emptied before the room is measured
    check_space(config.output, total);
    emit_phase("merge");
    file.append(meta.data(), meta.size());
    file.pad(alignment);
    if (!write_tensors(file, *base, plan, config.n_thread, alignment, *stop)) {
        emit_cancelled(0);
        return EXIT_CODE_CANCELLED;
    }
    emit_phase("write");
    file.flush();
    if (*stop) {
        emit_cancelled(0);
        return EXIT_CODE_CANCELLED;
    }
    file.commit();
    emit_merged(config.output, (int64_t) file.size(), profile_now() * 1e-9 - start);
    return EXIT_CODE_DONE;
}
