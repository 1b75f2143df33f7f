#!/usr/bin/env python3
"""Builds, checks and measures the trainer on a machine with a GPU, in one command. Prints JSON.

usage: python3 gpu-check.py [--backend cuda|vulkan|cpu] [--quick] [--output FILE]

NOT RUN ON CUDA SO FAR: no such machine was at hand when this was written. Every part but the CUDA build itself was tried
with `--backend cpu` and `--backend vulkan` (Mesa's software driver) and prebuilt libraries (`--libs`, `--plugin`).

Needs: a C++17 compiler, CMake >= 3.22, Python with numpy, for the comparison PyTorch (PEFT where it is installed), for
CUDA its compiler. No Node, no network, no base model: pack.mjs packs the sources, the models are random (make-model.py),
so that speed, memory and parity can be shown, recall cannot.

What it does: 1. builds ggml with the GPU's back end for the chip at hand, and the worker; 2. lists the devices; 3. runs
the parity test: gradients of every A and B against the CPU (cosine >= 0.999) and 20 steps (loss within 1 %) for llama,
qwen2 and qwen3; 4. trains random models of real shapes, tokens/s and memory beside PyTorch in the same run. A folder
that was built before is used again. Compilation, kernel warm-up (first step) and steps are reported apart.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
DEVICES = {"cuda": "cuda0", "vulkan": "vulkan0", "cpu": "cpu"}


def say(text):
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


def run(command, limit=None, **options):
    """Gives the finished process; its output is text."""
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=limit, **options)


def must(command, **options):
    done = run(command, **options)
    if done.returncode != 0:
        sys.stderr.write(done.stdout[-4000:] + done.stderr[-4000:])
        raise SystemExit(f"failed: {' '.join(str(part) for part in command)}")
    return done.stdout


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backend", choices=DEVICES, default="cuda")
    parser.add_argument("--root", type=pathlib.Path, default=HERE.parent, help="holds llama.cpp and native-worker")
    parser.add_argument("--llama", type=pathlib.Path, help="llama.cpp's sources (default: ROOT/llama.cpp)")
    parser.add_argument("--work", type=pathlib.Path, help="where to build (default: ROOT/build-gpu-check)")
    parser.add_argument("--libs", type=pathlib.Path, help="prebuilt ggml libraries in place of a build")
    parser.add_argument("--plugin", type=pathlib.Path, help="prebuilt plug-in of the GPU, with --libs")
    parser.add_argument("--built", type=pathlib.Path, help="folder with a built worker and tests")
    parser.add_argument("--shapes", default="1b,7b", help="what to measure; 'none' leaves it out")
    parser.add_argument("--type", default="q4_0", help="of the random weights")
    parser.add_argument("--layers", type=int, default=0, help="fewer layers than the shape has")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--length", type=int, default=512)
    parser.add_argument("--quick", action="store_true", help="tiny shapes, six short steps")
    parser.add_argument("--skip-parity", action="store_true")
    parser.add_argument("--skip-torch", action="store_true")
    parser.add_argument("--output", type=pathlib.Path)
    args = parser.parse_args()
    args.llama = args.llama or args.root / "llama.cpp"
    args.work = args.work or args.root / "build-gpu-check"
    args.skip_parity = args.skip_parity or args.backend == "cpu"
    if args.quick:
        args.shapes, args.steps, args.batch, args.length = "tiny-llama,tiny-qwen3", 6, 2, 48
    return args


def describe_machine():
    out = {"cpu_cores": os.cpu_count()}
    if shutil.which("nvidia-smi"):
        query = "--query-gpu=name,memory.total,driver_version,compute_cap"
        out["gpu"] = run(["nvidia-smi", query, "--format=csv,noheader"]).stdout.strip()
    if shutil.which("nvcc"):
        out["nvcc"] = run(["nvcc", "--version"]).stdout.strip().splitlines()[-1]
    return out


def build_ggml(args):
    """One shared library for each back end; flash attention's kernels are left out, the trainer uses none of them."""
    folder = args.work / "ggml"
    options = [
        "-DCMAKE_BUILD_TYPE=Release", "-DBUILD_SHARED_LIBS=ON", "-DGGML_BACKEND_DL=ON", "-DGGML_NATIVE=ON",
        "-DGGML_BUILD_TESTS=OFF", "-DGGML_BUILD_EXAMPLES=OFF",
        f"-DCMAKE_LIBRARY_OUTPUT_DIRECTORY={args.work / 'lib'}", f"-DCMAKE_RUNTIME_OUTPUT_DIRECTORY={args.work / 'lib'}",
    ]
    if args.backend == "cuda":
        options += ["-DGGML_CUDA=ON", "-DCMAKE_CUDA_ARCHITECTURES=native", "-DGGML_CUDA_FA=OFF", "-DGGML_CUDA_GRAPHS=OFF"]
    elif args.backend == "vulkan":
        options += ["-DGGML_VULKAN=ON"]
    # As a part of another project: by itself ggml wants a file that only its own repository has.
    source = args.work / "ggml-source"
    source.mkdir(exist_ok=True)
    (source / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.22)\nproject(gpu-check C CXX)\n"
        f'add_subdirectory("{args.llama.resolve() / "ggml"}" ggml)\n')
    must(["cmake", "-S", source, "-B", folder, *options])
    must(["cmake", "--build", folder, "-j", str(os.cpu_count())])
    plugin = args.work / "lib" / f"libggml-{args.backend}.so"
    return args.work / "lib", plugin if args.backend != "cpu" else None


