#include "atomic-file.h"

#include "error.h"
#include "fault-point.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

// The folder's entry must reach the disk too, or a power cut may lose the new name.
static void sync_folder(const std::string & path) {
    const size_t      slash  = path.find_last_of('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const int         fd     = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
}

atomic_file::atomic_file(const std::string & path) : path(path), partial(path + ".partial") {
    fd = open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) {
        fail(errno);
    }
}

atomic_file::~atomic_file() {
    if (fd >= 0) {
        close(fd);
        unlink(partial.c_str());
    }
}

void atomic_file::fail(int number) {
    if (fd >= 0) {
        close(fd);
        unlink(partial.c_str());
        fd = -1;
    }
    if (number == ENOSPC || number == EDQUOT) {
        throw worker_error("disk-full", "There is no room left on the disk for " + path + ".",
                           "Free some space and start the same command again.", EXIT_CODE_MEMORY);
    }
    throw worker_error("write-failed", "The file " + path + " cannot be written (" + strerror(number) + ").",
                       "Check that the folder exists and may be written to.", EXIT_CODE_FAILED);
}

void atomic_file::append(const void * data, size_t size) {
    const char * bytes = (const char *) data;
    written += size;
    if (fault_point("worker-file.write")) {
        fail(ENOSPC);
    }
    while (size > 0) {
        const ssize_t n = write(fd, bytes, size);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            fail(n < 0 ? errno : EIO);
        }
        bytes += n;
        size -= (size_t) n;
    }
}

void atomic_file::pad(size_t alignment) {
    static const char zeros[64] = {};
    for (size_t left = (alignment - written % alignment) % alignment; left > 0;) {
        const size_t n = std::min(left, sizeof(zeros));
        append(zeros, n);
        left -= n;
    }
}

void atomic_file::flush() {
    if (fault_point("worker-file.fsync")) {
        fail(ENOSPC);
    }
    if (fsync(fd) != 0) {
        fail(errno);
    }
    fault_point("worker-file.fsynced");
}

void atomic_file::commit() {
    if (fault_point("worker-file.rename")) {
        fail(ENOSPC);
    }
    if (rename(partial.c_str(), path.c_str()) != 0) {
        fail(errno);
    }
    fault_point("worker-file.renamed");
    close(fd);
    fd = -1;
    sync_folder(path);
}

void file_write_atomic(const std::string & path, const std::vector<std::pair<const void *, size_t>> & parts) {
    atomic_file file(path);
    for (const auto & part : parts) {
        file.append(part.first, part.second);
    }
    file.flush();
    file.commit();
}
