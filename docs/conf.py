"""Configuration of the documentation site: `./run-tests.sh docs` builds it."""

import logging
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]

import hzclient  # noqa: E402

# Importing Alembic for the reference logs what it sets up, and Sphinx would print that.
logging.getLogger("alembic").setLevel(logging.WARNING)

project = "hzclient"
author = "the hzclient authors"
copyright = "the hzclient authors. hzclient is not a product of Hazelcast, Inc."
release = hzclient.__version__
version = ".".join(release.split(".")[:2])

extensions = [
    "hzclient_reference",
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.graphviz",
    "sphinx.ext.napoleon",
    "sphinx_design",
]
exclude_patterns = ["_build", "_ext", "README.md"]
root_doc = "index"
nitpicky = False  # annotations name type parameters and private modules, which have no page
default_role = "literal"

html_theme = "furo"
html_title = f"hzclient {release}"
html_copy_source = False

myst_enable_extensions = ["attrs_inline", "colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3

# Objects are inspected as they are at run time: each face shows its own signatures.
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented_params"
autodoc_member_order = "bysource"
autodoc_class_signature = "mixed"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True
napoleon_custom_sections = [("Options", "params_style")]
# A name such as `type` may mean attributes of several classes; the first is good enough.
suppress_warnings = ["ref.python"]

graphviz_output_format = "svg"
