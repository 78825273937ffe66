"""Speed and memory, against the stack that people glue together, measured in one run on the same articles.

    python benchmarks/throughput.py [--articles 1000] [--many 5000]

The baseline: the same spaCy pipeline called with ``nlp(text)`` one article at a time, then
``transformers.pipeline("text-classification")`` one sentence at a time, torch fp32 on all cores, the same encoder.
Texts are our own (``tests/data``), multiplied by shuffling their paragraphs. Words are counted at white space.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OPCLAIMS = [sys.executable, "-m", "pipeline"]


def make_articles(folder: Path, count: int) -> int:
    """Writes ``count`` articles of our own paragraphs to a folder; returns their words."""
    from pipeline.config import Reading
    from pipeline.reading import find_inputs, read_article

    texts = []
    for source in find_inputs([str(ROOT / "tests" / "data")]).inputs:
        texts.append(read_article(source, Reading()).text.replace("\r\n", "\n"))
    paragraphs = [[p for p in text.split("\n\n") if len(p) > 200] for text in texts]
    paragraphs = [ones for ones in paragraphs if len(ones) > 3]
    shuffle = random.Random(1)
    words = 0
    folder.mkdir()
    for number in range(count):
        ones = shuffle.choice(paragraphs)
        text = "\n\n".join(shuffle.sample(ones, len(ones)))
        words += len(text.split())
        (folder / f"{number:05}.txt").write_text(text + "\n", encoding="utf-8")
    return words


def timed(work: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def stages(folder: Path, words: int) -> None:
    """Words per second of each stage of ours, one process, one after the other."""
    from pipeline.config import load_config
    from pipeline.nlp.processor import Processor
    from pipeline.nlp.recorder import record_from_doc
    from pipeline.reading import find_inputs, read_article
    from pipeline.record import encode

    config = load_config()
    processor = Processor(config)
    articles = []
    inputs = find_inputs([str(folder)]).inputs
    seconds = {"reading": timed(lambda: articles.extend(read_article(one, config.reading) for one in inputs))}
    docs = []
    seconds["tokenizer"] = timed(lambda: docs.extend(processor.document(article) for article in articles))
    for name, component in processor.nlp.pipeline:
        stage = lambda component=component: docs.__setitem__(slice(None), list(component.pipe(docs, batch_size=16)))  # noqa: E731
        if not hasattr(component, "pipe"):
            stage = lambda component=component: [component(doc) for doc in docs]  # noqa: E731
        seconds[name] = timed(stage)
    seconds["record and JSON"] = timed(
        lambda: [
            encode(record_from_doc(doc, article, processor.produced_by))
            for doc, article in zip(docs, articles, strict=True)
        ]
    )
    for name, value in seconds.items():
        print(f"    {name:18} {words / value:12,.0f} words/s")
    print(f"    {'all of them':18} {words / sum(seconds.values()):12,.0f} words/s")


def glued(folder: Path, output: Path) -> dict[str, float]:
    """The baseline over a folder; seconds of each stage."""
    import spacy
    import torch
    import transformers

    import pipeline.nlp.dates_and_money
    import pipeline.nlp.layout  # noqa: F401

    transformers.logging.set_verbosity_error()
    torch.set_num_threads(os.cpu_count() or 1)
    nlp = spacy.load(ROOT / "models" / "en_opeds")
    model = ROOT / "models" / "claim_tagger"
    classify = transformers.pipeline(
        "text-classification",
        # the same encoder; its weights don't matter for the time it takes
        model=transformers.AutoModelForSequenceClassification.from_config(
            transformers.AutoConfig.from_pretrained(model, num_labels=3)
        ).eval(),
        tokenizer=transformers.AutoTokenizer.from_pretrained(model),
        top_k=None,
        function_to_apply="sigmoid",
        device="cpu",
    )
    seconds = {"spaCy": 0.0, "classifier": 0.0}
    with output.open("w", encoding="utf-8") as lines:
        for path in sorted(folder.iterdir()):
            text = path.read_text(encoding="utf-8")
            start = time.perf_counter()
            doc = nlp(text)
            sentences = [sentence.text.strip() for sentence in doc.sents if sentence.text.strip()]
            middle = time.perf_counter()
            labels = [classify(sentence, truncation=True) for sentence in sentences]
            seconds["spaCy"] += middle - start
            seconds["classifier"] += time.perf_counter() - middle
            entities = [(entity.start_char, entity.end_char, entity.label_) for entity in doc.ents]
            lines.write(json.dumps({"text": text, "labels": labels, "entities": entities}) + "\n")
    return seconds


def run(folder: Path, output: Path, *options: str) -> tuple[float, float]:
    """``opclaims run`` as a process of its own: wall seconds and the peak memory of its largest process, in MiB."""
    command = [*OPCLAIMS, "run", str(folder), "-o", str(output), "--fresh", "--quiet", *options]
    script = (
        "import resource, subprocess, sys; code = subprocess.run(sys.argv[1:]).returncode; "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(code)"
    )
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", script, *command], check=True, capture_output=True, text=True)
    return time.perf_counter() - start, int(done.stdout.split()[-1]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=int, default=1000, help="articles for the speed comparison")
    parser.add_argument("--baseline", type=int, default=40, help="of these, how many the slow baseline reads")
    parser.add_argument("--many", type=int, default=5000, help="articles for the memory measurement; 0 leaves it out")
    options = parser.parse_args()
    os.environ["HF_HUB_OFFLINE"] = "1"
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        words = make_articles(work / "articles", options.articles)
        few_words = make_articles(work / "few", options.baseline)
        print(f"{os.cpu_count()} cores, {options.articles} articles, {words:,} words")

        print("ours, stage by stage, one process:")
        stages(work / "articles", words)

        print(f"glued stack ({options.baseline} articles):")
        seconds = glued(work / "few", work / "glued.jsonl")
        for name, value in seconds.items():
            print(f"    {name:18} {few_words / value:12,.0f} words/s")
        baseline = few_words / sum(seconds.values())
        print(f"    {'end to end':18} {baseline:12,.0f} words/s")

        one = sorted(run(work / "few" / "00000.txt", work / "one.jsonl")[0] for _ in range(3))[1]
        wall, _ = run(work / "articles", work / "claims.jsonl")
        print("ours, end to end (opclaims run, start-up included):")
        print(f"    {'end to end':18} {words / wall:12,.0f} words/s   {words / wall / baseline:.1f} x the glued stack")
        print(f"    {'less start-up':18} {words / max(wall - one, 1e-9):12,.0f} words/s")
        print(f"cold start to the record of one article, process and all: {one:.2f} s")
        print(f"--help: {min(timed(help_) for _ in range(3)):.2f} s")

        if options.many:
            for count in (100, 1000, options.many):
                folder = work / f"of-{count}"
                make_articles(folder, count)
                wall, peak = run(folder, work / f"of-{count}.jsonl")
                print(f"peak memory, {count:,} articles: {peak:,.0f} MiB in the largest process ({wall:.0f} s)")
            command = [*OPCLAIMS, "run", str(folder), "-o", str(work / f"of-{options.many}.jsonl")]
            again = timed(lambda: subprocess.run(command, check=True, capture_output=True))
            print(f"run again over {options.many:,} unchanged articles: {again:.1f} s")


def help_() -> None:
    subprocess.run([*OPCLAIMS, "--help"], check=True, capture_output=True)


if __name__ == "__main__":
    main()
