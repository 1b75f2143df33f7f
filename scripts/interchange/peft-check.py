#!/usr/bin/env python3
"""The PyTorch/PEFT side of the interchange check; scripts/interchange/check.mjs writes CONFIG.json and starts it.

usage: python3 peft-check.py convert CONFIG.json   dequantise the GGUF base once
       python3 peft-check.py answer CONFIG.json    load the adapter folder with PEFT, answer greedily
       python3 peft-check.py train CONFIG.json     train an adapter with PEFT, save it as PEFT does, answer greedily

CONFIG: "base" (GGUF), "converted" (folder), "adapter" (folder), "prompts" (lists of token ids), "max_tokens",
"end" (token ids that end an answer), "threads"; for train also "samples" (tokens and weights), "steps", "batch",
"rank", "alpha", "learning_rate", "seed". One JSON line an answer: the token ids without the end.
"""

import json
import os
import pathlib
import random
import sys

import torch


def emit(**fields):
    print(json.dumps(fields), flush=True)


def convert(config):
    from transformers import AutoModelForCausalLM

    if (pathlib.Path(config["converted"]) / "config.json").exists():
        return
    base = pathlib.Path(config["base"])
    model = AutoModelForCausalLM.from_pretrained(base.parent, gguf_file=base.name, dtype=torch.float32)
    settings = {key: value for key, value in model.config.to_dict().items() if key != "quantization_config"}
    plain = AutoModelForCausalLM.from_config(type(model.config).from_dict(settings))
    plain.load_state_dict(model.state_dict())
    plain.save_pretrained(config["converted"])


def load_base(config):
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(config["converted"], dtype=torch.float32, attn_implementation="sdpa")


@torch.no_grad()
def answer_all(model, config):
    model.eval()
    end = set(config["end"])
    for prompt in config["prompts"]:
        ids = torch.tensor([prompt])
        past, answer = None, []
        for _ in range(config["max_tokens"]):
            output = model(input_ids=ids, past_key_values=past, use_cache=True)
            past = output.past_key_values
            token = int(output.logits[0, -1].argmax())
            if token in end:
                break
            answer.append(token)
            ids = torch.tensor([[token]])
        emit(type="answer", tokens=answer)


def answer(config):
    from peft import PeftModel

    answer_all(PeftModel.from_pretrained(load_base(config), config["adapter"]), config)


def train(config):
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(config["seed"])
    order = random.Random(config["seed"])
    lora = LoraConfig(
        r=config["rank"], lora_alpha=config["alpha"], lora_dropout=0.0, task_type="CAUSAL_LM",
        target_modules=["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
        # One layer's k smaller and one louder than the rest, and one module left out of a layer's neighbour.
        rank_pattern={"layers.3.self_attn.k_proj": config["rank"] // 2},
        alpha_pattern={"layers.5.self_attn.q_proj": config["alpha"] * 2},
    )
    model = get_peft_model(load_base(config), lora)
    model.train()
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=config["learning_rate"], weight_decay=0.0)
    for step in range(config["steps"]):
        rows = order.sample(config["samples"], config["batch"])
        width = max(len(row["tokens"]) for row in rows) - 1
        tokens = torch.zeros((len(rows), width), dtype=torch.long)
        labels = torch.full((len(rows), width), -100)
        for i, row in enumerate(rows):
            length = len(row["tokens"]) - 1
            tokens[i, :length] = torch.tensor(row["tokens"][:-1])
            for j, weight in enumerate(row["weights"][1:]):
                if weight > 0:
                    labels[i, j] = row["tokens"][j + 1]
        logits = model(input_ids=tokens, use_cache=False).logits
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        for group in optimizer.param_groups:
            group["lr"] = config["learning_rate"] * min(1.0, (step + 1) / 5) * (1 - 0.9 * step / config["steps"])
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    emit(type="trained", loss=float(loss))
    model.save_pretrained(config["adapter"], safe_serialization=True)
    answer_all(model, config)


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("convert", "answer", "train"):
        raise SystemExit(__doc__)
    with open(sys.argv[2], encoding="utf-8") as file:
        config = json.load(file)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    torch.set_num_threads(config["threads"])
    {"convert": convert, "answer": answer, "train": train}[sys.argv[1]](config)


if __name__ == "__main__":
    main()