def build_worker(args, libs):
    folder = args.work / "worker"
    must(["cmake", "-S", args.root / "native-worker", "-B", folder, "-DCMAKE_BUILD_TYPE=Release",
          f"-DKEEPSAKE_LLAMA_SRC={args.llama}", f"-DKEEPSAKE_LLAMA_LIBS={libs}"])
    must(["cmake", "--build", folder, "-j", str(os.cpu_count()), "--target", "keepsake-worker", "test-device-gpu"])
    return folder


def build(args):
    start = time.time()
    libs, plugin = (args.libs, args.plugin) if args.libs else build_ggml(args)
    os.environ["LD_LIBRARY_PATH"] = f"{libs}:{os.environ.get('LD_LIBRARY_PATH', '')}"
    ggml_seconds = time.time() - start
    folder = args.built or build_worker(args, libs)
    seconds = {"ggml": round(ggml_seconds, 1), "all": round(time.time() - start, 1)}
    return libs, plugin, folder, seconds


def worker_events(folder, command, config, work, limit=1800):
    file = work / f"{command}.json"
    file.write_text(json.dumps({"protocol": 1, **config}))
    done = run([folder / "keepsake-worker", command, file], limit=limit)
    events = []
    for line in done.stdout.splitlines():
        try:
            events.append(json.loads(line))
        except ValueError:
            pass
    return done.returncode, events, done.stderr


def parity(args, folder, plugin):
    """The native test that ctest runs too, on the device asked for."""
    env = dict(os.environ, KEEPSAKE_TEST_DEVICE=DEVICES[args.backend], KEEPSAKE_BACKENDS=str(plugin or ""))
    done = run([folder / "test-device-gpu"], limit=1800, env=env)
    lines = done.stdout.splitlines()
    worst = [float(found) for line in lines for found in re.findall(r"worst cosine ([0-9.]+)", line)]
    apart = [float(found) for line in lines for found in re.findall(r"farthest apart ([0-9.]+) %", line)]
    return {
        "passed": done.returncode == 0, "skipped": done.returncode == 77, "worst_cosine": min(worst, default=None),
        "gradients_compared": len(worst), "loss_farthest_apart_percent": max(apart, default=None),
        "trainings_compared": len(apart), "lines": lines,
    }


class MemoryWatch(threading.Thread):
    """The most memory that the GPU has in use, asked of nvidia-smi four times a second."""

    def __init__(self):
        super().__init__(daemon=True)
        self.most, self.ended = 0, threading.Event()

    def run(self):
        while shutil.which("nvidia-smi") and not self.ended.wait(0.25):
            found = run(["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits"]).stdout.split()
            self.most = max(self.most, int(found[0]) << 20 if found and found[0].isdigit() else 0)


