"""The plug of this room: what the engine needs to know of it."""

from ticketonomics_server.engine.domain import Domain, DueTimer, Handling
from ticketonomics_server.identity import (
    decide,
    decide_applications,
    decide_erasing,
    decide_handles,
    decide_linking,
    decide_merging,
    decide_profiles,
    rows,
)
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
from ticketonomics_server.identity.model_people import (
    HANDLE_TIMER,
    LINK_CODE_TIMER,
    TEXTS_TIMER,
    CreateLinkCode,
    ErasePerson,
    EraseTexts,
    ExpireLinkCode,
    FreeHandle,
    MergePeople,
    RedeemLinkCode,
    SetDisplayName,
    SetHandle,
    SetPreferences,
    SetPrivacy,
    UnlinkIdentity,
)


def _expire_link_code(due: DueTimer) -> ExpireLinkCode:
    return ExpireLinkCode(due.request_id, due.payload)


def _erase_texts(due: DueTimer) -> EraseTexts:
    return EraseTexts(due.request_id, due.payload.decode())


def _free_handle(due: DueTimer) -> FreeHandle:
    return FreeHandle(due.request_id, due.payload.decode())


IDENTITY = Domain(
    name="identity",
    tables=(
        rows.PEOPLE,
        rows.LINKED_IDENTITIES,
        rows.HANDLES,
        rows.LINK_CODES,
        rows.APPLICATIONS,
        rows.API_KEYS,
        rows.ApplicationOfKeyTable(),
        rows.IdentitiesOfTable(),
        rows.HandlesOfTable(),
        rows.TextsOfTable(),
    ),
    commands={
        GetOrCreatePerson: Handling(
            decide.declare_get_or_create_person, decide.decide_get_or_create_person
        ),
        BlockPerson: Handling(decide.declare_block_person, decide.decide_block_person),
        UnblockPerson: Handling(decide.declare_block_person, decide.decide_unblock_person),
        CreateLinkCode: Handling(
            decide_linking.declare_create_link_code, decide_linking.decide_create_link_code
        ),
        RedeemLinkCode: Handling(
            decide_linking.declare_redeem_link_code, decide_linking.decide_redeem_link_code
        ),
        ExpireLinkCode: Handling(
            decide_linking.declare_expire_link_code, decide_linking.decide_expire_link_code
        ),
        UnlinkIdentity: Handling(
            decide_linking.declare_unlink_identity, decide_linking.decide_unlink_identity
        ),
        MergePeople: Handling(
            decide_merging.declare_merge_people, decide_merging.decide_merge_people
        ),
        SetDisplayName: Handling(
            decide_profiles.declare_set_display_name, decide_profiles.decide_set_display_name
        ),
        SetPrivacy: Handling(
            decide_profiles.declare_set_privacy, decide_profiles.decide_set_privacy
        ),
        SetHandle: Handling(decide_handles.declare_set_handle, decide_handles.decide_set_handle),
        FreeHandle: Handling(decide_handles.declare_free_handle, decide_handles.decide_free_handle),
        SetPreferences: Handling(
            decide_profiles.declare_set_preferences, decide_profiles.decide_set_preferences
        ),
        ErasePerson: Handling(
            decide_erasing.declare_erase_person, decide_erasing.decide_erase_person
        ),
        EraseTexts: Handling(decide_erasing.declare_erase_texts, decide_erasing.decide_erase_texts),
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
    timers={
        LINK_CODE_TIMER: _expire_link_code,
        TEXTS_TIMER: _erase_texts,
        HANDLE_TIMER: _free_handle,
    },
)
