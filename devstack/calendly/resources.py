"""Resources as Calendly's API shows them."""

from datetime import UTC, datetime
from typing import Any

from devstack.calendly.model import EventType, Invitee, Organization, ScheduledEvent, User
from devstack.calendly.state import State

Json = dict[str, Any]
TRACKING = ("utm_campaign", "utm_source", "utm_medium", "utm_content", "utm_term", "salesforce_uuid")


def stamp(moment: datetime | None) -> str | None:
    """Return a moment in Calendly's form: UTC with microseconds."""
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def organization(one: Organization) -> Json:
    """Return an organization."""
    at = stamp(one.created_at)
    return {
        "uri": one.uri,
        "name": one.name,
        "plan": one.plan,
        "stage": one.stage,
        "created_at": at,
        "updated_at": at,
    }


def user(one: User) -> Json:
    """Return a user."""
    slug = one.email.partition("@")[0]
    return {
        "uri": one.uri,
        "name": one.name,
        "slug": slug,
        "email": one.email,
        "scheduling_url": f"https://calendly.com/{slug}",
        "timezone": "Europe/Oslo",
        "time_notation": "24h",
        "avatar_url": None,
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.created_at),
        "current_organization": one.organization,
        "resource_type": "User",
        "locale": "en",
    }


def event_type(one: EventType, state: State) -> Json:
    """Return an event type."""
    slug = one.name.lower().replace(" ", "-")
    return {
        "uri": one.uri,
        "name": one.name,
        "active": one.active,
        "booking_method": "instant",
        "slug": slug,
        "scheduling_url": f"https://calendly.com/{slug}",
        "duration": one.duration,
        "duration_options": None,
        "kind": one.kind,
        "pooling_type": one.pooling_type,
        "type": "StandardEventType",
        "color": "#0a7cff",
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.updated_at),
        "internal_note": None,
        "description_plain": None,
        "description_html": None,
        "profile": _profile(one, state),
        "secret": False,
        "deleted_at": stamp(one.deleted_at),
        "admin_managed": False,
        "locations": [{"kind": "google_conference"}],
        "position": 0,
        "locale": "en",
        "custom_questions": [],
    }


def _profile(one: EventType, state: State) -> Json:
    owner = state.users.get(one.owner)
    return {"type": "User" if owner else "Team", "name": owner.name if owner else "Team", "owner": one.owner}


def scheduled_event(one: ScheduledEvent, state: State) -> Json:
    """Return a scheduled event."""
    invitees = state.invitees_of(one.uri)
    active = sum(1 for invitee in invitees if invitee.status == "active")
    members = [state.users[host] for host in one.hosts]
    buffered = {"buffered_start_time": stamp(one.starts_at), "buffered_end_time": stamp(one.ends_at)}
    shown: Json = {
        "uri": one.uri,
        "name": one.name,
        "meeting_notes_plain": None,
        "meeting_notes_html": None,
        "status": one.status,
        "start_time": stamp(one.starts_at),
        "end_time": stamp(one.ends_at),
        "event_type": one.event_type,
        "location": {"type": "google_conference", "status": "processing", "join_url": None},
        "invitees_counter": {"total": len(invitees), "active": active, "limit": one.limit},
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.updated_at),
        "event_memberships": [
            {"user": it.uri, "user_email": it.email, "user_name": it.name, **buffered} for it in members
        ],
        "event_guests": [],
        "calendar_event": {"kind": "google", "external_id": one.uri.rpartition("/")[2].replace("-", "")},
    }
    return shown if one.cancellation is None else {**shown, "cancellation": one.cancellation}


def invitee(one: Invitee) -> Json:
    """Return a booking; with what Bookstream must not keep (R6)."""
    short = one.uri.rpartition("/")[2]
    shown: Json = {
        "uri": one.uri,
        "email": one.email,
        "first_name": one.first_name,
        "last_name": one.last_name,
        "name": one.name,
        "status": one.status,
        "questions_and_answers": [{"question": "Phone", "answer": "+47 555 01 234", "position": 0}],
        "timezone": one.timezone,
        "event": one.event,
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.updated_at),
        "tracking": dict.fromkeys(TRACKING),
        "text_reminder_number": "+47 555 01 234",
        "rescheduled": one.rescheduled,
        "old_invitee": one.old_invitee,
        "new_invitee": one.new_invitee,
        "cancel_url": f"https://calendly.com/cancellations/{short}",
        "reschedule_url": f"https://calendly.com/reschedulings/{short}",
        "routing_form_submission": None,
        "payment": None,
        "no_show": None,
        "reconfirmation": None,
        "scheduling_method": None,
        "invitee_scheduled_by": None,
    }
    return shown if one.cancellation is None else {**shown, "cancellation": one.cancellation}
