"""What `theme check` looks for without a browser. One file a family; each gives findings and changes nothing."""

from overlaykit.theming.checking.findings import Finding
from overlaykit.theming.checking.run import check_theme

__all__ = ["Finding", "check_theme"]
