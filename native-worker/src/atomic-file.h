// A file that appears under its name whole or not at all: data go to path.partial, reach the disk and are renamed.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

// Every failure throws disk-full (exit code 4) or write-failed (1); path.partial is then gone, path untouched. Of two
// writers of one file the second is refused.
struct atomic_file {
    explicit atomic_file(const std::string & path);
    atomic_file(const atomic_file &)             = delete;
    atomic_file & operator=(const atomic_file &) = delete;
    ~atomic_file(); // removes path.partial unless committed

    void   append(const void * data, size_t size);
    void   pad(size_t alignment); // zeros up to the next multiple
    void   flush();               // fsync
    void   commit();              // after flush: the final name, fsync of the folder
    size_t size() const { return written; }

private:
    [[noreturn]] void fail(int number);

    std::string path;
    std::string partial;
    int         fd      = -1;
    size_t      written = 0;
};

// The same for bytes that are all there already.
void file_write_atomic(const std::string & path, const std::vector<std::pair<const void *, size_t>> & parts);
