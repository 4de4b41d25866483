# Балансы, платежи, запросы, история, награды, связи и настройки.

verbatim = { $text }

asset-unknown = Ничего с названием { $code } здесь нет.

balance-title = <b>Что у вас есть</b>
balance-nothing = Пока ничего нет. Хорошее начало – /daily.
balance-held = (отложено { $amount })
balance-more =
    { $count ->
        [one] … и ещё { $count }.
        [few] … и ещё { $count }.
       *[many] … и ещё { $count }.
    }

button-back = « Назад
button-claim = Получить билеты за сегодня
button-decline = Отказать
button-handle = Имя для платежей
button-handle-none = Отказаться от имени
button-handle-other = Другое …
button-hide-name = Скрыть имя
button-language = Язык
button-language-auto = Как в Telegram
button-newer = « Новее
button-notifications = Уведомления
button-older = Раньше »
button-pay-amount = Заплатить { $amount }
button-receive = Получить
button-show-name = Показать имя
button-take-back = Отозвать
button-take-handle = Быть @{ $handle } и здесь
button-tap = Тап ×{ $count }
button-tap-all = Тапнуть всё
button-withdraw = Отозвать

pay-usage =
    Напишите, кому и сколько: <code>/pay @имя 5к за пиццу</code>
    Или ответьте на чьё-нибудь сообщение: <code>/pay 20</code>.
pay-self = Это были бы вы сами.
pay-how-much = Сколько отправить: { $name }? Напишите сумму, например 20 или 5к.
pay-ask = Заплатить <b>{ $amount }</b>? Получит <b>{ $name }</b>.
pay-ask-fee = Комиссия сверху: { $fee }
pay-ask-memo = За что: <i>{ $memo }</i>
pay-ask-differs = ⚠️ В Telegram этого человека зовут @{ $telegram }, а не так, как вы написали. Это точно тот, кто нужен?
pay-ask-unknown = ⚠️ Telegram не говорит мне, кто это. Убедитесь, что это тот, кто нужен.
pay-ask-final = Платёж отменить нельзя.
pay-done = ✅ Отправлено <b>{ $amount }</b>, получает <b>{ $name }</b>. Отменить нельзя.
pay-left = У вас осталось { $amount }.

recipient-bot = У ботов нет кошелька.
recipient-gone = Этого человека здесь больше нет.
recipient-too-many = Назовите, пожалуйста, кого-то одного.
recipient-unknown = Никого с именем @{ $handle } здесь нет. Спросите имя или ответьте на сообщение этого человека командой /pay.

request-usage = Напишите, у кого и сколько попросить: <code>/request @имя 20 за пиццу</code>
request-self = Просить у себя не получится.
request-made = Запрос отправлен: { $name }, <b>{ $amount }</b>.
request-send-link = Написать этому человеку я не могу. Отправьте ему ссылку: { $link }
request-got = <b>{ $name }</b> просит у вас <b>{ $amount }</b>.
request-incoming = <b>{ $name }</b> просит у вас <b>{ $amount }</b>.
request-outgoing = Вы просите <b>{ $amount }</b>. Кого: <b>{ $name }</b>.
request-state-open = Ответа ещё нет. Платёж отменить нельзя.
request-state-accepted = ✅ Оплачено.
request-state-declined = Отказано.
request-state-cancelled = Отозвано.
request-state-expired = Время вышло.
request-closed = На этот запрос уже ответили, или его отозвали.
request-not-yours = Этот запрос не к вам, или его больше нет.
request-was-paid = ✅ Ваш запрос на <b>{ $amount }</b> оплачен. Плательщик: <b>{ $name }</b>.
request-was-declined = Ваш запрос на { $amount } отклонён. Отказ от: <b>{ $name }</b>.

history-nothing = Пока ничего не происходило.
history-title = <b>Что приходило и уходило</b> · страница { $page }
history-from = ＋ { $amount } от { $name }
history-to = − { $amount }, получает { $name }
history-in = ＋ { $amount }
history-out = − { $amount }
history-fee = − { $amount } комиссия

daily-claimed =
    { $streak ->
        [one] 🎁 <b>＋{ $amount }</b>. { $streak } день подряд: приходите завтра, награда растёт.
        [few] 🎁 <b>＋{ $amount }</b>. { $streak } дня подряд: награда растёт, пока вы приходите.
       *[many] 🎁 <b>＋{ $amount }</b>. { $streak } дней подряд: награда растёт, пока вы приходите.
    }
