"""Every version of the language, one row each: what a template of that version may say.

A version is the one before it with some things added, reworked or taken away, so that is how its
row is written. `functions` maps the word in the template to the key of the row in `functions`: the
same word may work differently in a later version. What was taken away is the row `removed`.

Source of the rows: OpenStack's Heat Template Guide, chapter "HOT specification", and what Heat 27
accepts where the guide is silent.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """The words of a definition: what each is called in a family of versions; empty: not there."""

    type: str
    properties: str
    metadata: str
    depends_on: str
    deletion_policy: str
    update_policy: str
    description: str
    condition: str = ""
    external_id: str = ""

    def words(self) -> tuple[str, ...]:
        """The words there are."""
        return tuple(word for word in msgspec.structs.astuple(self) if word)


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version of the language.

    Attributes:
        key: the word at the top of the template that names it.
        name: what follows that word.
        release: the name of the release, which may be written instead; or empty.
        cfn: whether it is CloudFormation's format, with its capital words.
        functions: word -> key of the function's row, for values.
        conditions: word -> key of the function's row, within the definition of a condition.
        sections: the words allowed at the top.
        resource: the words of the definition of a resource.
        deletion_policies: the word as written -> its plain form.
        may_be_absent: whether `if` may leave a value out altogether.
    """

    key: str
    name: str
    release: str = ""
    cfn: bool = False
    functions: Mapping[str, str]
    conditions: Mapping[str, str] = {}
    sections: tuple[str, ...]
    resource: Keys
    deletion_policies: Mapping[str, str]
    may_be_absent: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Both ways to write it."""
        return (self.name, self.release) if self.release else (self.name,)


_HOT_SECTIONS = (
    "heat_template_version",
    "description",
    "parameter_groups",
    "parameters",
    "resources",
    "outputs",
    # Heat's own reserved word: it stands for a section that a version does not have.
    "__undefined__",
)
_CFN_SECTIONS = (
    "AWSTemplateFormatVersion",
    "HeatTemplateFormatVersion",
    "Description",
    "Mappings",
    "Parameters",
    "Resources",
    "Outputs",
)
_HOT_KEYS = Keys(
    type="type",
    properties="properties",
    metadata="metadata",
    depends_on="depends_on",
    deletion_policy="deletion_policy",
    update_policy="update_policy",
    description="description",
)
_CFN_KEYS = Keys(
    type="Type",
    properties="Properties",
    metadata="Metadata",
    depends_on="DependsOn",
    deletion_policy="DeletionPolicy",
    update_policy="UpdatePolicy",
    description="Description",
)
_POLICIES = {word: word for word in ("Delete", "Retain", "Snapshot")}
_REMOVED = dict.fromkeys(
    (
        "Fn::GetAZs",
        "Fn::Join",
        "Fn::Split",
        "Fn::Replace",
        "Fn::Base64",
        "Fn::MemberListToMap",
        "Fn::ResourceFacade",
        "Ref",
    ),
    "removed",
)


def _after(
    earlier: Version,
    name: str,
    release: str = "",
    *,
    functions: Mapping[str, str] | None = None,
    conditions: Mapping[str, str] | None = None,
) -> Version:
    """The version that follows: all that the earlier one has, and these."""
    return msgspec.structs.replace(
        earlier,
        name=name,
        release=release,
        functions={**earlier.functions, **(functions or {})},
        conditions={**earlier.conditions, **(conditions or {})},
    )


_2013_05_23 = Version(
    key="heat_template_version",
    name="2013-05-23",
    functions={
        "get_param": "get_param",
        "get_resource": "get_resource",
        "get_attr": "get_attr",
        "get_file": "get_file",
        "str_replace": "str_replace.plain",
        "list_join": "list_join.one",
        "resource_facade": "resource_facade",
        "Ref": "Ref",
        "Fn::GetAZs": "Fn::GetAZs",
        "Fn::Select": "Fn::Select",
        "Fn::Join": "Fn::Join",
        "Fn::Split": "Fn::Split",
        "Fn::Replace": "Fn::Replace",
        "Fn::Base64": "Fn::Base64",
        "Fn::MemberListToMap": "Fn::MemberListToMap",
        "Fn::ResourceFacade": "Fn::ResourceFacade",
    },
    sections=_HOT_SECTIONS,
    resource=_HOT_KEYS,
    deletion_policies=_POLICIES,
)
_2014_10_16 = _after(_2013_05_23, "2014-10-16", functions=_REMOVED)
_2015_04_30 = _after(_2014_10_16, "2015-04-30", functions={"digest": "digest", "repeat": "repeat.lists"})
_2015_10_15 = _after(
    _2015_04_30,
    "2015-10-15",
    functions={
        "get_attr": "get_attr.all",
        "list_join": "list_join",
        "str_replace": "str_replace",
        "str_split": "str_split",
        "Fn::Select": "removed",
    },
)
_2016_04_08 = _after(_2015_10_15, "2016-04-08", functions={"map_merge": "map_merge"})
_2016_10_14 = msgspec.structs.replace(
    _after(
        _2016_04_08,
        "2016-10-14",
        "newton",
        functions={
            "if": "if",
            "map_replace": "map_replace",
            "repeat": "repeat.maps",
            "yaql": "yaql",
        },
        conditions={
            "get_param": "get_param",
            "equals": "equals",
            "not": "not",
            "and": "and",
            "or": "or",
        },
    ),
    sections=(*_HOT_SECTIONS, "conditions"),
    resource=msgspec.structs.replace(_HOT_KEYS, condition="condition", external_id="external_id"),
    # From here on the policies may be written small.
    deletion_policies={**_POLICIES, **{word.lower(): word for word in _POLICIES}},
)
_2017_02_24 = _after(
    _2016_10_14,
    "2017-02-24",
    "ocata",
    functions={"filter": "filter", "str_replace_strict": "str_replace_strict"},
)
_2017_09_01 = _after(
    _2017_02_24,
    "2017-09-01",
    "pike",
    functions={
        "contains": "contains",
        "list_concat": "list_concat",
        "list_concat_unique": "list_concat_unique",
        "make_url": "make_url",
        "repeat": "repeat",
        "str_replace_vstrict": "str_replace_vstrict",
    },
    conditions={"contains": "contains", "yaql": "yaql"},
)
_2018_03_02 = _after(_2017_09_01, "2018-03-02", "queens")
_2018_08_31 = _after(_2018_03_02, "2018-08-31", "rocky")
_2021_04_16 = msgspec.structs.replace(
    _after(_2018_08_31, "2021-04-16", "wallaby", functions={"if": "if.absent"}), may_be_absent=True
)

_HEAT_2012_12_12 = Version(
    key="HeatTemplateFormatVersion",
    name="2012-12-12",
    cfn=True,
    functions={
        "Ref": "Ref",
        "Fn::GetAtt": "Fn::GetAtt",
        "Fn::FindInMap": "Fn::FindInMap",
        "Fn::GetAZs": "Fn::GetAZs",
        "Fn::Select": "Fn::Select",
        "Fn::Join": "Fn::Join",
        "Fn::Split": "Fn::Split",
        "Fn::Replace": "Fn::Replace",
        "Fn::Base64": "Fn::Base64",
        "Fn::MemberListToMap": "Fn::MemberListToMap",
        "Fn::ResourceFacade": "Fn::ResourceFacade",
    },
    sections=_CFN_SECTIONS,
    resource=_CFN_KEYS,
    deletion_policies=_POLICIES,
)
_AWS_2010_09_09 = Version(
    key="AWSTemplateFormatVersion",
    name="2010-09-09",
    cfn=True,
    functions={**_HEAT_2012_12_12.functions, "Fn::If": "Fn::If"},
    conditions={
        "Ref": "Ref.parameter",
        "Fn::FindInMap": "Fn::FindInMap",
        "Fn::Equals": "Fn::Equals",
        "Fn::Not": "Fn::Not",
        "Fn::And": "Fn::And",
        "Fn::Or": "Fn::Or",
    },
    sections=(*_CFN_SECTIONS, "Conditions"),
    resource=msgspec.structs.replace(_CFN_KEYS, condition="Condition"),
    deletion_policies=_POLICIES,
)

# Oldest first, by family.
VERSIONS: tuple[Version, ...] = (
    _2013_05_23,
    _2014_10_16,
    _2015_04_30,
    _2015_10_15,
    _2016_04_08,
    _2016_10_14,
    _2017_02_24,
    _2017_09_01,
    _2018_03_02,
    _2018_08_31,
    _2021_04_16,
    _HEAT_2012_12_12,
    _AWS_2010_09_09,
)


def find(key: str, name: str) -> Version | None:
    """The version that a template names with `key: name`."""
    return next((v for v in VERSIONS if v.key == key and name in v.names), None)


def names(key: str) -> tuple[str, ...]:
    """All that may follow a key, for a message."""
    return tuple(name for v in VERSIONS if v.key == key for name in v.names)
