"""Names are random, short where people read them, and a call's tells its job."""

from bot.core.ids import call_id, job_of, named, new_job_id, new_person_id


def test_a_call_tells_its_job() -> None:
    job = new_job_id()
    assert call_id(job, 2) == f"{job}.2"
    assert job_of(call_id(job, 12)) == job


def test_a_job_is_eight_letters_that_cannot_be_misread() -> None:
    jobs = {new_job_id() for _ in range(200)}
    assert len(jobs) == 200
    assert {len(job) for job in jobs} == {8}
    assert not set("".join(jobs)) & set("ilouILOU")


def test_a_person_is_128_random_bits() -> None:
    people = {new_person_id() for _ in range(200)}
    assert len(people) == 200
    assert all(len(bytes.fromhex(person)) == 16 for person in people)


def test_people_name_a_result_or_one_picture_of_it() -> None:
    assert named(" `K7F2K7F2` ") == ("k7f2k7f2", "")
    assert named("k7f2k7f2-2") == ("k7f2k7f2", "2")
