"""The work on a batch of inputs: reading, processing, encoding; in this process here, in several in :mod:`pipeline.pool`."""

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from pipeline import record
from pipeline.config import Config
from pipeline.errors import ArticleError, OpclaimsError
from pipeline.reading import Article, Input, read_article
from pipeline.writing.output import Failure


class Processor(Protocol):
    """What makes records of articles; :class:`pipeline.nlp.processor.Processor` is the real one."""

    def process(self, articles: Sequence[Article]) -> list[record.ArticleRecord | ArticleError]:
        """A record or an error for each article, in the same order."""


ProcessorFactory = Callable[[Config], Processor]


def load_processor(config: Config) -> Processor:
    """The real processor; imports spaCy and loads the models."""
    from pipeline.nlp.processor import Processor

    return Processor(config)


@dataclass(frozen=True, slots=True)
class Done:
    """An article's line, and what the run's table counts."""

    id: str
    line: bytes
    words: int
    sentences: int
    claims: tuple[str, ...]
    notes: tuple[str, ...]


Result = Done | Failure


class Worker:
    """Reads and processes batches; loads the models when the first article that can be read comes along."""

    def __init__(self, config: Config, factory: ProcessorFactory) -> None:
        self._config = config
        self._factory = factory
        self._processor: Processor | None = None

    def load(self) -> Processor:
        """The processor, with its models.

        Raises:
            OpclaimsError: the models cannot be loaded.
        """
        if self._processor is None:
            try:
                self._processor = self._factory(self._config)
            except OpclaimsError:
                raise
            except Exception as error:
                raise OpclaimsError(f"the models cannot be loaded: {type(error).__name__}: {error}") from error
        return self._processor

    def __call__(self, batch: Sequence[Input]) -> list[Result]:
        """A result for each input, in the same order; raises as :meth:`load`."""
        read = [self._read(source) for source in batch]
        articles = [one for one in read if isinstance(one, Article)]
        outcomes = iter(self.load().process(articles) if articles else ())
        return [
            _result(source, one, next(outcomes)) if isinstance(one, Article) else one
            for source, one in zip(batch, read, strict=True)
        ]

    def _read(self, source: Input) -> Article | Failure:
        try:
            return read_article(source, self._config.reading)
        except Exception as error:  # whatever is in a file, the others go on
            return Failure(source.name, source.name, "read", _reason(error, source.name))


def _result(source: Input, article: Article, outcome: record.ArticleRecord | ArticleError) -> Result:
    if isinstance(outcome, ArticleError):
        return Failure(source.name, article.id, "process", _reason(outcome, source.name))
    try:
        line = record.encode(outcome)
    except ValueError as error:  # half a surrogate pair, which is no text in any encoding
        return Failure(source.name, article.id, "process", _reason(error, source.name))
    labels = tuple(claim.label for claim in outcome.claims)
    return Done(outcome.id, line, len(article.text.split()), len(outcome.sentences), labels, article.notes)


def _reason(error: Exception, name: str) -> str:
    """An error's message without the file's name, which stands beside it."""
    if isinstance(error, OpclaimsError):
        return str(error).removeprefix(f"{name}: ")
    return f"{type(error).__name__}: {error}"


def run_here(
    batches: Iterable[Sequence[Input]], config: Config, factory: ProcessorFactory
) -> Generator[list[Result], None, None]:
    """Does all batches in this process."""
    worker = Worker(config, factory)
    for batch in batches:
        yield worker(batch)
