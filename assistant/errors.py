"""Every error Footnote raises on purpose, each with a message that says what happened and what to do.

    FootnoteError
    ├── SettingsError        a setting, option or environment variable is not allowed
    ├── ModelError           a model is missing, damaged or not of the right kind
    ├── IndexProblem         the index on disk
    │   ├── IndexMissing     nothing has been indexed yet
    │   ├── IndexMismatch    built with another embedding model, chunking or version
    │   ├── IndexInUse       another process has locked it
    │   └── IndexDamaged     half-written, unreadable or not writable
    ├── StoreError           the vector store or the file of conversations cannot be used
    ├── InputError           a file, line or text from the user cannot be used
    │   ├── QuestionError    a question that cannot be asked
    │   └── NotFound         there is nothing of this name: no paper, collection, job or saved question
    └── Stopped              the user pressed stop; not a failure

The command line and the page catch ``FootnoteError`` and print its message; anything else is a bug and shows
its traceback.
"""

FAULT = "Footnote has a bug here. The error is printed in the terminal it runs in."
"""What users read instead of any other error."""


class FootnoteError(Exception):
    """The base of all. ``str(error)`` is one line for the user: what happened, then what to do."""


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


class NotFound(InputError):
    pass


class Stopped(FootnoteError):
    pass
