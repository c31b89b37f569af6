"""The command line: parse, build, call. Prints one line for an error and turns errors into exit statuses."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from itertools import pairwise, takewhile
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, CycloptsError, Parameter, UnusedCliTokensError

import streamdepth
from streamdepth.addresses import looks_like_input, redact_address
from streamdepth.cli.commands.completion import Shell, completion_script
from streamdepth.cli.interrupts import ended_by
from streamdepth.cli.leaving import a_thread_hangs, leave_at_once
from streamdepth.cli.misread import misread, one_line
from streamdepth.cli.options import (
    AmountOptions,
    BatchOptions,
    CamerasOptions,
    CommonOptions,
    DepthFileOptions,
    DryRun,
    EncodingOptions,
    InputOptions,
    ListCameras,
    LogOptions,
    NetworkOptions,
    OutputOptions,
    PictureOptions,
    PromiseOptions,
    SessionOptions,
    StreamOptions,
    WebOptions,
    plain,
)
from streamdepth.cli.placeholders import Placeholders
from streamdepth.cli.standard_output import buffer_output, complain_of_output, flush_failure, is_of_output
from streamdepth.cli.terminal import hold_standard_handles, outlast_terminal
from streamdepth.cli.typed import check_switches, put_right
from streamdepth.errors import StreamdepthError, UsageError
from streamdepth.heap import loading
from streamdepth.quiet import SLEEP_WHEN_IDLE
from streamdepth.reporting.logs import complain, set_up_logs

FAILURE, USAGE = 1, 2


def _options_from_file(_: App, commands: tuple[str, ...], arguments: Any) -> None:
    """Fill in from the file that `--config` names whatever the command line leaves out."""
    if (named := next((a for a in arguments if a.name == "--config" and a.tokens), None)) is None:
        return
    from cyclopts.config import Dict

    from streamdepth.cli.config_file import options_for, read_options

    path = Path(named.tokens[0].value)
    options = options_for(read_options(path), set(app), commands)
    check_switches(options, arguments, path)
    # An app without commands: that of a command would pass over options that are called like one.
    Dict(options, source=str(path))(App(), (), arguments)


app = App(
    name="streamdepth",
    usage="Usage: streamdepth [INPUT...] [OPTIONS]\n       streamdepth COMMAND [OPTIONS]",
    help="Turn any video into live depth on an ordinary CPU.",
    help_epilogue="streamdepth --camera 0 shows a live preview, and streamdepth street.mp4 that of a file; "
    "streamdepth street.mp4 --output depth.mp4 renders it.",
    version=streamdepth.__version__,
    config=(_options_from_file, put_right),
    help_format="plaintext",
    help_formatter=Placeholders(),
    default_parameter=Parameter(negative_iterable=(), negative_none=()),
    print_error=False,
    exit_on_error=False,
    suppress_keyboard_interrupt=False,
    result_action="return_value",
)


app.command(
    "streamdepth.cli.commands.models:app",
    name="models",
    help="List, fetch and verify the networks' weights; export and quantise networks.",
)
app.command(
    "streamdepth.cli.commands.bench:app",
    name="bench",
    help="Measure the runtimes on this machine, or a whole run on a clip.",
)
app.command(
    "streamdepth.cli.commands.evaluate:app",
    name="evaluate",
    help="Score a network on pictures with true depth.",
)
app.command(
    "streamdepth.cli.commands.metres:app",
    name="metres",
    help="Calibrate a fixed camera from a few known distances, for depth in metres.",
)
app.command(
    "streamdepth.cli.commands.train:app",
    name="train",
    help="Fine-tune a network on your own pictures with depth.",
)
app.command(
    "streamdepth.cli.commands.serve:app",
    name="serve",
    help="Serve depth over HTTP: a picture in, its depth out.",
)
app.command(
    "streamdepth.cli.commands.worker:app",
    name="worker",
    help="Render the films that services accept, on the same machine or on others.",
)
app.command(
    "streamdepth.cli.commands.health:app",
    name="health",
    help="Ask a running service whether it is ready.",
)
app.command(
    "streamdepth.cli.commands.verify:app",
    name="verify",
    help="Check whether a movie is whole: by itself, against its manifest, and against its source.",
)
app.command(
    "streamdepth.cli.commands.doctor:app",
    name="doctor",
    help="Check this machine and an input: what works, what is missing, what to type.",
)


@app.command(
    help_epilogue='echo "source <(streamdepth completion bash)" >> ~/.bashrc completes commands, options and files in '
    "each new shell."
)
def completion(
    shell: Annotated[Shell, Parameter(help="The shell to complete in.", show_default=False)],
) -> int:
    """Print the script that completes commands and options in a shell."""
    print(completion_script(app, shell))
    return 0


@app.default
def render(
    *,
    batch: Annotated[BatchOptions, Parameter(name="*")] = BatchOptions(),
    cameras: Annotated[CamerasOptions, Parameter(name="*")] = CamerasOptions(),
    input: Annotated[InputOptions, Parameter(name="*")] = InputOptions(),
    list_cameras: ListCameras = False,
    stream: Annotated[StreamOptions, Parameter(name="*")] = StreamOptions(),
    output: Annotated[OutputOptions, Parameter(name="*")] = OutputOptions(),
    depth: Annotated[DepthFileOptions, Parameter(name="*")] = DepthFileOptions(),
    encoding: Annotated[EncodingOptions, Parameter(name="*")] = EncodingOptions(),
    picture: Annotated[PictureOptions, Parameter(name="*")] = PictureOptions(),
    network: Annotated[NetworkOptions, Parameter(name="*")] = NetworkOptions(),
    promise: Annotated[PromiseOptions, Parameter(name="*")] = PromiseOptions(),
    amount: Annotated[AmountOptions, Parameter(name="*")] = AmountOptions(),
    web: Annotated[WebOptions, Parameter(name="*")] = WebOptions(),
    session: Annotated[SessionOptions, Parameter(name="*")] = SessionOptions(),
    common: Annotated[CommonOptions, Parameter(name="*")] = CommonOptions(),
    log: Annotated[LogOptions, Parameter(name="*")] = LogOptions(),
    dry_run: DryRun = False,
) -> int:
    """Show or write depth of a camera, a video, images or the built-in scene."""
    if list_cameras:
        from streamdepth.cli.commands.cameras import print_cameras

        return print_cameras()
    with loading():
        from streamdepth.cli.commands.render import carry_out
        from streamdepth.cli.commands.run_words import RunWords, Wanted
        from streamdepth.reporting.console import ErrorConsole
        from streamdepth.run.spec import RunSpec

    spec = RunSpec(
        plain(input),
        plain(stream),
        plain(output),
        plain(depth),
        plain(picture),
        plain(network),
        plain(amount),
        plain(web),
        plain(encoding),
        plain(promise),
        plain(session),
    )
    set_up_logs(log.log_format, log.log_level)
    if common.config is not None:
        from streamdepth.cli.config_file import warn_of_secrets

        warn_of_secrets(common.config, ErrorConsole())
    wanted = Wanted(spec, plain(batch), plain(cameras))
    return carry_out(wanted, RunWords(common, log, os.environ), dry_run=dry_run)


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of the console script, which gives no arguments; leaves by `SystemExit`."""
    tokens = list(sys.argv[1:] if arguments is None else arguments)
    if arguments is None:
        hold_standard_handles()
        buffer_output()
        outlast_terminal()
        os.environ.setdefault(*SLEEP_WHEN_IDLE)
    try:
        sys.exit(_exit_status(tokens))
    except SystemExit as leaving:
        if arguments is None and a_thread_hangs():
            leave_at_once(leaving.code)
        raise


