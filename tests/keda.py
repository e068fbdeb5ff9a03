"""What KEDA takes, as JSON Schemas of the fields that our manifests use: any other field is an error here.

Written after the custom resources of keda.sh/v1alpha1 (https://keda.sh/docs/2.18/reference/scaledobject-spec/) and the
settings of its postgresql trigger.
"""

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string", "minLength": 1}
COUNT: Schema = {"type": "integer", "minimum": 0}


def closed(required: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    """An object of these members and no others."""
    members = required | (optional or {})
    return {"type": "object", "properties": members, "required": list(required), "additionalProperties": False}


def resource(kind: str, spec: Schema) -> Schema:
    """A namespaced object of KEDA's."""
    metadata = {"type": "object", "properties": {"name": TEXT}, "required": ["name"]}
    return closed(
        {"apiVersion": {"const": "keda.sh/v1alpha1"}, "kind": {"const": kind}, "metadata": metadata, "spec": spec}
    )


# Every setting of a trigger is a string, numbers as well.
POSTGRESQL = closed(
    {"type": {"const": "postgresql"}, "authenticationRef": closed({"name": TEXT}), "metadata": closed(
        {"userName": TEXT, "query": TEXT, "targetQueryValue": {"type": "string", "pattern": r"^[1-9]\d*(\.\d+)?$"}},
        {"activationTargetQueryValue": {"type": "string", "pattern": r"^\d+(\.\d+)?$"}},
    )},
    {"metricType": {"enum": ["AverageValue", "Value"]}},
)  # fmt: skip
SCALING_RULES = closed({}, {"stabilizationWindowSeconds": {"type": "integer", "minimum": 0, "maximum": 3600}})
ADVANCED = closed(
    {"horizontalPodAutoscalerConfig": closed(
        {"behavior": closed({}, {"scaleDown": SCALING_RULES, "scaleUp": SCALING_RULES})}
    )}
)  # fmt: skip
SCALED_OBJECT = closed(
    {
        "scaleTargetRef": closed({"name": TEXT}, {"kind": TEXT, "apiVersion": TEXT}),
        "triggers": {"type": "array", "items": POSTGRESQL, "minItems": 1},
    },
    {
        "minReplicaCount": COUNT, "maxReplicaCount": COUNT, "pollingInterval": COUNT, "cooldownPeriod": COUNT,
        "advanced": ADVANCED,
    },
)  # fmt: skip
REFERENCE = closed(
    {"parameter": {"enum": ["host", "port", "dbName", "sslmode", "password"]}, "name": TEXT, "key": TEXT}
)

SCHEMAS = {
    "ScaledObject": resource("ScaledObject", SCALED_OBJECT),
    "TriggerAuthentication": resource(
        "TriggerAuthentication", closed({"secretTargetRef": {"type": "array", "items": REFERENCE, "minItems": 5}})
    ),
}
