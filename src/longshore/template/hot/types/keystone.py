"""Users, projects and the catalogue of services."""

from __future__ import annotations

from longshore.template.hot.types.schema import (
    REQUIRED,
    UPDATES,
    allowed,
    boolean,
    form,
    listing,
    mapping,
    row,
    rows,
    string,
)

_ROLES = {
    "roles": listing(
        mapping(
            {
                "domain": string(form("keystone.domain")),
                "project": string(form("keystone.project")),
                "role": string(REQUIRED, form("keystone.role")),
            }
        ),
        UPDATES,
    ),
}

ROWS = rows(
    row(
        "OS::Keystone::Domain",
        "A domain of users and projects.",
        {
            "name": string(UPDATES),
            "description": string(UPDATES),
            "enabled": boolean(UPDATES, default=True),
        },
    ),
    row(
        "OS::Keystone::Endpoint",
        "Where a service can be reached.",
        {
            "name": string(UPDATES),
            "region": string(UPDATES, form("keystone.region")),
            "service": string(REQUIRED, UPDATES, form("keystone.service")),
            "interface": string(REQUIRED, UPDATES, allowed("public", "internal", "admin")),
            "url": string(REQUIRED, UPDATES),
            "enabled": boolean(UPDATES, default=True),
        },
    ),
    row(
        "OS::Keystone::Group",
        "A group of users.",
        {
            "name": string(UPDATES),
            "domain": string(UPDATES, form("keystone.domain"), default="default"),
            "description": string(UPDATES, default=""),
            **_ROLES,
        },
    ),
    row(
        "OS::Keystone::GroupRoleAssignment",
        "Gives roles to a group.",
        {
            "group": string(REQUIRED, UPDATES, form("keystone.group")),
            **_ROLES,
        },
    ),
    row(
        "OS::Keystone::Project",
        "A project.",
        {
            "name": string(UPDATES),
            "domain": string(UPDATES, form("keystone.domain"), default="default"),
            "description": string(UPDATES, default=""),
            "enabled": boolean(UPDATES, default=True),
            "parent": string(form("keystone.project")),
            "tags": listing(None, UPDATES, default=[]),
        },
        "name:string parent_id:string domain_id:string enabled:boolean is_domain:boolean",
    ),
    row(
        "OS::Keystone::Region",
        "A region.",
        {
            "id": string(),
            "parent_region": string(UPDATES, form("keystone.region")),
            "description": string(UPDATES),
            "enabled": boolean(UPDATES, default=True),
        },
    ),
    row(
        "OS::Keystone::Role",
        "A role that users can have.",
        {
            "name": string(UPDATES),
            "domain": string(form("keystone.domain")),
        },
    ),
    row(
        "OS::Keystone::Service",
        "A service of the catalogue.",
        {
            "name": string(UPDATES),
            "description": string(UPDATES),
            "type": string(REQUIRED, UPDATES),
            "enabled": boolean(UPDATES, default=True),
        },
    ),
    row(
        "OS::Keystone::User",
        "A user.",
        {
            "name": string(UPDATES),
            "domain": string(UPDATES, form("keystone.domain"), default="default"),
            "description": string(UPDATES, default=""),
            "enabled": boolean(UPDATES, default=True),
            "email": string(UPDATES),
            "password": string(UPDATES),
            "default_project": string(UPDATES, form("keystone.project")),
            "groups": listing(string(form("keystone.group")), UPDATES),
            **_ROLES,
        },
        "name:string default_project_id:string domain_id:string enabled:boolean password_expires_at:string",
    ),
    row(
        "OS::Keystone::UserRoleAssignment",
        "Gives roles to a user.",
        {
            "user": string(REQUIRED, UPDATES, form("keystone.user")),
            **_ROLES,
        },
    ),
)
