"""A file as evidence, judged as soon as it arrives."""

from django import forms
from django.utils.functional import lazystr

from workstrands.evidence import check_file, file_hint
from workstrands.file_kinds import ENDINGS


class EvidenceFileField(forms.FileField):
    """What is wrong with the file is said by it. A browser sends no file twice: it must be chosen again."""

    def __init__(self, *, label: str, hint: str = "", **kwargs):
        super().__init__(
            label=label,
            required=False,
            allow_empty_file=True,  # `check_file` says what an empty file lacks
            help_text=lazystr(_Hint(hint)),
            widget=forms.FileInput({"accept": ",".join(ENDINGS)}),
            error_messages={"invalid": "Choose the file again."},
            **kwargs,
        )

    def clean(self, data, initial=None):
        upload = super().clean(data, initial)
        if upload:
            check_file(upload)
        return upload


class _Hint:
    """Said when it is shown: the bound and the scanner are settings."""

    def __init__(self, more: str):
        self.more = more

    def __str__(self) -> str:
        return f"{file_hint()} {self.more}".strip()
