import pytest

from biomech.errors import ModelError
from pipelines.files import sha256_of
from pipelines.models.places import config_dir
from pipelines.models.registry import find_model
from pipelines.models.trust import require_trust, trust, trusted_files

NOBODY = frozenset()


@pytest.fixture
def file(own_folders):
    path = own_folders / "best.pt"
    path.write_bytes(b"weights")
    return path


def test_weights_of_a_stranger_are_not_opened_and_the_error_says_what_to_do(file):
    with pytest.raises(ModelError, match=r"can run any program.*biomech models trust"):
        find_model(file)


def test_trusted_weights_are_found_wherever_a_copy_lies(file, own_folders):
    entry = trust(file)
    copy = own_folders / "copy.pt"
    copy.write_bytes(file.read_bytes())

    found = find_model(copy)

    assert found.sha256 == entry.sha256
    assert found.name == "copy"


def test_changed_weights_are_no_longer_trusted(file):
    trust(file)
    file.write_bytes(b"weights and a virus")

    with pytest.raises(ModelError, match="not among those you trust"):
        find_model(file)


def test_name_of_an_official_model_makes_a_file_no_safer(own_folders):
    path = own_folders / "yolo26n-pose.pt"
    path.write_bytes(b"not what the name says")

    with pytest.raises(ModelError, match="was not loaded"):
        find_model(path)


def test_tensorrt_plans_need_trust_and_onnx_files_do_not(own_folders):
    plan, data = own_folders / "a.engine", own_folders / "a.onnx"
    for path in (plan, data):
        path.write_bytes(b"x")

    require_trust(data, sha256=sha256_of(data), known=NOBODY)
    with pytest.raises(ModelError, match=r"a \.engine file can run any program"):
        require_trust(plan, sha256=sha256_of(plan), known=NOBODY)


def test_trusting_twice_notes_it_once(file):
    trust(file)
    trust(file)

    assert [t.name for t in trusted_files()] == ["best.pt"]


def test_trusting_nothing_is_an_error(own_folders):
    with pytest.raises(ModelError, match="no such file"):
        trust(own_folders / "absent.pt")
    job = own_folders / "job.toml"
    job.write_text("")
    with pytest.raises(ModelError, match=r"only .* can carry code"):
        trust(job)


def test_damaged_list_of_trusted_files_is_explained(file):
    trust(file)
    (config_dir() / "trusted.json").write_text('[{"name": 1}]')

    with pytest.raises(ModelError, match="is damaged"):
        trusted_files()


def test_digest_of_a_folder_notices_names_and_contents(own_folders):
    folder = own_folders / "model"
    folder.mkdir()
    (folder / "a.xml").write_bytes(b"1")
    digests = [sha256_of(folder)]

    (folder / "a.xml").write_bytes(b"2")
    digests.append(sha256_of(folder))
    (folder / "a.xml").rename(folder / "b.xml")
    digests.append(sha256_of(folder))

    assert len(set(digests)) == 3
