"""Run every cell of a notebook again and keep what comes of it: `python scripts/notebook.py`.

It runs in a folder of its own, so that the directories and files that its cells name are new, and
nothing of this machine stays in it but what the cells show.
"""

import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

NOTEBOOK = Path("docs/notebook.ipynb")
CELL_SECONDS = 900


def execute(notebook: NotebookNode, folder: Path) -> NotebookNode:
    """Run all cells in a kernel whose working directory is `folder`, and return the notebook.

    Raises: CellExecutionError at the first cell that ends in an error.
    """
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        # The kernel's own remarks on how it is spoken to are not the notebook's.
        extra_arguments=["--log-level=ERROR"],
        timeout=CELL_SECONDS,
        resources={"metadata": {"path": str(folder)}},
    )
    done: NotebookNode = client.execute()
    return clean(done)


def clean(notebook: NotebookNode) -> NotebookNode:
    """Take away when and with what cells ran, and outputs of which nothing is left to see."""
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if not _is_gone(output)]
    return notebook


def _is_gone(output: NotebookNode) -> bool:
    """Whether an output is a line on the progress of a run that is over."""
    return output.output_type == "display_data" and output.data == {"text/plain": ""}


def main() -> None:
    """Run the documentation's notebook, or the one that is named, in place."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else NOTEBOOK
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        nbformat.write(execute(notebook, Path(folder)), path)
    sys.stdout.write(f"notebook: {path}, {path.stat().st_size / 1000:,.0f} kB\n")


if __name__ == "__main__":
    main()
