"""Links lead somewhere."""

import re

import pytest

from tests.documents.markdown import NAMES, ROOT, links, prose


@pytest.mark.parametrize("document", NAMES)
def test_every_link_leads_to_a_file_and_a_heading(document):
    text = prose(document)
    for link in re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'src="([^"]+)"', text):
        if link.startswith(("http://", "https://")):
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / document).parent / path if path else ROOT / document
        assert target.exists(), link
        assert not anchor or anchor in anchors(target.read_text()), link


def anchors(text: str) -> list[str]:
    """Of headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M)
    return [re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings]


def test_every_document_is_reached_from_the_front_page():
    reached, found = set(), {"README.md"}
    while found:
        reached |= found
        found = {link for document in found for link in links(document)} - reached
    assert reached == set(NAMES)
