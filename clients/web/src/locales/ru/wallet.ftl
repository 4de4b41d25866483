wallet-balances = Балансы
wallet-history = История
wallet-requests = Запросы
wallet-holds = Резервы
wallet-schedules = Расписания
wallet-allowances = Разрешения

# Платежи.
pay-title = Платежи
pay-send = Заплатить
pay-ask = Запросить
pay-receive = Мой код
pay-to = Кому
pay-from = От кого
pay-name = Имя
pay-amount = Сумма
pay-asset = Чего
pay-memo = За что
pay-memo-hint = Необязательно. Видят только обе стороны.
pay-fee = Комиссия, сжигается
pay-total = Всего
pay-left = Останется
pay-fee-short = Вместе с комиссией { $fee } это больше, чем у вас есть.
pay-next = Дальше
pay-check = Всё верно?
pay-confirm = Заплатить
pay-final = Отменить платёж нельзя.
pay-done = Оплачено
pay-done-to = { $amount } { $asset } → { $name }
pay-fee-paid = Комиссия: { $fee }
pay-replayed = Платёж уже был проведён раньше и не повторился.
pay-receipt = Открыть квитанцию
recipient-hint = Имя пользователя, например @alice.
recipient-format = 3–32 знака: буквы a–z, цифры и _, первая — буква.
recipient-since = здесь с:
recipient-self = Это вы.
recipient-gone = Этого человека здесь больше нет.

# Запрос платежа.
ask-until = Действует
ask-days =
    { $days ->
        [one] { $days } день
        [few] { $days } дня
       *[many] { $days } дней
    }
ask-check = Запросить?
ask-confirm = Запросить
ask-note = Ничего не спишется, пока запрос не примут.
ask-done = Запрошено
ask-done-from = { $amount } { $asset } от { $name }

# Мой код.
receive-title = Заплатите мне
receive-how = Кто отсканирует код или откроет ссылку, увидит готовый платёж вам и сможет его проверить.
receive-amount = Сумма (необязательно)
receive-text = Заплатите мне билетами
receive-no-handle = Выберите имя пользователя — ссылка станет короче
receive-code = QR-код ссылки { $link }

# История.
history-csv = CSV
history-filter = Фильтр
history-asset = Актив
history-kind = Операция
history-from = С
history-to = По
history-any = Все
history-clear = Сбросить фильтр
history-none-found = По фильтру ничего не нашлось
history-cut = Операций в файле: { $count }, самые новые. Остальные можно получить с фильтром по дате.

# Запросы на оплату.
requests-new = Запросить
requests-in = Просят у меня
requests-out = Прошу я
requests-none-in = У вас никто ничего не просит
requests-none-out = Вы ни у кого ничего не просили
requests-until = Истекает
request-accept = Заплатить
request-decline = Отклонить
request-cancel = Отозвать
request-accept-title = Оплатить запрос?
request-decline-title = Отклонить запрос?
request-cancel-title = Отозвать запрос?
request-accept-done = Оплачено: { $amount } { $asset }
request-decline-done = Отклонено: { $amount } { $asset }
request-cancel-done = Отозвано: { $amount } { $asset }
request-accepted = Оплачен
request-declined = Отклонён
request-cancelled = Отозван
request-expired = Истёк
request-paid-entry = Запись { $sequence } в реестре

# Резервы.
holds-what = Резерв откладывает сумму для кого-то. До списания она остаётся вашей.
holds-open = Открытые
holds-all = Все
holds-none = Ничего не отложено
holds-for = Для:
holds-from = От:
holds-until = До
hold-open = Открыт
hold-captured = Списан
hold-released = Снят
hold-expired = Истёк

# Расписания.
schedules-new = Новое расписание
schedules-none = Расписаний нет
schedules-none-hint = Платите одно и то же каждую неделю или месяц, не думая об этом.
schedule-first = Первый раз
schedule-past = Выберите время в будущем.
schedule-repeat = Повторять
schedule-confirm = Создать расписание
schedule-made = Запланировано
schedule-stop = Остановится
schedule-stop-after =
    { $count ->
        [one] после { $count } неудачи
        [few] после { $count } неудач подряд
       *[many] после { $count } неудач подряд
    }
schedule-active = действует
schedule-paused = на паузе
schedule-completed = завершено
schedule-stopped = остановлено из-за неудач
schedule-cancelled = прекращено
schedule-next = следующий платёж
schedule-counts = Оплачено: { $paid } · неудач: { $failed }
schedule-runs = Платежи
schedule-pause = Пауза
schedule-pause-title = Поставить на паузу?
schedule-pause-note = Пока вы не продолжите, ничего не спишется. Пропущенные платежи не навёрстываются.
schedule-pause-done = Расписание на паузе.
schedule-resume = Продолжить
schedule-resume-title = Продолжить расписание?
schedule-resume-note = Следующий платёж — в ближайшее подходящее время.
schedule-resume-done = Расписание продолжается.
schedule-cancel = Прекратить
schedule-cancel-title = Прекратить расписание?
schedule-cancel-note = Это навсегда. Уже проведённые платежи остаются.
schedule-cancel-done = Расписание прекращено.
repeat-once = один раз
repeat-daily =
    { $every ->
        [one] каждый { $every } день
        [few] каждые { $every } дня
       *[many] каждые { $every } дней
    }
repeat-weekly =
    { $every ->
        [one] каждую { $every } неделю
        [few] каждые { $every } недели
       *[many] каждые { $every } недель
    }
repeat-monthly =
    { $every ->
        [one] каждый { $every } месяц
        [few] каждые { $every } месяца
       *[many] каждые { $every } месяцев
    }
run-retrying = Будет повторён
run-succeeded = Оплачен
run-failed = Не удался

# Разрешения.
allowances-what = Сколько приложения могут списывать с вашего счёта, не спрашивая каждый раз. Разрешение можно отозвать в любой момент.
allowances-none = Ни одно приложение не может ничего списывать
allowances-none-hint = Игры и магазины сами попросят разрешение, когда оно понадобится.
allowance-application = Приложение
allowance-terms = Может списывать
allowance-asks = Должно спрашивать каждый раз
allowance-hour = до { $amount } { $asset } в час
allowance-day = до { $amount } { $asset } в день
allowance-week = до { $amount } { $asset } в неделю
allowance-month = до { $amount } { $asset } в месяц
allowance-total = до { $amount } { $asset } всего
allowance-spent = Списано
allowance-left = осталось
allowance-renews = обновится
allowance-until = До
allowance-over = Истекло
allowance-revoke = Отозвать
allowance-revoke-title = Отозвать разрешение?
allowance-revoke-note = Приложение больше ничего не спишет. Уже отложенное в резерв оно ещё может списать.
allowance-revoked = Приложение больше не может ничего списывать.
grant-title = Дать разрешение приложению
grant-application-hint = Идентификатор, который показывает приложение: 16 букв и цифр.
grant-application-wrong = Идентификатор состоит из 16 букв a–z и цифр.
grant-asks = Спрашивать меня каждый раз
grant-asks-hint = Само ничего не списывает, а присылает запросы.
grant-amount = Не больше
grant-period = За какое время
grant-lasting = На какой срок
grant-no-end = Пока не отзову
grant-confirm = Разрешить
grant-done = Разрешено
grant-note = Приложение сможет списывать до этой суммы, больше вас не спрашивая.
period-hour = за час
period-day = за день
period-week = за неделю
period-month = за месяц
period-total = всего
