"""The plug of this room: what the engine needs to know of it."""

from ticketonomics_server.engine.domain import Domain, Handling
from ticketonomics_server.identity import decide, decide_applications, rows
from ticketonomics_server.identity.model import (
    BlockPerson,
    CreateApiKey,
    CreateApplication,
    GetOrCreatePerson,
    RevokeApiKey,
    RotateApiKey,
    UnblockPerson,
    UpdateApplication,
)

IDENTITY = Domain(
    name="identity",
    tables=(
        rows.PEOPLE,
        rows.LINKED_IDENTITIES,
        rows.APPLICATIONS,
        rows.API_KEYS,
        rows.ApplicationOfKeyTable(),
    ),
    commands={
        GetOrCreatePerson: Handling(
            decide.declare_get_or_create_person, decide.decide_get_or_create_person
        ),
        BlockPerson: Handling(decide.declare_block_person, decide.decide_block_person),
        UnblockPerson: Handling(decide.declare_block_person, decide.decide_unblock_person),
        CreateApplication: Handling(
            decide_applications.declare_create_application,
            decide_applications.decide_create_application,
        ),
        UpdateApplication: Handling(
            decide_applications.declare_update_application,
            decide_applications.decide_update_application,
        ),
        CreateApiKey: Handling(
            decide_applications.declare_create_api_key, decide_applications.decide_create_api_key
        ),
        RotateApiKey: Handling(
            decide_applications.declare_rotate_api_key, decide_applications.decide_rotate_api_key
        ),
        RevokeApiKey: Handling(
            decide_applications.declare_revoke_api_key, decide_applications.decide_revoke_api_key
        ),
    },
)
