"""The tree of commands, and the one place where an error becomes words and an exit code.

Commands import their rooms when they run: `ridecode --help` answers without loading any.
"""

import sys

import typer
from typer.exceptions import TyperException

from ridecode.cli import (
    access,
    backup,
    bench,
    bundle,
    city,
    clearing,
    code,
    devices,
    doctor,
    fares,
    money,
    riders,
    rides,
    serve,
    sim,
    taps,
    validator,
)
from ridecode.cli.output import CRASHED, INTERRUPTED, complain
from ridecode.core import BadInputError, RidecodeError, UnavailableError

app = typer.Typer(
    name="ridecode",
    help="The ride-code (乘车码) stack: from the phone's code to the price of the ride.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain help: drawing it with rich would cost half of the start
    pretty_exceptions_enable=False,
)
app.command()(serve.demo)
app.command()(serve.serve)
app.command()(backup.backup)
app.command()(backup.restore)
app.command()(bench.bench)
app.command()(doctor.doctor)
app.add_typer(city.app, name="city")
app.add_typer(code.app, name="code")
app.add_typer(devices.app, name="devices")
app.add_typer(riders.app, name="riders")
app.add_typer(access.app, name="access")
app.add_typer(bundle.app, name="bundle")
app.add_typer(validator.app, name="validator")
app.add_typer(taps.app, name="taps")
app.add_typer(rides.app, name="rides")
app.add_typer(fares.app, name="fares")
app.add_typer(money.app, name="money")
app.add_typer(clearing.app, name="clearing")
app.add_typer(sim.app, name="sim")


def main() -> None:
    """Run the command line and leave with its exit code."""
    as_json = "--json" in sys.argv
    try:
        answer = app(standalone_mode=False)
    except RidecodeError as error:
        complain(error, as_json)
        sys.exit(error.exit_code)
    except TyperException as error:
        said = error.format_message()
        # Of a group without a command the message is its help: that is an answer, not a fault.
        if said.startswith("Usage: ") and not as_json:
            sys.stderr.write(said + "\n")
        else:
            complain(BadInputError(said.rstrip(".") + ".", "See --help."), as_json)
        sys.exit(BadInputError.exit_code)
    except (typer.Abort, KeyboardInterrupt, BrokenPipeError):
        sys.exit(INTERRUPTED)
    except OSError as error:
        # Of files that people named: what is wrong with them, only they can mend.
        place = f"{error.filename}: " if error.filename else ""
        what = f"{place}{error.strerror or error}."
        complain(
            UnavailableError(what, "See that it is there, may be used, and has room."), as_json
        )
        sys.exit(UnavailableError.exit_code)
    except Exception:  # noqa: BLE001 (the outermost edge: it says so and leaves)
        sys.stderr.write("This is a fault of ridecode itself; please report it with this trace:\n")
        sys.excepthook(*sys.exc_info())
        sys.exit(CRASHED)
    sys.exit(answer if isinstance(answer, int) else 0)
