"""Gives Python's standard library back what packages of 2014 expect of it.

Imported before them. Each of these was there in Python 3.4 and has been removed since; none has a
part in what the packages store, sign or send.
"""

import collections
import collections.abc
import inspect


def getargspec(function):
    """The first four parts of `getfullargspec`, as until Python 3.10."""
    return inspect.getfullargspec(function)[:4]


def formatargspec(args, varargs=None, varkw=None, defaults=None, *_, formatvalue=None):
    """The parameters of a function as source text, as until Python 3.10."""
    formatvalue = formatvalue or (lambda value: "=" + repr(value))
    first = len(args) - len(defaults or ())
    words = [
        name + (formatvalue(defaults[index - first]) if index >= first else "")
        for index, name in enumerate(args)
    ]
    words += ["*" + varargs] if varargs else []
    words += ["**" + varkw] if varkw else []
    return "(" + ", ".join(words) + ")"


def restore() -> None:
    """Puts the names back where they were."""
    for name in collections.abc.__all__:
        if not hasattr(collections, name):
            setattr(collections, name, getattr(collections.abc, name))
    inspect.getargspec = getargspec
    inspect.formatargspec = formatargspec
