#include "device.h"

#include "error.h"
#include "vulkan-probe.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <dlfcn.h>
#include <fstream>

namespace {

std::string lower(std::string text) {
    for (char & c : text) {
        c = (char) std::tolower((unsigned char) c);
    }
    return text;
}

// "cuda" of ".../libggml-cuda.so"
std::string plugin_kind(const std::string & path) {
    const size_t slash = path.find_last_of("/\\");
    std::string  name  = lower(slash == std::string::npos ? path : path.substr(slash + 1));
    const size_t start = name.find("ggml-");
    name               = start == std::string::npos ? name : name.substr(start + 5);
    return name.substr(0, name.find('.'));
}

// ggml calls Metal's devices MTL0, MTL1.
std::string name_of(ggml_backend_dev_t dev) {
    const std::string name = lower(ggml_backend_dev_name(dev));
    return name.rfind("mtl", 0) == 0 ? "metal" + name.substr(3) : name;
}

std::string kind_of(const std::string & name) {
    return name.substr(0, name.find_last_not_of("0123456789") + 1);
}

std::string missing_library(const std::string & error) {
    const size_t end = error.find(": cannot open shared object file");
    return end == std::string::npos ? "" : error.substr(0, end);
}

std::string load_reason(const std::string & error) {
    const std::string library = missing_library(error);
    if (library.find("libcudart") == 0 || library.find("libcublas") == 0) {
        return "The CUDA runtime is missing (" + library + ").";
    }
    if (library.find("libcuda.") == 0) {
        return "The NVIDIA driver is missing (" + library + ").";
    }
    if (library.find("libvulkan") == 0) {
        return "The Vulkan loader is missing (" + library + ").";
    }
    return "Its plug-in cannot be loaded: " + error + ".";
}

std::string cuda_driver() {
    void *     library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    const auto version = library ? (int (*)(int *)) dlsym(library, "cuDriverGetVersion") : nullptr;
    int        value   = 0;
    return version && version(&value) == 0 ? std::to_string(value) : "";
}

std::string driver_of(const std::string & kind, const std::string & description,
                      const std::vector<vulkan_device> & vulkan) {
    if (kind == "cuda") {
        return cuda_driver();
    }
    for (const vulkan_device & cur : vulkan) {
        if (kind == "vulkan" && cur.name == description) {
            return std::to_string(cur.driver_version);
        }
    }
    return "";
}

// Where the processor computes what Vulkan asks for, ggml's plug-in offers no device unless told to, and old drivers
// (Mesa 22.3) break under reordered graphs. To be set before the plug-in is loaded, never over a person's own choice.
void prepare_vulkan(const std::vector<vulkan_device> & vulkan) {
    setenv("GGML_VK_DISABLE_INTEGER_DOT_PRODUCT", "1",
           0); // activations rounded to 8 bits cost gradients their accuracy
    if (vulkan.empty() || std::any_of(vulkan.begin(), vulkan.end(), [](const auto & cur) { return !cur.software; })) {
        return;
    }
    setenv("GGML_VK_VISIBLE_DEVICES", "0", 0);
    setenv("GGML_VK_DISABLE_GRAPH_OPTIMIZE", "1", 0);
    setenv("GGML_VK_DISABLE_FUSION", "1", 0);
    setenv("GGML_VK_DISABLE_ASYNC", "1", 0);
}

bool is_software(const std::string & kind, const std::string & description, const std::vector<vulkan_device> & vulkan) {
    return kind == "vulkan" && std::any_of(vulkan.begin(), vulkan.end(), [&](const vulkan_device & cur) {
               return cur.software && cur.name == description;
           });
}

device_info describe(ggml_backend_dev_t dev, const std::vector<vulkan_device> & vulkan) {
    ggml_backend_dev_props props;
    ggml_backend_dev_get_props(dev, &props);
    device_info out;
    out.dev                = dev;
    out.name               = name_of(dev);
    out.description        = props.description;
    out.memory_free        = (int64_t) props.memory_free;
    out.memory_total       = (int64_t) props.memory_total;
    out.supported          = true;
    const std::string kind = kind_of(out.name);
    out.driver             = driver_of(kind, out.description, vulkan);
    if (props.type == GGML_BACKEND_DEVICE_TYPE_CPU) {
        out.type        = "cpu";
        out.memory_free = memory_available();
    } else if (is_software(kind, out.description, vulkan)) {
        out.type        = "software";
        out.memory_free = std::min(out.memory_free, memory_available());
    } else if (props.type == GGML_BACKEND_DEVICE_TYPE_IGPU) {
        out.type        = "igpu"; // shares the machine's memory
        out.memory_free = std::min(out.memory_free, memory_available());
    } else {
        out.type = "gpu";
    }
    return out;
}

device_info without_device(const std::string & kind, const std::string & reason) {
    device_info out;
    out.name    = kind + "0";
    out.type    = "gpu";
    out.reason  = reason;
    out.present = false;
    if (kind == "cuda") {
        out.present = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL) != nullptr;
        out.reason  = out.present ? reason : "There is no NVIDIA driver (libcuda.so.1).";
    }
    return out;
}

