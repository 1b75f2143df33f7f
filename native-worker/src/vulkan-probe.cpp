#include "vulkan-probe.h"

#include <dlfcn.h>

// The four calls of the Vulkan 1.0 ABI that are needed, so that neither headers nor the loader are needed to build.
namespace {

const uint32_t STRUCTURE_INSTANCE_CREATE_INFO = 1;
const uint32_t DEVICE_TYPE_CPU                = 4;
const size_t   PROPERTIES_SIZE                = 4096; // VkPhysicalDeviceProperties has 824 bytes

struct instance_create_info {
    uint32_t             structure   = STRUCTURE_INSTANCE_CREATE_INFO;
    const void *         next        = nullptr;
    uint32_t             flags       = 0;
    const void *         application = nullptr;
    uint32_t             n_layer     = 0;
    const char * const * layers      = nullptr;
    uint32_t             n_extension = 0;
    const char * const * extensions  = nullptr;
};

// The beginning of VkPhysicalDeviceProperties.
struct properties_head {
    uint32_t api_version;
    uint32_t driver_version;
    uint32_t vendor;
    uint32_t device;
    uint32_t type;
    char     name[256];
};

using create_instance   = int32_t (*)(const instance_create_info *, const void *, void **);
using destroy_instance  = void (*)(void *, const void *);
using enumerate_devices = int32_t (*)(void *, uint32_t *, void **);
using get_properties    = void (*)(void *, void *);

} // namespace

std::vector<vulkan_device> vulkan_probe() {
    std::vector<vulkan_device> found;
#ifdef __APPLE__
    void * library = dlopen("libvulkan.1.dylib", RTLD_NOW | RTLD_LOCAL);
#else
    void * library = dlopen("libvulkan.so.1", RTLD_NOW | RTLD_LOCAL);
#endif
    if (!library) {
        return found;
    }
    const auto                 create     = (create_instance) dlsym(library, "vkCreateInstance");
    const auto                 destroy    = (destroy_instance) dlsym(library, "vkDestroyInstance");
    const auto                 enumerate  = (enumerate_devices) dlsym(library, "vkEnumeratePhysicalDevices");
    const auto                 properties = (get_properties) dlsym(library, "vkGetPhysicalDeviceProperties");
    const instance_create_info info;
    void *                     instance = nullptr;
    if (create && destroy && enumerate && properties && create(&info, nullptr, &instance) == 0) {
        uint32_t n = 0;
        if (enumerate(instance, &n, nullptr) == 0 && n > 0) {
            std::vector<void *> devices(n);
            if (enumerate(instance, &n, devices.data()) == 0) {
                for (uint32_t i = 0; i < n; i++) {
                    alignas(8) char data[PROPERTIES_SIZE] = {};
                    properties(devices[i], data);
                    const properties_head & head = *(const properties_head *) data;
                    found.push_back({ head.name, head.driver_version, head.type == DEVICE_TYPE_CPU });
                }
            }
        }
        destroy(instance, nullptr);
    }
    return found; // the library stays loaded: drivers do not all survive being unloaded
}
