"""The simulation's part of the draft, between <!-- simulation:begin --> and its end."""

from harness import generated
from simulation import CAVEAT, tables

NAME = "simulation"


def lines(results):
    """The part's lines of markup."""
    made = []
    for anchor, title, table, meaning in (
            ("simulated-reflection", "Connections a minute at a forged domain's host", tables.reflection,
             "By the number of verifiers, each of which gets 30 messages a minute of one forged run; without verification, "
             "bounces if 5 percent of the messages bounce."),
            ("simulated-standing", "Good messages refused, of 10,000 / forged messages admitted, percent", tables.standing,
             "By the share of hosts that refuse listed callers at RCPT with a bare 550; every verifier is listed."),
            ("simulated-delay", "Good messages of 10,000, by their delay", tables.delays,
             "3 percent of hosts defer null senders for ever, 2 percent are dead, 2 percent are tarpits, 10 percent greylist; "
             "clients retry for five days.")):
        header, rows = table(results)
        made += generated.table(anchor, generated.escaped(title), [generated.escaped(cell) for cell in header],
                                [[generated.escaped(cell) for cell in row] for row in rows])
        made += [f"<t>{generated.escaped(meaning)} {CAVEAT}</t>"]
    return made


def write(results):
    """Puts it into the draft and renders that again."""
    generated.write(NAME, lines(results))


def problems(results):
    """What is out of date, as sentences."""
    return generated.part_problems(NAME, lines(results), "./run simulate --write")