// Why a plug-in gave nothing; empty when it is loaded and has a device.
std::string load_plugin(const std::string & path) {
    void * library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        const char * error = dlerror();
        return load_reason(error ? error : path);
    }
    ggml_backend_reg_t reg = ggml_backend_load(path.c_str());
    if (!reg) {
        return "Its plug-in does not fit this version of ggml: " + path + ".";
    }
    return ggml_backend_reg_dev_count(reg) > 0 ? "" : "No such device was found, or its driver is missing.";
}

} // namespace

int64_t memory_available() {
    int64_t       available = INT64_MAX;
    std::ifstream file("/proc/meminfo");
    std::string   line;
    while (std::getline(file, line)) {
        if (line.rfind("MemAvailable:", 0) == 0) {
            available = std::stoll(line.substr(13)) * 1024;
        }
    }
    std::ifstream limit_file("/sys/fs/cgroup/memory.max"); // the word "max" stands there where no limit is set
    int64_t       limit;
    return limit_file >> limit ? std::min(available, limit) : available;
}

const std::vector<device_info> & devices_find(const std::string &              backends_dir,
                                              const std::vector<std::string> & backends) {
    static std::vector<device_info> found;
    if (!found.empty()) {
        return found;
    }
    std::vector<vulkan_device> vulkan;
    std::vector<device_info>   missing;
    ggml_backend_load_all_from_path(backends_dir.c_str());
    std::vector<std::string> loaded; // of two plug-ins for one kind (newer and older drivers) the first that works
    for (const std::string & path : backends) {
        const std::string kind = plugin_kind(path);
        if (std::find(loaded.begin(), loaded.end(), kind) != loaded.end()) {
            continue;
        }
        if (kind == "vulkan") {
            vulkan = vulkan_probe();
            prepare_vulkan(vulkan);
        }
        if (kind == "cuda") {
            setenv("GGML_CUDA_DISABLE_GRAPHS", "1", 0); // every pass has a graph of its own: recording never pays
        }
        const std::string reason = load_plugin(path);
        if (reason.empty()) {
            loaded.push_back(kind);
        } else {
            missing.push_back(without_device(kind, reason));
        }
    }
    for (size_t i = 0; i < ggml_backend_dev_count(); i++) {
        if (ggml_backend_dev_type(ggml_backend_dev_get(i)) != GGML_BACKEND_DEVICE_TYPE_ACCEL) {
            found.push_back(describe(ggml_backend_dev_get(i), vulkan));
        }
    }
    for (const device_info & cur : missing) {
        if (std::none_of(found.begin(), found.end(), [&](const auto & other) { return other.name == cur.name; })) {
            found.push_back(cur);
        }
    }
    std::stable_partition(found.begin(), found.end(), [](const auto & cur) { return !device_is_cpu(cur); });
    return found;
}

const device_info & device_named(const std::vector<device_info> & devices, const std::string & name) {
    std::string names;
    for (const device_info & cur : devices) {
        if (cur.name == lower(name) || kind_of(cur.name) == lower(name)) {
            if (!cur.supported) {
                throw worker_error("device-missing", "The device " + cur.name + " cannot be used. " + cur.reason,
                                   "Choose another device; `cpu` always works.", EXIT_CODE_CONFIG);
            }
            return cur;
        }
        names += cur.supported ? (names.empty() ? "" : ", ") + cur.name : "";
    }
    throw worker_error("device-missing", "There is no device \"" + name + "\" on this machine.",
                       "Choose one of: " + names + ".", EXIT_CODE_CONFIG);
}

std::vector<const device_info *> devices_preferred(const std::vector<device_info> & devices) {
    std::vector<const device_info *> out;
    for (const char * kind : { "cuda", "metal", "vulkan", "cpu" }) {
        for (const device_info & cur : devices) {
            if (cur.supported && cur.type != "software" && kind_of(cur.name) == kind) {
                out.push_back(&cur);
            }
        }
    }
    return out;
}
