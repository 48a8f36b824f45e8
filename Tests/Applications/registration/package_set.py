"""The generation of packages that the application runs on, and what differs between the two.

Everything else of the application is the same source for both.
"""

from importlib.metadata import version

IS_PINNED = version("Flask").startswith("0.")

if IS_PINNED:
    from registration.standard_library import restore

    restore()
    from flask_wtf import Form
    from sqlalchemy.engine.result import ResultProxy

    def rows(result):
        """SQLAlchemy 0.9's own ends by a StopIteration, as generators could until PEP 479."""
        while (row := result.fetchone()) is not None:
            yield row

    ResultProxy.__iter__ = rows
else:
    from flask_wtf import FlaskForm as Form

__all__ = ["IS_PINNED", "Form"]
