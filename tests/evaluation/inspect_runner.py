"""Run a task of a hub in inspect-ai with a model that answers by rote. Runs in the environment of inspect-ai."""

import json
import sys

from inspect_ai import eval as run
from inspect_ai.log import EvalLog
from inspect_ai.model import ModelOutput, ModelUsage, get_model


def answer(letter: str) -> ModelOutput:
    output = ModelOutput.from_content("mockllm/model", f"ANSWER: {letter}")
    output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)  # else it wants a tokenizer to count
    return output


def main(task: str, letters: str) -> None:
    model = get_model("mockllm/model", custom_outputs=[answer(letter) for letter in letters])
    log: EvalLog = run(task, model=model, display="none", log_dir="logs", max_samples=1, max_connections=1)[0]
    assert log.status == "success", log.error
    assert log.results
    assert log.samples
    found = [
        {
            "id": each.metadata["id"],
            "choices": each.choices,
            "answer": each.scores["choice"].answer,
            "input": each.input,
        }
        for each in log.samples
    ]
    metrics = {name: metric.value for name, metric in log.results.scores[0].metrics.items()}
    sys.stdout.write(json.dumps({"samples": found, "metrics": metrics}) + "\n")


main(*sys.argv[1:])
