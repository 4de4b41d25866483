# Предложения и голосования.

verbatim-note = <i>{ $text }</i>
account-treasury = казна

vote-title = <b>Открытые предложения</b>
vote-title-ended = <b>Прошлые предложения</b>
vote-nothing = Сейчас предложений нет. Можно внести своё: /propose
vote-nothing-ended = Пока ничего не решали.
vote-mine-yes = Ваш голос: <b>за</b>. До конца голосования его можно изменить.
vote-mine-no = Ваш голос: <b>против</b>. До конца голосования его можно изменить.
vote-mine-abstain = Вы <b>воздержались</b>. До конца голосования голос можно изменить.
vote-cast-yes = Ваш голос: за
vote-cast-no = Ваш голос: против
vote-cast-abstain = Вы воздержались

button-proposal = « К предложению
button-proposals = « Все предложения
button-proposals-open = Открытые предложения
button-proposals-ended = Прошлые предложения
button-vote-yes = 👍 За
button-vote-no = 👎 Против
button-vote-abstain = 🤷 Воздержусь
button-vote-why = Могу ли я голосовать?
button-withdraw-proposal = Отозвать
button-no-body = Без текста

proposal-untitled = Предложение без названия
proposal-state-discussion = Обсуждается
proposal-state-voting = Идёт голосование
proposal-state-veto-window = Принято; возможно вето
proposal-state-executed = ✅ Принято и исполнено
proposal-state-rejected = ❌ Отклонено
proposal-state-vetoed = ⛔ Наложено вето
proposal-state-withdrawn = Отозвано
proposal-state-expired = Проголосовало слишком мало людей
proposal-state-failed = Принято, но исполнить не удалось
proposal-does-nothing = Оно ничего не меняет, важен сам текст.
proposal-does-parameter = Оно изменит <code>{ $name }</code>: станет <b>{ $value }</b>.
proposal-does-mint = Оно выпустит <b>{ $amount }</b>. Получатель: { $account }.
proposal-does-burn = Оно уничтожит <b>{ $amount }</b>. Владелец: { $account }.
proposal-does-event = Оно назначит событие на { $time }.
proposal-opens = Голосование начнётся { $time }.
proposal-closes = Голосование закончится { $time }.
proposal-executes = Исполнение: { $time }.
proposal-veto-reason = Причина: { $reason }
proposal-failure = Причина: { $reason }
proposal-ask-withdraw = Отозвать предложение <b>{ $title }</b>? Залог вернётся.
proposal-withdrawn = Предложение <b>{ $title }</b> отозвано, залог вернулся.

tally-bar = { $bar } 👍 { $yes } · 👎 { $no } · 🤷 { $abstain }
tally-quorum = Проголосовало: { $cast } из { $electorate }; нужно: { $needed }.
tally-threshold = Чтобы принять, нужно больше { $threshold } голосов из тех, что за или против.

eligible-yes = ✅ <b>Вы можете голосовать.</b>
eligible-no = <b>По этому вопросу вы голосовать не можете.</b> Что учитывается:
rule-identity = Связанные аккаунты: { $has }, нужно: { $needed }
rule-age = Вы здесь: { $has }, нужно: { $needed ->
        [one] { $needed } день
        [few] { $needed } дня
       *[many] { $needed } дней
    }
rule-activity = Дни, когда вы участвовали: { $has }, нужно: { $needed }
rule-standing = Вы не заблокированы

propose-private = Вносите предложения в личном чате со мной.
propose-not-eligible = <b>Вносить предложения вам пока нельзя.</b> Что учитывается:
propose-what = <b>Что должно сделать ваше предложение?</b>
propose-kind-text = Просто высказаться
propose-kind-parameter = Изменить правило
propose-kind-mint = Выпустить билеты
propose-kind-burn = Уничтожить билеты
propose-parameter = Какое правило?
propose-value-now = Сейчас: <b>{ $value }</b>.
propose-value = Напишите новое значение.
propose-whose-mint = Кто их получит?
propose-whose-burn = Чьи билеты?
propose-account-treasury = Казна
propose-account-mine = Я
propose-amount = Сколько бронзовых билетов? Напишите, например, 500 или 5к.
propose-title = Напишите название: одна строка, не больше { $most } знаков.
propose-title-long = В названии должно быть от 1 до { $most } знаков.
propose-body = Теперь напишите почему – сколько угодно слов.
propose-body-long = В тексте может быть не больше { $most } знаков.
propose-ask = <b>Внести это предложение?</b> Его прочтут все.
propose-ask-title = Название: <b>{ $title }</b>
propose-deposit = Залог: <b>{ $deposit }</b>. В конце он вернётся, если предложение не признают спамом.
propose-escrow = { $amount } из ваших билетов сразу откладывается и вернётся, если предложение не примут.
propose-done = ✅ Предложение внесено.

parameter-yes-no = Напишите on или off.
parameter-choices = Одно из: { $choices }
parameter-bounds = От { $least } до { $most } ({ $unit })
parameter-list = Числа через пробел, каждое от { $least } до { $most } ({ $unit })
parameter-malformed = Такого значения здесь быть не может. Посмотрите выше, каким оно бывает.
parameter-out-of-bounds = Это за пределами допустимого: от { $least } до { $most }.
