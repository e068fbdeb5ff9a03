"""What an operator says a customer may have of the workers."""

import pytest

from db.keys import create_key
from local.deployment import Deployment, DeploymentError


def test_a_share_is_set_and_shown(database: Deployment) -> None:
    create_key("Example Ltd", "test")
    assert "Example Ltd\tweight 1\tany number of claims at once" in database.administer("list-tenants").splitlines()
    database.administer("share", "--tenant", "Example Ltd", "--weight", "3", "--running-limit", "2")
    assert "Example Ltd\tweight 3\t2 claims at once" in database.administer("list-tenants").splitlines()


@pytest.mark.parametrize("wrong", [("--weight", "0"), ("--running-limit", "0"), ("--tenant", "nobody")])
def test_what_cannot_be_is_refused(database: Deployment, wrong: tuple[str, str]) -> None:
    create_key("Example Ltd", "test")
    with pytest.raises(DeploymentError):
        database.administer("share", "--tenant", "Example Ltd", *wrong)
