// A folder for the files of one test program; removed at its end.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <unistd.h>

class temp_folder {
public:
    temp_folder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "keepsake-test-XXXXXX").string();
        if (!mkdtemp(pattern.data())) {
            throw std::runtime_error("no temporary folder could be made");
        }
        root = pattern;
    }

    ~temp_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(root, ignored);
    }

    temp_folder(const temp_folder &)             = delete;
    temp_folder & operator=(const temp_folder &) = delete;

    std::string path(const std::string & name) const { return (root / name).string(); }

private:
    std::filesystem::path root;
};

inline std::string read_file(const std::string & path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        throw std::runtime_error("cannot read " + path);
    }
    return std::string(std::istreambuf_iterator<char>(file), {});
}

inline void write_file(const std::string & path, const std::string & content) {
    std::ofstream file(path, std::ios::binary);
    file << content;
    if (!file) {
        throw std::runtime_error("cannot write " + path);
    }
}
