# What only admins read.

admin-help =
    <b>For admins</b>
    /maintenance on|off – let nothing new begin
    /block @name reason, /unblock @name reason
    /param name – show a parameter; /param name value reason – set it
    /veto id reason, /veto id spam reason
    /audit – what was changed, vetoed and blocked
    /broadcast text – news to everybody who wants them
admin-maintenance-on = Maintenance is <b>on</b>.
admin-maintenance-off = Maintenance is off.
admin-maintenance-usage = Say on or off: <code>/maintenance on</code>
admin-maintenance-ask-on = Begin maintenance? In the bot and the web app nothing new begins then.
admin-maintenance-ask-off = End maintenance?
admin-param-usage = Say which: <code>/param queues.timeout</code>
admin-param-value = The parameter cannot have this value.
admin-param-ask = Set <code>{ $name }</code> from <b>{ $before }</b> to <b>{ $after }</b>? Everybody can see it, and the reason.
admin-param =
    <code>{ $name }</code> = <b>{ $value }</b> ({ $unit })
    Default { $default }, bounds { $bounds }
    { $description }
admin-block-usage = Say whom and why: <code>/block @name reason</code>, or answer a message with <code>/block reason</code>.
admin-block-ask = Block <b>{ $name }</b> ({ $person })? Nothing leaves the account then. Reason: { $reason }
admin-unblock-ask = Unblock <b>{ $name }</b> ({ $person })? Reason: { $reason }
admin-block-done = <b>{ $name }</b> is blocked.
admin-unblock-done = <b>{ $name }</b> is not blocked any more.
admin-veto-usage = Say what and why: <code>/veto 7k3m9q2x4t6v8w1z reason</code>. For spam: <code>/veto id spam reason</code>.
admin-veto-ask = Veto “{ $title }”? Everybody reads the reason: { $reason }
admin-veto-ask-spam = Veto “{ $title }” as spam? Its deposit is burned. Everybody reads the reason: { $reason }
admin-veto-done = “{ $title }” is vetoed.
admin-audit-parameters = <b>Parameters</b>
admin-audit-change = { $when } <code>{ $name }</code> { $before } → { $after } by { $by }: { $reason }
admin-audit-vetoes = <b>Vetoes</b>
admin-audit-veto = “{ $title }”: { $reason }
admin-audit-blocked = <b>Blocked people</b>
admin-broadcast-usage =
    { $most ->
        [one] Write the news behind the command, one character at most.
       *[other] Write the news behind the command, { $most } characters at most.
    }
admin-broadcast-ask =
    Send this to everybody who has met the bot and has not muted news?

    { $text }
admin-broadcast-often =
    { $most ->
        [one] There is one broadcast a day at most.
       *[other] There are { $most } broadcasts a day at most.
    }
admin-broadcast-done = 📣 Reached: { $reached }, not reached: { $missed }.
