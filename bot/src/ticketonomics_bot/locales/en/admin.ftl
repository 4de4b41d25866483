# What admins are told.

admin-help =
    <b>For admins</b>
    /maintenance on|off [why] – begin or end maintenance
    /parameter [NAME [VALUE] [# why]] – view or set a parameter
    /block WHO WHY, /unblock WHO WHY – WHO is @handle, an id, or an answered message
    /veto ID [spam] WHY – veto a proposal
    /audit – what was done lately
    /broadcast TEXT – tell everybody
admin-no-key = There is no operator's key in my settings.
admin-nothing = Nothing.
admin-maintenance-on = 🛠 Maintenance is <b>on</b>: nothing new is begun.
admin-maintenance-off = Maintenance is <b>off</b>.
admin-parameter-usage = Name a parameter, or one of these areas: { $areas }
admin-parameter-default = By default: { $value }
admin-parameter-ask = Set <code>{ $name }</code> from <b>{ $before }</b> to <b>{ $value }</b>?
admin-parameter-done = ✅ <code>{ $name }</code> is <b>{ $value }</b> now.
admin-block-usage = Write whom and why: <code>/block @name reason</code>
admin-unblock-usage = Write whom and why: <code>/unblock @name reason</code>
admin-block-ask = Block { $name } (<code>{ $person }</code>)? Reason: { $reason }
admin-unblock-ask = Let { $name } (<code>{ $person }</code>) act again? Reason: { $reason }
admin-block-done = ✅ { $name } is blocked.
admin-unblock-done = ✅ { $name } may act again.
admin-veto-usage = Write which and why: <code>/veto ID reason</code>, or <code>/veto ID spam reason</code>
admin-veto-ask = Veto <b>{ $title }</b>? Everybody reads the reason: { $reason }
admin-veto-ask-spam = Veto <b>{ $title }</b> as spam? Its deposit is burned, and everybody reads the reason: { $reason }
admin-veto-done = ⛔ <b>{ $title }</b> is vetoed.
admin-audit-parameters = <b>Parameters set</b>
admin-audit-parameter = { $time } · <code>{ $name }</code>: { $before } → { $value }
admin-audit-vetoes = <b>Vetoes</b>
admin-audit-blocked = <b>Blocked</b>

broadcast-usage = Write the text behind the command: <code>/broadcast Hello!</code>
broadcast-long = That is too long: a broadcast has at most { $most } characters.
broadcast-limit = That were too many broadcasts for one day.
broadcast-ask = 📣 <b>Send this to everybody who has not muted it?</b>
broadcast-begun = 📣 It begins …
broadcast-going = 📣 On its way: { $sent } sent, { $skipped } not reachable or muted.
broadcast-over = 📣 Done: { $sent } sent, { $skipped } not reachable or muted.
broadcast-stopped = 📣 Stopped behind { $sent } sent and { $skipped } not reachable or muted; it does not go on.
broadcast-stopping = It stops in a moment.
button-broadcast-stop = Stop