daily-not-due =
    { $streak ->
        [one] Сегодня вы уже получили. Следующая награда через { $wait }; подряд – { $streak } день.
        [few] Сегодня вы уже получили. Следующая награда через { $wait }; подряд – { $streak } дня.
       *[many] Сегодня вы уже получили. Следующая награда через { $wait }; подряд – { $streak } дней.
    }

tap-energy = Энергия: { $bar } { $now } из { $capacity }
tap-worth =
    { $count ->
        [one] { $count } тап приносит { $amount }.
        [few] { $count } тапа приносят { $amount }.
       *[many] { $count } тапов приносят { $amount }.
    }
tap-earned =
    { $count ->
        [one] Засчитан { $count } тап: +{ $amount }
        [few] Засчитано { $count } тапа: +{ $amount }
       *[many] Засчитано { $count } тапов: +{ $amount }
    }
tap-counted =
    { $count ->
        [one] Засчитан { $count } тап. Он хранится, пока не наберётся достаточно.
        [few] Засчитано { $count } тапа. Они хранятся, пока не наберётся достаточно.
       *[many] Засчитано { $count } тапов. Они хранятся, пока не наберётся достаточно.
    }
tap-tired = Энергии не осталось. Она вернётся сама.

cd-title = <b>Что вы можете сделать</b>
cd-daily-now = 🎁 Награда дня: сейчас, { $amount }
cd-daily-later = 🎁 Награда дня: через { $wait }, { $amount }
cd-tap = 👆 Тапы: энергия { $now } из { $capacity }, сегодня ещё { $left }
cd-chat-now = 💬 Общение в группах: сейчас, сегодня ещё { $left }
cd-chat-later = 💬 Общение в группах: через { $wait }
cd-ad-now = 📺 Реклама в приложении: сейчас, сегодня ещё { $left }
cd-ad-later = 📺 Реклама в приложении: через { $wait }
cd-referral-now = 👋 Приглашения через /invite: сегодня ещё { $left }
cd-referral-later = 👋 Приглашения через /invite: через { $wait }

link-code =
    Ваш код: <code>{ $code }</code>
    Введите его там, где ваш другой аккаунт, до { $until }. Он сработает один раз.
    Для другого аккаунта Telegram: { $link }
    Тот, у кого этот код, может присоединить к вам свой аккаунт, поэтому не показывайте код никому.
link-ask = Связать этот аккаунт Telegram с аккаунтом, от которого этот код?
link-ask-merge =
    ⚠️ Присоединить <b>всё, что у вас здесь есть</b>, к аккаунту, от которого этот код?
    Баланс и связанные аккаунты перейдут туда, а этот будет закрыт. Отменить нельзя.
    Продолжайте, только если тот аккаунт ваш и код получили вы сами.
link-done = ✅ Связано. Теперь вы здесь <code>{ $person }…</code>

invite-link = Приглашайте по этой ссылке: { $link }
invite-noted = 👋 Я запомнил, кто вас пригласил.

settings-title = <b>Настройки</b>
settings-language = Язык: { $language }
settings-language-auto = Язык: { $language }, как в Telegram
settings-language-choose = На каком языке мне говорить?
settings-handle = Имя для платежей: @{ $handle }
settings-no-handle = Имени для платежей пока нет: по нему вам могут платить.
settings-handle-choose = По этому имени вас находят и вам платят. Если от него отказаться, оно останется за вами ещё 30 дней.
settings-handle-type = Напишите желаемое имя: 3–32 знака из a–z, 0–9 и _, первый – буква.
settings-handle-malformed = В имени 3–32 знака из a–z, 0–9 и _, первый – буква.
settings-hidden = Ваше имя скрыто: другие видят короткий номер.
settings-visible = Ваше имя видят все: { $name }
settings-notifications = О чём вам сообщать?
language-en = английский
language-ru = русский

inline-help = Напишите сумму: pay 5к
inline-own = Получить должен кто-то другой.
inline-taken = Кто-то успел раньше.
inline-withdrawn = Предложение отозвано.
inline-offer = 🎁 <b>{ $name }</b> предлагает <b>{ $amount }</b>.
inline-offer-title = Предложить { $amount }
inline-offer-description = Получит первый, кто нажмёт, – после вашего подтверждения
inline-wants = <b>{ $name }</b> хочет получить <b>{ $amount }</b>. Решает тот, кто предложил. Платёж отменить нельзя.
inline-balance-title = Показать мой баланс
inline-balance = У <b>{ $name }</b> есть <b>{ $amount }</b>.

group-hello = 🎟 Здравствуйте! Я храню билеты этого сообщества. Ответьте на сообщение командой /pay 5, чтобы заплатить; остальное – в /help. На личное я отвечаю лично.

kind-other = Другое
