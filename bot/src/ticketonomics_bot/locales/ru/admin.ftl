# Читают только администраторы.

admin-help =
    <b>Администраторам</b>
    /maintenance on|off – не начинать ничего нового
    /block @имя причина, /unblock @имя причина
    /param имя – показать параметр; /param имя значение причина – изменить
    /veto номер причина, /veto номер spam причина
    /audit – что изменено, запрещено и заблокировано
    /broadcast текст – новости всем, кто их хочет
admin-maintenance-on = Технические работы <b>идут</b>.
admin-maintenance-off = Технических работ нет.
admin-maintenance-usage = Напишите on или off: <code>/maintenance on</code>
admin-maintenance-ask-on = Начать технические работы? Тогда в боте и приложении ничего нового не начинается.
admin-maintenance-ask-off = Закончить технические работы?
admin-param-usage = Напишите какой: <code>/param queues.timeout</code>
admin-param-value = Такого значения у параметра быть не может.
admin-param-ask = Изменить <code>{ $name }</code> с <b>{ $before }</b> на <b>{ $after }</b>? Это и причину увидят все.
admin-param =
    <code>{ $name }</code> = <b>{ $value }</b> ({ $unit })
    По умолчанию { $default }, границы { $bounds }
    { $description }
admin-block-usage = Напишите, кого и почему: <code>/block @имя причина</code>, или ответьте на сообщение: <code>/block причина</code>.
admin-block-ask = Заблокировать <b>{ $name }</b> ({ $person })? Тогда со счёта ничего не уйдёт. Причина: { $reason }
admin-unblock-ask = Разблокировать <b>{ $name }</b> ({ $person })? Причина: { $reason }
admin-block-done = Блокировка включена: <b>{ $name }</b>.
admin-unblock-done = Блокировка снята: <b>{ $name }</b>.
admin-veto-usage = Напишите, что и почему: <code>/veto 7k3m9q2x4t6v8w1z причина</code>. Если это спам: <code>/veto номер spam причина</code>.
admin-veto-ask = Наложить вето на «{ $title }»? Причину прочтут все: { $reason }
admin-veto-ask-spam = Наложить вето на «{ $title }» как на спам? Залог сгорит. Причину прочтут все: { $reason }
admin-veto-done = На «{ $title }» наложено вето.
admin-audit-parameters = <b>Параметры</b>
admin-audit-change = { $when } <code>{ $name }</code> { $before } → { $after }, кто: { $by }, причина: { $reason }
admin-audit-vetoes = <b>Вето</b>
admin-audit-veto = «{ $title }»: { $reason }
admin-audit-blocked = <b>Заблокированные</b>
admin-broadcast-usage =
    { $most ->
        [one] Напишите новость после команды, не больше { $most } знака.
        [few] Напишите новость после команды, не больше { $most } знаков.
       *[many] Напишите новость после команды, не больше { $most } знаков.
    }
admin-broadcast-ask =
    Отправить это всем, кто знаком с ботом и не отключил новости?

    { $text }
admin-broadcast-often =
    { $most ->
        [one] Можно не больше { $most } рассылки в день.
        [few] Можно не больше { $most } рассылок в день.
       *[many] Можно не больше { $most } рассылок в день.
    }
admin-broadcast-done = 📣 Получили: { $reached }, не получили: { $missed }.
