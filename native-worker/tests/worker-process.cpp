#include "worker-process.h"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <poll.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

using nlohmann::json;

namespace {

// Two minutes, or what KEEPSAKE_TEST_SECONDS says.
std::chrono::seconds longest_run() {
    const char * named = std::getenv("KEEPSAKE_TEST_SECONDS");
    return std::chrono::seconds(named ? std::atoi(named) : 120);
}

struct pipe_ends {
    int read_end  = -1;
    int write_end = -1;

    pipe_ends() {
        int ends[2];
        if (pipe(ends) != 0) {
            throw std::runtime_error("no pipe could be made");
        }
        read_end  = ends[0];
        write_end = ends[1];
    }
};

pid_t start(const std::vector<std::string> & arguments, const pipe_ends & in, const pipe_ends & out,
            const pipe_ends & err) {
    std::vector<char *> argv;
    std::string         program = KEEPSAKE_WORKER;
    argv.push_back(program.data());
    std::vector<std::string> copies = arguments;
    for (std::string & argument : copies) {
        argv.push_back(argument.data());
    }
    argv.push_back(nullptr);
    const pid_t pid = fork();
    if (pid == 0) {
        dup2(in.read_end, 0);
        dup2(out.write_end, 1);
        dup2(err.write_end, 2);
        for (const pipe_ends * ends : { &in, &out, &err }) {
            close(ends->read_end);
            close(ends->write_end);
        }
        execv(argv[0], argv.data());
        _exit(127);
    }
    close(in.read_end);
    close(out.write_end);
    close(err.write_end);
    return pid;
}

// Appends what can be read; false at the end of the stream.
bool read_some(int fd, std::string & text) {
    char          buffer[65536];
    const ssize_t n = read(fd, buffer, sizeof(buffer));
    if (n > 0) {
        text.append(buffer, (size_t) n);
    }
    return n > 0;
}

void take_lines(std::string & text, worker_result & result, worker_process & process, const worker_watcher & watcher) {
    for (size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
        const std::string line = text.substr(0, end);
        text.erase(0, end + 1);
        const json event = json::parse(line, nullptr, false);
        if (!event.is_object() || !event.contains("type")) {
            process.signal(SIGKILL);
            throw std::runtime_error("stdout holds a line that is no event: " + line);
        }
        if (event["type"] == "heartbeat") {
            result.heartbeats++;
        } else {
            result.events.push_back(event);
        }
        if (watcher) {
            watcher(event, process);
        }
    }
}

} // namespace

void worker_process::send(const std::string & line) const {
    const std::string text = line + "\n";
    if (write(stdin_fd, text.data(), text.size()) != (ssize_t) text.size()) {
        throw std::runtime_error("the worker does not read its stdin");
    }
}

void worker_process::close_stdin() {
    if (stdin_fd >= 0) {
        close(stdin_fd);
        stdin_fd = -1;
    }
}

void worker_process::signal(int number) const {
    kill(pid, number);
}

json worker_result::last(const std::string & type) const {
    for (auto event = events.rbegin(); event != events.rend(); ++event) {
        if ((*event)["type"] == type) {
            return *event;
        }
    }
    return json();
}

size_t worker_result::count(const std::string & type) const {
    size_t n = 0;
    for (const json & event : events) {
        n += event["type"] == type;
    }
    return n;
}

worker_result run_worker(const std::vector<std::string> & arguments, const worker_watcher & watcher) {
    std::signal(SIGPIPE, SIG_IGN);
    const pipe_ends in;
    const pipe_ends out;
    const pipe_ends err;
    worker_process  process;
    process.pid      = start(arguments, in, out, err);
    process.stdin_fd = in.write_end;
    worker_result result;
    std::string   text;
    bool          out_open = true;
    bool          err_open = true;
    const auto    start    = std::chrono::steady_clock::now();
    bool          late     = false;
    while (out_open || err_open) {
        pollfd fds[2] = { { out_open ? out.read_end : -1, POLLIN, 0 }, { err_open ? err.read_end : -1, POLLIN, 0 } };
        poll(fds, 2, 1000);
        if (fds[0].revents) {
            out_open = read_some(out.read_end, text);
            take_lines(text, result, process, watcher);
        }
        if (fds[1].revents) {
            err_open = read_some(err.read_end, result.errors);
        }
        if (!late && std::chrono::steady_clock::now() - start > longest_run()) {
            late = true;
            process.signal(SIGKILL);
        }
    }
    process.close_stdin();
    close(out.read_end);
    close(err.read_end);
    int status = 0;
    waitpid(process.pid, &status, 0);
    if (late) {
        throw std::runtime_error("the worker ran too long: " + result.errors);
    }
    result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    result.signal    = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return result;
}

worker_result run_worker_config(const temp_folder & folder, const std::string & command, const json & config,
                                const worker_watcher & watcher) {
    const std::string path = folder.path("run-config.json");
    write_file(path, config.dump());
    return run_worker({ command, path }, watcher);
}

json tiny_train_config(const temp_folder & folder, const std::string & base, const std::string & dataset) {
    return {
        { "protocol", 1 },
        { "run_id", "test" },
        { "base", base },
        { "base_sha256", "" },
        { "backends_dir", backends_dir() },
        { "device", "cpu" },
        { "threads", 2 },
        { "gemm", "f32" },
        { "dataset", dataset },
        { "probes", "" },
        { "probe_every", 0 },
        { "output", folder.path("adapter.gguf") },
        { "checkpoint", folder.path("checkpoint") },
        { "checkpoint_every_s", 100000 },
        { "resume", false },
        { "rank", 4 },
        { "alpha", 8 },
        { "seed", 42 },
        { "learning_rate", 5e-3 },
        { "schedule", "linear" },
        { "final_lr_fraction", 0.1 },
        { "warmup_steps", 5 },
        { "batch_size", 8 },
        { "epochs", 1 },
        { "metadata", { { "keepsake.run_id", "test" } } },
    };
}

std::string backends_dir() {
    return KEEPSAKE_BACKENDS_DIR;
}
