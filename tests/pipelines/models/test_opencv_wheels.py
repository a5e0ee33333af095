from pipelines.models.opencv_wheels import opencv_advice, opencv_wheels


def test_there_is_a_wheel_with_a_version():
    wheels = opencv_wheels()

    assert wheels
    assert all(version[0].isdigit() for version in wheels.values())


def test_one_wheel_or_two_of_one_version_need_no_advice():
    one = {"opencv-python": "5.0"}
    two = {**one, "opencv-contrib-python": "5.0"}

    assert opencv_advice(one, importable=True) is None
    assert opencv_advice(two, importable=True) is None


def test_two_versions_are_to_be_installed_again_together():
    wheels = {"opencv-python": "4.12", "opencv-contrib-python": "5.0"}

    advice = opencv_advice(wheels, importable=True)

    assert "opencv-contrib-python 5.0, opencv-python 4.12" in advice
    assert advice.endswith("--no-deps opencv-contrib-python opencv-python")


def test_removing_one_of_two_wheels_removes_cv2_and_the_advice_brings_it_back():
    advice = opencv_advice({"opencv-python": "5.0"}, importable=False)

    assert "cv2 is missing" in advice
    assert "pip install --force-reinstall --no-deps opencv-python" in advice
