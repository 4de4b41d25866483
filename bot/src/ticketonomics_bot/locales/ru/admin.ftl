# Для администраторов.

admin-help =
    <b>Для администраторов</b>
    /maintenance on|off [почему] – начать или закончить технические работы
    /parameter [ИМЯ [ЗНАЧЕНИЕ] [# почему]] – посмотреть или задать параметр
    /block КОГО ПОЧЕМУ, /unblock КОГО ПОЧЕМУ – КОГО: @имя, номер или ответ на сообщение
    /veto НОМЕР [spam] ПОЧЕМУ – наложить вето
    /audit – что делалось в последнее время
    /broadcast ТЕКСТ – сообщить всем
admin-no-key = В моих настройках нет ключа оператора.
admin-nothing = Ничего.
admin-maintenance-on = 🛠 Технические работы <b>идут</b>: новое не начинается.
admin-maintenance-off = Технических работ <b>нет</b>.
admin-parameter-usage = Назовите параметр или один из разделов: { $areas }
admin-parameter-default = По умолчанию: { $value }
admin-parameter-ask = Изменить <code>{ $name }</code> с <b>{ $before }</b> на <b>{ $value }</b>?
admin-parameter-done = ✅ <code>{ $name }</code>: теперь <b>{ $value }</b>.
admin-block-usage = Напишите, кого и почему: <code>/block @имя причина</code>
admin-unblock-usage = Напишите, кого и почему: <code>/unblock @имя причина</code>
admin-block-ask = Заблокировать { $name } (<code>{ $person }</code>)? Причина: { $reason }
admin-unblock-ask = Разблокировать { $name } (<code>{ $person }</code>)? Причина: { $reason }
admin-block-done = ✅ Заблокировано: { $name }.
admin-unblock-done = ✅ Разблокировано: { $name }.
admin-veto-usage = Напишите, что и почему: <code>/veto НОМЕР причина</code> или <code>/veto НОМЕР spam причина</code>
admin-veto-ask = Наложить вето на <b>{ $title }</b>? Причину прочтут все: { $reason }
admin-veto-ask-spam = Наложить вето на <b>{ $title }</b> как на спам? Залог сгорит, а причину прочтут все: { $reason }
admin-veto-done = ⛔ Вето наложено: <b>{ $title }</b>.
admin-audit-parameters = <b>Изменения параметров</b>
admin-audit-parameter = { $time } · <code>{ $name }</code>: { $before } → { $value }
admin-audit-vetoes = <b>Вето</b>
admin-audit-blocked = <b>Заблокированы</b>

broadcast-usage = Напишите текст после команды: <code>/broadcast Привет!</code>
broadcast-long = Слишком длинно: в рассылке не больше { $most } знаков.
broadcast-limit = На сегодня рассылок достаточно.
broadcast-ask = 📣 <b>Отправить это всем, кто не отключил рассылки?</b>
broadcast-begun = 📣 Начинаю …
broadcast-going = 📣 Рассылка идёт. Отправлено: { $sent }, недоступны или отключили: { $skipped }.
broadcast-over = 📣 Готово. Отправлено: { $sent }, недоступны или отключили: { $skipped }.
broadcast-stopped = 📣 Остановлено и продолжаться не будет. Отправлено: { $sent }, недоступны или отключили: { $skipped }.
broadcast-stopping = Сейчас остановится.
button-broadcast-stop = Остановить
