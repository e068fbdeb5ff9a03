"""Calls the three paths under /ats with several inputs: `python samples/ats_client.py`.

The server and the key come from WINNOW_URL and WINNOW_API_KEY, or from a running `winnow up`.
"""

import json
from typing import Any

import httpx

from client.connection import find_connection

BACKEND = "Backend engineer. Three years of Python, PostgreSQL and Docker. Bachelor in computer science."
INPUTS: dict[str, dict[str, object]] = {
    "a developer, as text": {
        "job_description": BACKEND,
        "resume": "Backend developer. Five years of Python and PostgreSQL at a payment company. BSc Computer Science.",
    },
    "a cook, as text": {
        "job_description": BACKEND,
        "resume": "Head chef. Ten years in restaurant kitchens: menus, purchasing, a team of twelve.",
    },
    "an accountant, in columns": {
        "job_description": {
            "job_position_name": "Senior Accountant",
            "educationaL_requirements": "Bachelor in accounting or finance",
            "experiencere_requirement": "At least 4 years",
            "skills_required": ["Financial reporting", "Excel", "Tax"],
        },
        "resume": {
            "career_objective": "Accountant who closes the books on time.",
            "skills": ["Excel", "Financial reporting", "Payroll"],
            "major_field_of_studies": ["Accounting"],
            "professional_company_names": ["Example Textiles Ltd"],
        },
    },
}


def main() -> None:
    """Print what each call answers."""
    connection = find_connection()
    headers = {"Authorization": f"Bearer {connection.api_key}"}
    with httpx.Client(base_url=connection.url, headers=headers, timeout=60) as http:
        sample = _read(http.get("/ats/sample"))
        print("GET /ats/sample", json.dumps(sample, indent=2), sep="\n")
        guide = _read(http.get("/ats/explain"))
        print("GET /ats/explain", *(f"  {field['name']}: {field['meaning']}" for field in guide["fields"]), sep="\n")
        for name, content in {**INPUTS, "the sample": sample["columns"]}.items():
            answer = _read(http.post("/ats/evaluate", json=content))
            print(f"POST /ats/evaluate, {name}: {answer['prediction']} ({answer['probability']:.3f})")
        print(guide["notice"])


def _read(answer: httpx.Response) -> dict[str, Any]:
    if answer.is_error:
        raise SystemExit(f"{answer.status_code}: {answer.json()['detail']}")
    content: dict[str, Any] = answer.json()
    return content


if __name__ == "__main__":
    main()
