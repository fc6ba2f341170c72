"""The words of the window in another language, when there is a file of them.

Every literal that is given to ``tr`` or ``QCoreApplication.translate`` is found by ``pyside6-lupdate``; a
translation of them is compiled to ``resources/translations/cort_<locale>.qm``. Without a file for the
language of this machine the window speaks English, and so do Qt's own dialogs: half a translation confuses.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

FOLDER = "translations"


def install(app: QCoreApplication, resources: Path, locale: QLocale | None = None) -> bool:
    """Speak the language of ``locale`` (None: the machine's) from now on; False when there is no file of it.

    For parts made before that, nothing changes.
    """
    wanted = QLocale() if locale is None else locale
    own = _loaded(app, wanted, "cort", str(resources / FOLDER))
    if own is None:
        return False
    qt = _loaded(app, wanted, "qtbase", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
    for each in (qt, own):  # the one installed last is asked first
        if each is not None:
            app.installTranslator(each)
    return True


def _loaded(app: QCoreApplication, locale: QLocale, name: str, folder: str) -> QTranslator | None:
    made = QTranslator(app)
    if made.load(locale, name, "_", folder, ".qm"):
        return made
    made.deleteLater()
    return None
