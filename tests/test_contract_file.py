"""The document, and what the checker reads from it."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
import yaml
from documents import DOCUMENT, TEXT, edited, saved
from openapi_spec_validator import validate

from conformance.contract import ContractError
from conformance.contract_file import load

CONTRACT = load()


class TestTheDocument:
    def test_is_valid_openapi(self) -> None:
        validate(yaml.safe_load(TEXT))

    @pytest.mark.parametrize(
        "limit",
        [
            r"\b280\b",
            r"\b20\b",
            r"maxLength:",
            r"\bmaximum:",
            r"- CreatedAt",
            r"- Pinned",
            r'- ":thumbsup:"',
        ],
    )
    def test_states_each_limit_once(self, limit: str) -> None:
        assert len(re.findall(limit, TEXT)) == 1

    def test_lists_the_reactions_once_beside_the_sort_keys(self) -> None:
        assert TEXT.count('":thumbs_up:"') == 2
        assert TEXT.count('":thumbs_down:"') == 2

    def test_names_no_host(self) -> None:
        assert "://" not in TEXT

    def test_secures_every_operation_with_a_bearer_token(self) -> None:
        assert CONTRACT.document["security"] == [{"bearer": []}]
        assert not re.search(r"^ {4,}security:", TEXT, re.MULTILINE)


class TestReading:
    def test_the_packaged_document_is_read_by_default(self) -> None:
        assert CONTRACT.source == "openapi/chats.v1.yaml"
        assert CONTRACT.version == "1.0.0-beta"
        assert CONTRACT.sha256 == hashlib.sha256(DOCUMENT.read_bytes()).hexdigest()

    def test_limits(self) -> None:
        limits = CONTRACT.limits
        assert limits.message_length == 280
        assert (limits.page_min, limits.page_default, limits.page_size) == (1, 20, 20)
        assert limits.skip_default == 0
        assert limits.reactions == (":thumbs_up:", ":thumbs_down:")
        assert limits.sort_keys[:3] == ("CreatedAt", "Pinned", ":thumbsup:")
        assert limits.sort_default == limits.created_key == "CreatedAt"
        assert limits.pinned_key == "Pinned"
        assert limits.ascending_default is True

    def test_a_reaction_has_the_spellings_of_its_sort_keys(self) -> None:
        assert CONTRACT.limits.spellings(":thumbs_up:") == (":thumbsup:", ":thumbs_up:")
        assert CONTRACT.limits.spellings(":thumbsdown:") == (":thumbsdown:", ":thumbs_down:")
        assert CONTRACT.limits.spellings(":heart:") == ()

    @pytest.mark.parametrize(
        ("name", "reaction"),
        [
            (":thumbs_up:", ":thumbs_up:"),
            (":thumbsup:", ":thumbs_up:"),
            (":thumbsdown:", ":thumbs_down:"),
            (":Thumbs_Up:", None),
            (":thumbs-up:", None),
            ("thumbs_up", None),
            ("CreatedAt", None),
            ("", None),
        ],
    )
    def test_a_name_is_a_reaction_in_its_exact_spellings_only(
        self, name: str, reaction: str | None
    ) -> None:
        assert CONTRACT.limits.reaction_of(name) == reaction

    @pytest.mark.parametrize(
        ("known", "call", "success", "no_content", "has_body"),
        [
            ("listChats", "GET /v1/chats", (200,), False, False),
            ("sendChat", "POST /v1/chats", (200,), False, True),
            ("deleteChat", "DELETE /v1/chats/{chatId}", (200, 204), True, False),
            ("addReaction", "POST /v1/chats/{chatId}/reactions", (200,), False, True),
            ("listReactions", "GET /v1/chats/reactions", (200,), False, False),
            (
                "removeReaction",
                "DELETE /v1/chats/{chatId}/reactions/{reactionId}",
                (200, 204),
                True,
                False,
            ),
            ("pinChat", "POST /v1/chats/{chatId}/pins", (200, 204), True, False),
            ("unpinChat", "DELETE /v1/chats/{chatId}/pins/{pinId}", (200, 204), True, False),
        ],
    )
    def test_operations(
        self, known: str, call: str, success: tuple[int, ...], no_content: bool, has_body: bool
    ) -> None:
        operation = CONTRACT.operations[known]
        assert operation.id == known
        assert f"{operation.method} {operation.path}" == call
        assert operation.success == success
        assert operation.no_content is no_content
        assert operation.has_body is has_body

    def test_parameters_and_pointers(self) -> None:
        listing, unpin = CONTRACT.operations["listChats"], CONTRACT.operations["unpinChat"]
        assert listing.query_parameters == ("Skip", "Take", "SortBy", "Ascending")
        assert listing.pointer == "#/paths/~1v1~1chats/get"
        assert unpin.path_parameters == ("chatId", "pinId")
        assert unpin.query_parameters == ()
        assert len(CONTRACT.operations) == 8


class TestEditedDocuments:
    def test_other_limits_are_read(self, tmp_path: Path) -> None:
        document = yaml.safe_load(TEXT.replace("280", "500").replace("&page 20", "&page 50"))
        document["components"]["schemas"]["ReactionName"]["enum"].append(":heart:")
        sort_by = document["paths"]["/v1/chats"]["get"]["parameters"][2]["schema"]
        sort_by["enum"].append(":heart:")

        contract = load(saved(tmp_path, yaml.safe_dump(document)))

        limits = contract.limits
        assert limits.message_length == 500
        assert limits.page_size == limits.page_default == 50
        assert limits.reactions == (":thumbs_up:", ":thumbs_down:", ":heart:")
        assert limits.spellings(":heart:") == (":heart:",)
        assert not contract.request_schema_errors("addReaction", {"reaction": ":heart:"})
        assert not contract.request_schema_errors("sendChat", {"message": "x" * 500})
        assert contract.request_schema_errors("sendChat", {"message": "x" * 501})

    def test_operations_are_found_under_another_prefix(self, tmp_path: Path) -> None:
        contract = edited(tmp_path, ("/v1/chats", "/api/v2/chats"))
        assert contract.operations["pinChat"].path == "/api/v2/chats/{chatId}/pins"

    def test_operations_are_found_under_other_paths_by_their_id(self, tmp_path: Path) -> None:
        contract = edited(tmp_path, ("/v1/chats", "/messages"))
        assert contract.operations["listReactions"].path == "/messages/reactions"

    def test_operations_are_found_under_other_ids_by_their_path(self, tmp_path: Path) -> None:
        contract = edited(tmp_path, ("operationId: deleteChat", "operationId: chats_delete"))
        assert contract.operations["deleteChat"].path == "/v1/chats/{chatId}"

    def test_a_document_in_json_is_the_same_contract(self, tmp_path: Path) -> None:
        text = json.dumps(yaml.safe_load(TEXT), indent="\t")
        contract = load(saved(tmp_path, text, "chats.json"))
        assert contract.limits == CONTRACT.limits
        assert contract.operations == CONTRACT.operations

    def test_statuses_need_no_quotes(self, tmp_path: Path) -> None:
        contract = edited(tmp_path, ('"200":', "200:"), ('"204":', "204:"))
        assert contract.operations == CONTRACT.operations

    def test_an_unquoted_date_stays_text(self, tmp_path: Path) -> None:
        dated = ("format: date-time", "format: date-time\n      example: 2025-06-26T08:48:07Z")
        contract = edited(tmp_path, dated)
        instant = contract.document["components"]["schemas"]["Instant"]
        assert instant["example"] == "2025-06-26T08:48:07Z"

    def test_a_range_of_statuses_documents_each(self, tmp_path: Path) -> None:
        contract = edited(tmp_path, ('"204":', "2XX:"))
        assert 202 in contract.operations["pinChat"].success
        assert contract.schema_errors("pinChat", 202, None) == []

    def test_the_schema_is_that_of_the_json_among_several_media_types(self, tmp_path: Path) -> None:
        document = yaml.safe_load(TEXT)
        answer = document["paths"]["/v1/chats"]["post"]["responses"]["200"]
        schema = answer["content"]["application/json"]
        answer["content"] = {"text/plain": {}, "application/vnd.chats+json; charset=utf-8": schema}

        contract = load(saved(tmp_path, json.dumps(document)))

        sent = {"chatId": "c1", "message": "hello", "createdAt": "2025-06-26T08:48:07.130Z"}
        assert contract.schema_errors("sendChat", 200, sent) == []
        assert contract.schema_errors("sendChat", 200, {}) != []

    def test_parameters_of_the_path_count(self, tmp_path: Path) -> None:
        document = yaml.safe_load(TEXT)
        item = document["paths"]["/v1/chats"]
        item["parameters"] = item["get"].pop("parameters")
        contract = load(saved(tmp_path, json.dumps(document)))
        assert contract.limits == CONTRACT.limits
        assert contract.operations["sendChat"].query_parameters == (
            "Skip",
            "Take",
            "SortBy",
            "Ascending",
        )


class TestRejectedDocuments:
    @pytest.mark.parametrize(
        ("old", "new", "message"),
        [
            ("openapi: 3.1.0", "openapi: 3.0.3", "openapi: version 3.0.3 is too old"),
            ("openapi: 3.1.0", "swagger: '2.0'", "openapi: is not an OpenAPI 3 document"),
            ("openapi: 3.1.0", "openapi: {", "is neither YAML nor JSON"),
            ("  version: 1.0.0-beta", "", "info.version: is missing"),
            ("\npaths:", "\nx-paths:", "paths: is missing"),
            ("maxLength: 280", "", "sendChat message: maxLength is missing"),
            ("maxLength: 280", "maxLength: many", "sendChat message: maxLength is 'many'"),
            ("maxLength: 280", "maxLength: 0", "write a whole number, 1 or more"),
            ("maxLength: 280", "maxLength: true", "maxLength is True"),
            ("        message:\n          type:", "        text:\n          type:", "maxLength"),
            ("&page 20", "&page -1", "listChats Take: maximum is -1"),
            ("minimum: 1\n", "minimum: 30\n", "out of order (30, 20, 20)"),
            ("default: *page", "default: 21", "out of order (1, 21, 20)"),
            ("default: *page", "x: *page", "listChats Take: default is missing"),
            ("name: Take", "name: take", "listChats Take: minimum is missing"),
            ("default: CreatedAt", "default: Created", "default is not in its enum"),
            ("default: CreatedAt", "default: [CreatedAt]", "default is not in its enum"),
            ("- Pinned", "- Sticky", "listChats SortBy: enum lacks Pinned"),
            ("- Pinned", "- CreatedAt", "enum has a name twice"),
            ("- Pinned", "- 7", "has no enum of names"),
            ("default: true", "default: 1", "listChats Ascending: default is no boolean"),
            ("schemas/ReactionName", "schemas/Nope", "names nothing"),
            ("#/components/schemas/ReactionName", "other.yaml#/a", "leaves the document"),
            ("schemas/ReactionName", "schemas/NewReaction/properties/reaction", "without end"),
            ("type: integer\n          minimum", "type: int\n          minimum", "no valid schema"),
            ("/{chatId}/pins:", "/{id}/pins:", "pinChat: path /v1/chats/{id}/pins has no {chatId}"),
            ("{chatId}/pins/{pinId}:\n    delete:", "a:\n    patch:", "has no {chatId}"),
            (
                "      parameters:\n        - name: Skip",
                "      parameters: 3\n      x:\n        - name: Skip",
                "not laid out",
            ),
        ],
    )
    def test_the_error_is_one_clear_line(
        self, tmp_path: Path, old: str, new: str, message: str
    ) -> None:
        with pytest.raises(ContractError) as raised:
            edited(tmp_path, (old, new))

        assert message in str(raised.value)
        assert str(raised.value).startswith(f"{tmp_path / 'edited.yaml'}: ")
        assert len(str(raised.value).splitlines()) == 1

    @pytest.mark.parametrize("known", list(CONTRACT.operations))
    def test_a_missing_operation_is_named(self, tmp_path: Path, known: str) -> None:
        document = yaml.safe_load(TEXT)
        operation = CONTRACT.operations[known]
        del document["paths"][operation.path][operation.method.lower()]

        with pytest.raises(ContractError, match=f"operation {known} .* is missing"):
            load(saved(tmp_path, json.dumps(document)))

    def test_an_operation_without_success_is_named(self, tmp_path: Path) -> None:
        document = yaml.safe_load(TEXT)
        document["paths"]["/v1/chats"]["post"]["responses"] = {"default": {"description": "Any."}}

        with pytest.raises(ContractError, match="sendChat: no success is documented"):
            load(saved(tmp_path, json.dumps(document)))

    def test_an_empty_list_of_reactions_is_rejected(self, tmp_path: Path) -> None:
        document = yaml.safe_load(TEXT)
        document["components"]["schemas"]["ReactionName"]["enum"] = []

        with pytest.raises(ContractError, match="addReaction reaction: has no enum of names"):
            load(saved(tmp_path, json.dumps(document)))

    def test_a_missing_file(self, tmp_path: Path) -> None:
        with pytest.raises(ContractError, match=r"cannot be read \(No such file"):
            load(tmp_path / "nowhere.yaml")

    def test_a_folder(self, tmp_path: Path) -> None:
        with pytest.raises(ContractError, match="cannot be read"):
            load(tmp_path)

    @pytest.mark.parametrize("content", [b"", b"[]", b"plain words", b"3", b"\x00\xff"])
    def test_what_is_no_document_at_all(self, tmp_path: Path, content: bytes) -> None:
        file = tmp_path / "other"
        file.write_bytes(content)
        with pytest.raises(ContractError):
            load(file)

    def test_yaml_that_holds_itself(self, tmp_path: Path) -> None:
        with pytest.raises(ContractError, match="without end"):
            edited(tmp_path, ("\ncomponents:", "\nx-loop: &loop\n  again: *loop\n\ncomponents:"))
