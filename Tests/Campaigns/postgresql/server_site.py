"""Sites whose database is on a server."""

from pathlib import Path

from Campaigns.postgresql.cluster import Cluster
from regctl import Site


class ServerSite(Site):
    """A site whose database is on a server."""

    def __init__(
        self, directory: Path, server: Cluster, template: str = "template1", **settings: object
    ) -> None:
        self.server = server
        self.database = server.new_database(template)
        address = {"db": server.address(self.database), "secret_key_file": directory / "secret.key"}
        super().__init__(directory, **(address | settings))

    def execute(self, *statements: str) -> None:
        self.server.ask("; ".join(statements), self.database)

    def rows(self, query: str) -> list[str]:
        return self.server.rows(query, self.database)

    def value(self, query: str) -> str:
        [value] = self.rows(query)
        return value
