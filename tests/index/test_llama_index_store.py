"""A vector store of llama-index that the settings name; see also ``test_vector_store_contract.py``."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from assistant.errors import SettingsError, StoreError
from assistant.index.database import Database
from assistant.index.exact import ExactStore
from assistant.index.layout import GRAINS
from assistant.index.llama_index_store import LlamaIndexStore, open_llama_index_stores
from assistant.index.stores import store_name
from assistant.records import Grain
from tests.support.named_classes import PLACE, Client, DistanceStore
from tests.support.qdrant import QDRANT, qdrant_options
from tests.support.vectors import nearest_east, put_compass

DISTANCE = f"{PLACE}:DistanceStore"


@pytest.fixture
def open_stores(settings, tmp_path):
    """Opens a store per grain; each exact store holds the directions of the compass already."""
    with ExitStack() as opened:
        database = Database(tmp_path / "papers.sqlite", is_writable=True)
        exact = {grain: ExactStore(database, tmp_path, grain, 2) for grain in GRAINS}
        for part in exact.values():
            put_compass(part)

        def open_them(name: str, **options) -> dict[Grain, LlamaIndexStore]:
            chosen = settings.changed(store=name, store_options=options)
            stores = open_llama_index_stores(chosen, "footnote-ab12", exact)
            opened.callback(stores["passage"].close)
            return stores

        yield open_them


def instance(store: LlamaIndexStore):
    return store._named.instance


def test_each_grain_has_a_collection_named_after_the_index(open_stores):
    stores = open_stores(DISTANCE)
    names = [instance(store).collection_name for store in stores.values()]
    assert names == ["footnote_ab12_passage", "footnote_ab12_sentence"]


def test_a_collection_name_among_the_options_comes_first(open_stores):
    store = open_stores(DISTANCE, collection_name="lab")["passage"]
    assert instance(store).collection_name == "lab_footnote_ab12_passage"


def test_cosines_do_not_depend_on_what_the_store_calls_similar(open_stores):
    store = open_stores(DISTANCE)["passage"]
    put_compass(store)
    assert [*store.query([1.0, 0.0], 4).values()] == pytest.approx([1, 0.7071, 0, -1], abs=1e-3)


def test_a_chunk_that_the_exact_store_no_longer_holds_is_not_found(open_stores):
    store = open_stores(DISTANCE)["passage"]
    put_compass(store)
    store._vectors_of = lambda _: {}
    assert nearest_east(store, 4) == []


def test_both_grains_share_the_objects_among_the_options(open_stores, tmp_path):
    stores = open_stores(QDRANT, **qdrant_options(path=str(tmp_path / "qdrant")))  # a folder takes one client only
    for store in stores.values():
        store.clear()
        put_compass(store)
    stores["passage"].close()
    again = open_stores(QDRANT, **qdrant_options(path=str(tmp_path / "qdrant")))
    assert [nearest_east(store, 2) for store in again.values()] == [["east", "north-east"]] * 2


def test_a_failure_is_one_line_without_its_key(open_stores):
    store = open_stores(DISTANCE, is_down=True, api_key="sk-a-secret")["passage"]
    with pytest.raises(StoreError, match=r"DistanceStore failed to search \(no answer with key \*\*\*\)"):
        store.query([1.0, 0.0], 1)


def test_a_store_that_cannot_be_emptied_says_so(open_stores):
    with pytest.raises(StoreError, match="failed to delete its collection"):
        open_stores(DISTANCE)["passage"].clear()


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        (QDRANT, {"clint": 1}, "has no option 'clint': did you mean client?"),
        (QDRANT, {}, "Must provide either a QdrantClient instance or a url and api_key"),
        (
            QDRANT,
            qdrant_options(path="a", location="b"),
            "store_options.client: qdrant_client:QdrantClient cannot be created",
        ),
        (f"{PLACE}:NamelessStore", {}, "has no option collection_name, table_name or index_name"),
        (f"{PLACE}:EchoLLM", {}, "has no option collection_name"),
        ("llama_index.core.vector_stores:SimpleVectorStore", {}, "has no option collection_name"),
        ("llama_index.vector_stores.nowhere:Store", {}, "pip install llama-index-vector-stores-nowhere"),
    ],
)
def test_what_is_wrong_with_the_setting_is_one_line(open_stores, name, options, said):
    with pytest.raises(SettingsError) as raised:
        open_stores(name, **options)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_store_that_keeps_no_metadata_is_refused(open_stores, monkeypatch):
    monkeypatch.setattr(DistanceStore.model_fields["stores_text"], "default", False)
    DistanceStore.model_rebuild(force=True)
    with pytest.raises(SettingsError, match="does not keep the metadata of chunks"):
        open_stores(DISTANCE)
    monkeypatch.undo()
    DistanceStore.model_rebuild(force=True)


def test_objects_among_the_options_are_closed_when_the_class_refuses_the_others(open_stores, monkeypatch):
    made: list[Client] = []
    created = Client.__init__

    def remembered(self, *given, **more):
        created(self, *given, **more)
        made.append(self)

    monkeypatch.setattr(Client, "__init__", remembered)
    with pytest.raises(SettingsError):
        open_stores(DISTANCE, nodes={"class": f"{PLACE}:Client", "address": "x", "password": ""})
    assert [client.is_open for client in made] == [False]


def test_the_name_of_a_store_changes_with_its_options_and_has_no_secrets(settings):
    names = {
        store_name(settings.changed(store=QDRANT, store_options={"url": url, "api_key": key}))
        for url, key in (("http://a", "sk-one"), ("http://a", "sk-two"), ("http://b", "sk-one"))
    }
    assert len(names) == 2
    assert all(name.startswith(QDRANT) for name in names)
