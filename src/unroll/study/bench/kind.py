"""The bench as one kind of measurement among others."""

from unroll.study.bench.plan import plan_bench
from unroll.study.bench.settings import BenchSettings
from unroll.study.bench.summary import summarise_bench
from unroll.study.bench.tables import tell_bench
from unroll.study.bench.view import load_benches, view_bench
from unroll.study.running.kind import Kind

BENCH = Kind(
    settings=BenchSettings,
    plan=plan_bench,
    view=view_bench,
    load=load_benches,
    is_told=lambda view: view.is_told,
    summarise=summarise_bench,
    tell=tell_bench,
    succeeded=lambda view: view.succeeded,
)
