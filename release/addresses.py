"""The addresses of the package's metadata, made from the repository's: hatchling asks this when it builds."""

from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class CustomMetadataHook(MetadataHookInterface):
    """Puts `urls` into the metadata from the option `repository`, an address without a slash at its end;
    none where that is empty."""

    def update(self, metadata: dict[str, Any]) -> None:
        repository = self.config["repository"]
        page = f"{repository}/-" if "gitlab" in repository else repository
        files = f"{page}/blob/main"
        metadata["urls"] = (
            {
                "Repository": repository,
                "Documentation": f"{files}/docs/index.md",
                "Changelog": f"{files}/CHANGELOG.md",
                "Issues": f"{page}/issues",
                "Security": f"{files}/SECURITY.md",
            }
            if repository
            else {}
        )
