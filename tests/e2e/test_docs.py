"""Every code block of README.md, docs/*.md and the other pages is executed, or says why not: the pages' own text runs, nothing of it
stands here. What a block's first word means: harness/markdown.py. DSO_TEST_ACCEPT=1 writes into transcripts what came out."""
import pytest
from harness import places
from harness.markdown import blocks, problems
from harness.page import Page, matches
from harness.page_blocks import run_page, runnable, where
from harness.vault_tool import VaultTool

PAGES = [*sorted(places.ROOT.glob("*.md")), *sorted((places.ROOT / "docs").glob("*.md")), *sorted((places.ROOT / "providers").glob("*/README.md"))]


@pytest.mark.parametrize("path", [pytest.param(p, id=where(p)) for p in PAGES if runnable(p)])
def test_page(path, world, docker, agent, request):
    tools = {"vault": VaultTool(request.getfixturevalue("vault"), f"docs-{world.id}")} if path.name == "vault.md" else {}
    page = Page(world, docker, agent, runnable(path), tools=tools)
    try:
        run_page(page, path)
    finally:
        page.close()


@pytest.mark.parametrize("page", ["```\nls\n```\n", "```bash\nls\n```\n", "```sh no-run=\"x\"\nls\n```\n", "```yaml composed\na: 1\n```\n", "```sh\nls\n",
                                  "Text\n\n    ls\n", "```hcl\npath {}\n```\n", "```sh not-run=\"tests/e2e/test_gone.py\"\nls\n```\n"])
def test_a_block_that_does_not_say_what_it_is_is_told(page):
    assert len(problems("page.md", page, lambda test: False)) == 1


def test_blocks_in_lists_and_comments():
    found = blocks("1. Do\n\n   ```sh not-run=\"no such thing here\"\n   ls\n   ```\n\n<!--sh\nmake\n-->\n````text\n```\n````\n")
    assert [(b.kind, b.text, b.runs, b.hidden) for b in found] == [("sh", "ls\n", False, False), ("sh", "make\n", True, True), ("text", "```\n", False, False)]


def test_a_transcript_is_compared_but_for_ages_and_ids():
    assert matches(["api (849d6cbf07a7)   since 2 seconds ago", "…", "end: …"], ["api (849d6cbf07a8) since just now", "a", "b", "end: 1"])
    for wrong in (["api (849d6cbf07a8) since just now", "a"], ["web (849d6cbf07a8) since just now", "end: 1"], ["end: 1"]):
        assert not matches(["api (849d6cbf07a7)   since 2 seconds ago", "…", "end: …"], wrong)
