"""Every error Footnote raises on purpose, each with a message that says what happened and what to do.

    FootnoteError
    ├── SettingsError        a setting, option or environment variable makes no sense
    ├── ModelError           a model is missing, damaged or does not fit
    ├── IndexProblem         the index on disk
    │   ├── IndexMissing     nothing has been indexed yet
    │   ├── IndexMismatch    made with another embedding model or chunking
    │   ├── IndexInUse       another process holds it
    │   └── IndexDamaged     half-written, unreadable or not writable
    ├── StoreError           the vector store does not answer
    ├── InputError           a file or line the user gave cannot be used
    │   └── QuestionError    a question that cannot be asked
    └── Stopped              the user pressed stop; not a fault

The command line and the page catch ``FootnoteError`` and print its message; anything else is a bug and shows
its traceback.
"""


class FootnoteError(Exception):
    """Base of all. ``str(error)`` is one line for the user: what happened, then what to do."""


class SettingsError(FootnoteError):
    pass


class ModelError(FootnoteError):
    pass


class IndexProblem(FootnoteError):
    pass


class IndexMissing(IndexProblem):
    pass


class IndexMismatch(IndexProblem):
    pass


class IndexInUse(IndexProblem):
    pass


class IndexDamaged(IndexProblem):
    pass


class StoreError(FootnoteError):
    pass


class InputError(FootnoteError):
    pass


class QuestionError(InputError):
    pass


class Stopped(FootnoteError):
    pass