def _exit_status(tokens: list[str]) -> int:
    set_up_logs()
    try:
        status = int(_called(tokens) or 0)
        failure = flush_failure()
        return status if failure is None else complain_of_output(failure)
    except CycloptsError as error:
        return _complain(misread(error, app), USAGE)
    except UsageError as error:
        return _complain(str(error), USAGE)
    except StreamdepthError as error:
        return _complain(str(error), FAILURE, tokens)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except ImportError as error:
        return _complain(_not_loaded(error), FAILURE, tokens)
    except Exception as error:
        if isinstance(error, OSError) and is_of_output(error):
            return complain_of_output(error)
        from streamdepth.cli.words import unforeseen

        return _complain(unforeseen(error), FAILURE, tokens)


def _called(tokens: list[str]) -> Any:
    """What the command returns; a word that is no command but an input is taken for one."""
    tokens = inputs_behind_dashes(values_said(tokens))
    try:
        return app(tokens)
    except UnusedCliTokensError as error:
        with_input = input_named(tokens, error)
    return app(with_input)


def inputs_behind_dashes(tokens: list[str]) -> list[str]:
    """`-- -a.mp4` as `--input=-a.mp4`, whatever such words look like; a command reads what is behind -- itself."""
    before = list(takewhile(lambda token: token != "--", tokens))
    if len(before) == len(tokens) or app.parse_commands(before)[0]:
        return tokens
    return [*before, *(f"--input={word}" for word in tokens[len(before) + 1 :])]


