"""``opclaims schema``: the JSON Schema of a record."""

import json

import typer


def schema_cli() -> None:
    """Print the JSON Schema of a record (one line of the output)."""
    from pipeline.record import json_schema

    typer.echo(json.dumps(json_schema(), indent=2))
