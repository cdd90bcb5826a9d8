"""Every public name of the module is in cbv.pyi, and has a docstring."""

import ast
import inspect
import pathlib

import cbv

STUB = pathlib.Path(__file__).parents[1] / "cbv.pyi"


def stub_names():
    """Names of the stub: 'Mailbox', 'Mailbox.domain', 'verify', ..."""
    names = {}
    for node in ast.parse(STUB.read_text()).body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            names[node.name] = node
        if isinstance(node, ast.ClassDef):
            for member in node.body:
                if isinstance(member, ast.FunctionDef):
                    names[f"{node.name}.{member.name}"] = member
                elif isinstance(member, ast.AnnAssign):
                    names[f"{node.name}.{member.target.id}"] = member
    return names


def module_names():
    """(name, object) of everything public in the module."""
    for name, value in vars(cbv).items():
        if name.startswith("_"):
            continue
        yield name, value
        if inspect.isclass(value):
            for member, inner in vars(value).items():
                if not member.startswith("_"):
                    yield f"{name}.{member}", inner


def test_every_public_name_is_in_the_stub():
    missing = {name for name, _ in module_names()} - set(stub_names())
    assert not missing


def test_the_stub_promises_nothing_else():
    optional = {"PathError.fault", "PathError.offset", "ReplyError.fault"}  # set on each instance
    extra = {name for name in stub_names() if not name.split(".")[-1].startswith("_")}
    extra -= {name for name, _ in module_names()} | optional
    assert not extra


def test_everything_has_a_docstring():
    def words(name, value):
        text = inspect.getdoc(value) or ""
        signature = name.split(".")[-1] + "("  # pybind11 puts the signature first
        return [line for line in text.splitlines() if line.strip() and signature not in line]

    assert not [name for name, value in module_names() if not words(name, value)]


def test_arguments_have_the_stubs_names():
    """The stub's argument names are those of the signature that pybind11 writes."""
    for name, node in stub_names().items():
        if not isinstance(node, ast.FunctionDef) or "." in name:
            continue
        first = (getattr(cbv, name).__doc__ or "").splitlines()[0]
        for argument in node.args.args:
            assert f"{argument.arg}:" in first, (name, argument.arg, first)