_PIPE = re.compile(r"-|(pipe|fd):\d*")
"""Standard input and output, as they and FFmpeg's users name them."""
_MAY_HAVE_VALUE: Mapping[str, Callable[[str], bool]] = {
    "--resume": lambda word: word == "any",
    "--control-video": str.isdecimal,
}
"""Options that are whole without a value, and which words are one."""


def values_said(tokens: list[str]) -> list[str]:
    """Options that may stay without a value, with what they mean then: any other word behind them may be an input."""
    for before, token in pairwise(["", *tokens]):
        option, _, value = token.partition("=") if token.startswith("--") else (before, "", token)
        if _PIPE.fullmatch(value) and option != "--events":
            raise UsageError(
                f"{value} is a pipe, and films are read and written in several places", "name a file"
            )
    said = []
    for token, following in zip(tokens, [*tokens, ""][1:], strict=True):
        is_value = _MAY_HAVE_VALUE.get(token)
        plain = is_value is not None and not is_value(following)
        said.append({"--no-resume": "--resume=false"}.get(token, f"{token}=true" if plain else token))
    return said


def input_named(tokens: list[str], error: UnusedCliTokensError) -> list[str]:
    """`street.mp4` as `--input street.mp4`, and each of several; raises `error` where the words are no input."""
    words = error.unused_tokens or []
    if error.command_chain or not words or not all(map(looks_like_input, words)):
        raise error
    if any(token.partition("=")[0] == "--camera" for token in tokens):
        raise UsageError(f"two inputs were given, one of them {redact_address(words[0])}", "name one")
    left, given = Counter(words), Counter(tokens)
    clear = {word for word in words if left[word] == given[word]}
    tokens = list(_with_options(tokens, clear))
    for word in words:
        tokens = tokens if word in clear else _with_input(tokens, word)
    return tokens


def _with_options(tokens: list[str], inputs: Set[str]) -> Iterator[str]:
    """`tokens` with one --input before all `inputs` that stand together."""
    is_after_one = False
    for token in tokens:
        if token in inputs and not is_after_one:
            yield "--input"
        is_after_one = token in inputs
        yield token


def _with_input(tokens: list[str], word: str) -> list[str]:
    """`tokens` with --input before a word that is the value of another option as well."""
    places = [place for place, token in enumerate(tokens) if token == word and tokens[place - 1] != "--input"]
    candidates = [[*tokens[:at], "--input", *tokens[at:]] for at in places]
    return next(filter(_parses, candidates), candidates[0])


def _parses(tokens: list[str]) -> bool:
    """The word may stand as the value of another option, too."""
    try:
        app.parse_args(tokens)
    except CycloptsError:
        return False
    return True


def _not_loaded(error: ImportError) -> str:
    from streamdepth.diagnosis.machine import LEFT_OUT
    from streamdepth.packages import how_to_install

    if error.name in LEFT_OUT:
        return (
            f"this needs the package {error.name}, which is not installed here ({how_to_install(error.name)})"
        )
    cure = "install streamdepth again; where libGL or libglib is missing, install libgl1 and libglib2.0-0"
    return f"a library cannot be loaded: {one_line(str(error))} ({cure})"


def _complain(sentence: str, status: int, tokens: Sequence[str] = ()) -> int:
    if (number := ended_by()) is not None:
        return 128 + number
    complain(sentence, with_traceback="--verbose" in tokens)
    return status


if __name__ == "__main__":
    main()
