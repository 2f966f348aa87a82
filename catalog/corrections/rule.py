"""The life of a correction: disputed, then corrected, its mark removed, undeterminable, or withdrawn (art. 26).

Pure: a correction and a command give the change, or every reason why not. Only the source department ends a dispute;
who disputed may withdraw it. The duty of ten working days follows from the change.
"""

from typing import Final

import msgspec
from msgspec.structs import replace

from catalog.corrections import refusals
from catalog.corrections.model import OUTCOMES, CorrectedBy, Correction, CorrectionState, Disputed, Ended, source_of
from catalog.register.canonical import plain
from catalog.register.changes import CORRECTED, CORRECTION, DISPUTED, WITHDRAWN, Change, Command, Lookup, State, Step
from catalog.register.refusals import not_there, unknown_action

ACTIONS: Final = (DISPUTED, *OUTCOMES, WITHDRAWN)


def correction_rule(state: State | None, command: Command, lookup: Lookup) -> Step:
    """Return what a command does to a correction; msgspec's own error where its payload does not fit."""
    if command.action == DISPUTED:
        return _disputed(state, command, lookup)
    if command.action not in ACTIONS:
        return Step(refusals=(unknown_action(command, ACTIONS),))
    if state is None:
        return Step(refusals=(not_there(command),))
    correction = correction_of(state)
    if command.action == CORRECTED:
        return _corrected(correction, command)
    return _ended(correction, command)


def correction_of(state: State) -> Correction:
    """Return the correction that the register holds in this state."""
    return msgspec.convert(state, Correction)


def _disputed(state: State | None, command: Command, lookup: Lookup) -> Step:
    if state is not None:
        return Step(refusals=(refusals.disputed_already(command.entity_id),))
    value = msgspec.convert(command.payload, Disputed)
    if faults := tuple(refusals.of_dispute(value, command, lookup)):
        return Step(refusals=faults)
    return _changed(
        command,
        Correction(
            id=command.entity_id,
            state="disputed",
            value=value,
            subject=value.subject,
            resource=value.resource,
            record_id=value.record_id,
            provider=source_of(value.resource),
            disputed_by=value.disputed_by,
            reason=command.reason or "",
            disputed_at=command.at,
        ),
    )


def _corrected(correction: Correction, command: Command) -> Step:
    fact = msgspec.convert(command.payload, CorrectedBy)
    faults = (
        *refusals.of_end(correction, fact.organisation, command),
        *refusals.of_correcting(correction, fact),
    )
    if faults:
        return Step(refusals=faults)
    ended = replace(correction, corrected_by=fact.event_id, corrected_at=fact.known_at)
    return _changed(command, _after(ended, command, fact.organisation))


def _ended(correction: Correction, command: Command) -> Step:
    organisation = msgspec.convert(command.payload, Ended).organisation
    is_withdrawn = command.action == WITHDRAWN
    faults = (
        refusals.of_withdrawal(correction, organisation, command)
        if is_withdrawn
        else refusals.of_end(correction, organisation, command)
    )
    if told := tuple(faults):
        return Step(refusals=told)
    return _changed(command, _after(correction, command, organisation))


def _after(correction: Correction, command: Command, organisation: str) -> Correction:
    return replace(
        correction,
        state=msgspec.convert(command.action, CorrectionState),
        # The end's fact must rank behind the mark's, whatever the clocks of two processes say.
        ended_at=max(command.at, correction.disputed_at + 1),
        ended_by=organisation,
        end_reason=command.reason or "",
    )


def _changed(command: Command, correction: Correction) -> Step:
    state = plain(correction)
    return Step(
        changes=(
            Change(
                entity=CORRECTION,
                entity_id=correction.id,
                action=command.action,
                state=state,
                reason=command.reason,
            ),
        )
    )
