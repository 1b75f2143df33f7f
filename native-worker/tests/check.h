// The test harness: named tests, checks that throw, one line per test, exit code 1 when any failed.
#pragma once

#include <cstdio>
#include <exception>
#include <functional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

struct check_failed : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Throws with the place, the expression and what the test was looking at.
#define CHECK(condition, ...)                                                                                          \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            throw check_failed(std::string(__FILE__) + ":" + std::to_string(__LINE__) + ": " #condition " " +          \
                               check_text(__VA_ARGS__));                                                               \
        }                                                                                                              \
    } while (0)

template <typename... parts>
std::string check_text(const parts &... values) {
    std::ostringstream text;
    text.precision(9);
    const int expand[] = { 0, (text << "[" << values << "]", 0)... };
    (void) expand;
    return text.str();
}

struct test_case {
    std::string           name; // a sentence
    std::function<void()> run;
};

// Runs the tests whose name holds the program's first argument (all without one). Gives the exit code.
inline int run_tests(int argc, char ** argv, const std::vector<test_case> & tests) {
    const std::string filter = argc > 1 ? argv[1] : "";
    int               failed = 0;
    int               ran    = 0;
    for (const test_case & test : tests) {
        if (test.name.find(filter) == std::string::npos) {
            continue;
        }
        ran++;
        try {
            test.run();
            std::printf("ok    %s\n", test.name.c_str());
        } catch (const std::exception & error) {
            failed++;
            std::printf("FAIL  %s\n      %s\n", test.name.c_str(), error.what());
        }
        std::fflush(stdout);
    }
    std::printf("%d of %d tests passed\n", ran - failed, ran);
    return failed == 0 && ran > 0 ? 0 : 1;
}
