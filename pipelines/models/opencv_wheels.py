"""Two wheels, one ``cv2``: MediaPipe brings opencv-contrib-python beside ours."""

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

#: Every distribution that installs a folder called cv2.
WHEELS = (
    "opencv-python",
    "opencv-contrib-python",
    "opencv-python-headless",
    "opencv-contrib-python-headless",
)


def opencv_wheels() -> dict[str, str]:
    """List the installed OpenCV wheels with their versions.

    Returns
    -------
    Version by name of the distribution.
    """
    found = {}
    for name in WHEELS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def opencv_advice(
    wheels: Mapping[str, str] | None = None, *, importable: bool | None = None
) -> str | None:
    """Say what to do about the OpenCV wheels, if anything.

    Two wheels of one version get along, whichever was installed first (tried with
    5.0.0.93). Wheels of two versions overwrite each other's files: the last one
    installed wins. Removing either wheel removes the files of both.

    Parameters
    ----------
    wheels
        What is installed; by default what `opencv_wheels` finds.
    importable
        Whether there is a ``cv2``; by default this is looked up.

    Returns
    -------
    One sentence with a command to run, or None if all is well.
    """
    wheels = opencv_wheels() if wheels is None else wheels
    if importable is None:
        importable = find_spec("cv2") is not None
    names = " ".join(sorted(wheels)) or "opencv-python"
    repair = f"pip install --force-reinstall --no-deps {names}"
    if not importable:
        return f"cv2 is missing although {names} should be there; run: {repair}"
    if len(set(wheels.values())) > 1:
        listed = ", ".join(f"{name} {v}" for name, v in sorted(wheels.items()))
        return f"OpenCV is there in several versions ({listed}); run: {repair}"
    return None