def write_samples(args, path, vocab):
    import numpy as np

    random = np.random.default_rng(5)
    wanted = min(64, args.length // 4)
    with open(path, "w") as file:
        for _ in range(args.batch * args.steps):
            tokens = random.integers(0, vocab, args.length + 1).tolist()
            weights = [0] * (args.length + 1 - wanted) + [1] * wanted
            file.write(json.dumps({"tokens": tokens, "weights": weights}) + "\n")


def measure(args, shape, libs, plugin, folder):
    """Tokens a second and memory of the worker, then of PyTorch, on a model of that shape."""
    work = args.work / "models"
    work.mkdir(parents=True, exist_ok=True)
    base = work / f"{shape}-{args.type}-{args.layers}.gguf"
    if not base.exists():
        must([sys.executable, HERE / "make-model.py", "--shape", shape, "--type", args.type, "--layers", args.layers,
              "--output", base])
    write_samples(args, work / "samples.jsonl", 512)
    config = {
        "base": str(base), "backends_dir": str(libs), "backends": [str(plugin)] if plugin else [],
        "device": DEVICES[args.backend], "threads": max(1, (os.cpu_count() or 2) // 2), "rank": 16, "alpha": 32,
        "dataset": str(work / "samples.jsonl"), "output": str(work / "adapter.gguf"), "learning_rate": 1e-4,
        "batch_size": args.batch, "epochs": 1, "self_test_cache": str(work / "checks.json"),
    }
    if args.backend == "cpu":
        config["gemm"] = "ggml"
    watch = MemoryWatch()
    watch.start()
    code, events, errors = worker_events(folder, "train", config, work)
    watch.ended.set()
    steps = [event for event in events if event.get("type") == "step"]
    speeds = sorted(event["tokens_per_s"] for event in steps[len(steps) // 4 :])
    out = {
        "shape": shape, "bytes": base.stat().st_size, "batch": args.batch, "length": args.length, "exit_code": code,
        "plan": next((event for event in events if event.get("type") == "plan"), None),
        "tokens_per_s": speeds[len(speeds) // 2] if speeds else None,
        "first_step_tokens_per_s": steps[0]["tokens_per_s"] if steps else None,
        "losses": [event["loss"] for event in steps], "device_memory_in_use_bytes": watch.most,
        "error": next((event for event in events if event.get("type") == "error"), None),
    }
    if code != 0 and out["error"] is None:
        out["stderr"] = errors[-2000:]
    if not args.skip_torch:
        command = [sys.executable, HERE / "torch-lora.py", "--shape", shape, "--batch", args.batch, "--length",
                   args.length, "--wanted", min(64, args.length // 4), "--steps", args.steps, "--layers", args.layers,
                   "--device", "cuda" if args.backend == "cuda" else "cpu"]
        done = run(command, limit=1800)
        out["pytorch"] = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else {"error": done.stderr[-800:]}
    return out


def main():
    args = parse_arguments()
    args.work.mkdir(parents=True, exist_ok=True)
    report = {"backend": args.backend, "machine": describe_machine()}
    say("building")
    libs, plugin, folder, report["build_seconds"] = build(args)
    say("listing the devices")
    config = {"backends_dir": str(libs), "backends": [str(plugin)] if plugin else []}
    _, events, _ = worker_events(folder, "devices", config, args.work)
    report["devices"] = [event for event in events if event.get("type") == "device"]
    if not args.skip_parity:
        say("comparing gradients and twenty steps with the CPU")
        report["parity"] = parity(args, folder, plugin)
    report["measured"] = []
    for shape in args.shapes.split(","):
        if shape != "none":
            say(f"measuring {shape}")
            report["measured"].append(measure(args, shape, libs, plugin, folder))
    text = json.dumps(report, indent=2)
    if args.output:
        args.output.write_text(text + "\n")
    print(text)
    bad = not report.get("parity", {"passed": True})["passed"] or any(cur["exit_code"] for cur in report["measured"])
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
