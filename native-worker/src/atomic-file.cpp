#include "atomic-file.h"

#include "error.h"
#include "fault-point.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
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

// Is the open file still the one under its name? Another writer may have given it its final name meanwhile.
static bool is_named(int fd, const std::string & path) {
    struct stat own;
    struct stat named;
    return fstat(fd, &own) == 0 && stat(path.c_str(), &named) == 0 && own.st_dev == named.st_dev &&
           own.st_ino == named.st_ino;
}

atomic_file::atomic_file(const std::string & path) : path(path), partial(path + ".partial") {
    for (;;) {
        fd = open(partial.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
        if (fd < 0) {
            fail(errno);
        }
        if (flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
            close(fd);
            fd = -1;
            fail(EBUSY);
        }
        if (is_named(fd, partial)) {
            break;
        }
        close(fd);
    }
    if (ftruncate(fd, 0) != 0) {
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
    if (number == EBUSY) {
        throw worker_error("write-failed", "Another program is writing " + path + " at this moment.",
                           "Wait until it has ended.", EXIT_CODE_FAILED);
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
