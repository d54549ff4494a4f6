"""Runs the validators that stewards use over a folder and its bags; prints a JSON object of what each says."""

import json
import os
import sys
import tempfile
from importlib.resources import files


def croissant(folder):
    import mlcroissant

    dataset = mlcroissant.Dataset(os.path.join(folder, "croissant.json"))
    return {
        "version": dataset.metadata.ctx.conforms_to.value,
        "issues": [*dataset.metadata.ctx.issues.errors, *dataset.metadata.ctx.issues.warnings],
        "rows": {one.id: sum(1 for _ in dataset.records(one.id)) for one in dataset.metadata.record_sets},
    }


def ro_crate(folder):
    import requests
    import rocrate  # noqa: F401
    import urllib3
    from requests_cache import CachedSession
    from rocrate_validator import models, services

    # The validator asks the Web for the context; the package `rocrate` brings the same.
    context = (files("rocrate") / "data" / "ro-crate.jsonld").read_bytes()
    uri = json.loads(context)["@id"]
    with tempfile.TemporaryDirectory() as cache:
        path = os.path.join(cache, "contexts")
        session = CachedSession(cache_name=path, backend="sqlite", expire_after=-1)
        kind = {"Content-Type": "application/ld+json"}
        for headers in ({"Accept": "application/ld+json, application/json"}, {}):
            request = session.prepare_request(requests.Request("GET", uri, headers=headers))
            response = requests.Response()
            response.status_code, response.url, response.request = 200, uri, request
            response.headers.update(kind)
            response._content = context
            response.raw = urllib3.HTTPResponse(body=context, status=200, headers=kind, preload_content=False)
            session.cache.save_response(response, session.cache.create_key(request))
        session.close()
        settings = services.ValidationSettings(
            rocrate_uri=folder,
            profile_identifier="ro-crate-1.3",
            requirement_severity=models.Severity.REQUIRED,
            offline=True,
            cache_path=path,
        )
        result = services.validate(settings)
        return {"context": uri, "issues": [f"{one.check.identifier}: {one.message}" for one in result.get_issues()]}


def citation(folder):
    from cffconvert.cli.create_citation import create_citation

    create_citation(os.path.join(folder, "CITATION.cff"), None).validate()
    return {"issues": []}


def card(folder):
    from huggingface_hub import DatasetCard

    data = DatasetCard.load(os.path.join(folder, "README.md")).data.to_dict()
    return {"license": data["license"], "configs": [one["config_name"] for one in data.get("configs", [])]}


def bag(folder):
    import bagit

    one = bagit.Bag(folder)
    to_fetch = len(list(one.fetch_entries()))
    try:
        one.validate(processes=1)
        return {"fetch": to_fetch, "issues": []}
    except bagit.BagValidationError as error:
        return {"fetch": to_fetch, "issues": [str(error)]}


folder, *bags = sys.argv[1:]
print(
    json.dumps(
        {
            "croissant": croissant(folder),
            "roCrate": ro_crate(folder),
            "citation": citation(folder),
            "card": card(folder),
            "bags": [bag(one) for one in bags],
        }
    )
)
