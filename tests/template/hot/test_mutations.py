"""Whatever a text holds, reading it ends soon, with an answer: never with an exception."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import pytest

from longshore.model.template import Reading

Stacked = Callable[..., Reading]

SEEDS = range(12)
EACH = 40
SECONDS = 5.0
"""Generous, for slow machines; each takes a hundredth of a second on ours."""

TEXTS = (
    """heat_template_version: 2018-08-31
parameters:
  count: {type: number, default: 2, constraints: [{range: {min: 1, max: 9}}]}
  names: {type: comma_delimited_list, default: 'a,b'}
conditions: {many: {not: {equals: [{get_param: count}, 1]}}, few: {not: many}}
resources:
  group:
    type: OS::Heat::ResourceGroup
    condition: many
    properties:
      count: {get_param: count}
      resource_def: {type: lib/web.yaml, properties: {name: 'web-%index%'}}
  value:
    type: OS::Heat::Value
    depends_on: [group]
    metadata: {all: {repeat: {template: n, for_each: {n: {get_param: names}}}}}
    properties: {value: {list_join: ['-', {get_attr: [group, refs]}]}}
outputs: {all: {value: {if: [few, {get_resource: value}, {get_attr: [value, value]}]}}}
""",
    """{"AWSTemplateFormatVersion": "2010-09-09", "Mappings": {"m": {"a": {"b": 1}}},
"Parameters": {"p": {"Type": "String", "Default": "x", "MinLength": "1"}},
"Resources": {"w": {"Type": "AWS::EC2::Instance", "DependsOn": "v", "Properties":
{"ImageId": {"Fn::FindInMap": ["m", "a", "b"]}, "InstanceType": {"Ref": "p"}}},
"v": {"Type": "AWS::CloudFormation::WaitConditionHandle"}},
"Outputs": {"o": {"Value": {"Fn::GetAtt": ["w", "PublicIp"]}}}}
""",
)
NESTED = "heat_template_version: 2018-08-31\nparameters: {name: {type: string}}\n"
WORDS = (
    *("get_attr", "get_param", "if", "repeat", "yaql", "Ref", "type", "main.yaml", "%index%", "null", "~"),
    *("[]", "{}", "{", "}", ":", '"', "'", "&a ", "*a", "<<", "!!int ", "- ", "\n", "\t", "\0", "=", "1e999"),
)


def _mutated(text: str, rnd: random.Random) -> str:
    for _ in range(rnd.randint(1, 6)):
        start = rnd.randrange(len(text))
        end = min(len(text), start + rnd.choice((0, 1, 5, 40)))
        middle = rnd.choice((rnd.choice(WORDS), text[start:end] * 2, ""))
        text = text[:start] + middle + text[end:] or " "
    return text


@pytest.mark.parametrize("seed", SEEDS)
def test_mutated_templates_get_an_answer(stacked: Stacked, seed: int) -> None:
    rnd = random.Random(seed)
    for _ in range(EACH):
        text = _mutated(rnd.choice(TEXTS), rnd)
        files = {"lib/web.yaml": rnd.choice((NESTED, _mutated(NESTED, rnd), text)), "main.yaml": text}
        started = time.process_time()
        reading = stacked(text, files=files)
        assert time.process_time() - started < SECONDS, text
        assert (reading.outline is None) == bool(reading.faults), text
        assert all(fault.message for fault in reading.faults)
