# Очереди.
queues-title = Очереди
queues-lead = Каждый ставит один билет. Когда раунд заполнен, жребий выбирает одного — он получает билеты следующего уровня.
queues-part-rounds = Раунды
queues-part-mine = Мои раунды
queues-part-top = Лучшие игроки
queues-all = Все очереди
queues-none = Очереди ещё не открыты
queues-none-hint = Как только сообщество их откроет, вступить можно будет здесь.
queues-unknown = Такой очереди нет
queues-size-small = Малая
queues-size-medium = Средняя
queues-size-large = Большая
queues-sizes = Размеры
queues-tier-line = { $tier } → { $above }
queues-about-queue = Об очереди { $name }
queues-opening = Следующий раунд вот-вот откроется
queues-opening-hint = Сначала должен вернуться сервер, который проводит жеребьёвку. Ничего не пропало.
queues-top-note = У уровня { $tier } нет очереди: выше уже некуда.

# Раунд.
queues-round = Раунд
queues-round-title = Раунд { $number }
queues-round-unknown = Такого раунда нет
queues-filling = Насколько заполнен раунд
queues-of = { $players } из { $places }
queues-one-in = 1 из { $shown }
queues-stake = Вы ставите
queues-stake-back = Вам вернётся
queues-reward = Если выпадет жребий, получите
queues-odds = Ваш шанс
queues-places-left = Свободных мест
queues-place = Место { $place }
queues-you-have-place = Вы в раунде, место { $place }.
queues-fills-in = заполнится примерно за { $span }
queues-fills-soon = вот-вот заполнится
queues-expires = возврат ставок через
queues-drawing = Мест нет: идёт жеребьёвка…
queues-state-unspecified = Неизвестно
queues-state-waiting = Открыт
queues-state-filled = Заполнен
queues-state-in-progress = Жеребьёвка
queues-state-finished = Разыгран
queues-state-expired = Ставки возвращены
queues-won = Выигрыш
queues-lost = Не повезло
queues-you-got = Вы получили
queues-has-won = получает награду:
queues-expired-hint = Раунд не заполнился вовремя. Все ставки вернулись.
queues-last-winner = Прошлый победитель:

# Вступить и выйти.
queues-join = Вступить
queues-join-of = Вступить: { $name }
queues-leave = Выйти
queues-leave-of = Выйти: { $name }
queues-you-have = У вас
queues-no-ticket = У вас нет такого билета
queues-sign-in = Войти, чтобы вступить
queues-sign-in-title = Войдите, чтобы увидеть свои раунды
queues-join-title = Вступить в этот раунд?
queues-join-confirm = Поставить и вступить
queues-join-hint = Пока раунд не заполнен, можно выйти и вернуть ставку. Затем все ставки сгорают, а один участник, выбранный жребием, получает награду.
queues-joined-title = Вы в раунде
queues-joined = Ваше место — { $place } из { $places }.
queues-joined-waiting =
    { $count ->
        [one] Осталось { $count } место. До тех пор можно выйти.
        [few] Осталось { $count } места. До тех пор можно выйти.
       *[many] Осталось { $count } мест. До тех пор можно выйти.
    }
queues-joined-full = Раунд заполнен: жеребьёвка начнётся сразу.
queues-leave-title = Выйти из этого раунда?
queues-leave-confirm = Выйти
queues-leave-hint = Ваше место займёт следующий.
queues-left-title = Вы вышли
queues-left = Вернулось в кошелёк:
queues-my-seats = Вы участвуете

# Итоги.
queues-result-won-title = Жребий выпал вам!
queues-result-lost-title = В этот раз не вам
queues-result-refunded-title = Ставка вернулась
queues-result-won = Шанс был 1 из { $shown }. Жеребьёвку может проверить любой.
queues-result-lost = Шанс был 1 из { $shown }, одинаковый для всех. Все ставки сгорели.
queues-result-refunded = Раунд не заполнился вовремя, поэтому ставки вернулись всем.
queues-mine-empty = Вы ещё не играли
queues-mine-empty-hint = Здесь будут ваши раунды и их итоги.

# Очередь.
queues-people = Участники
queues-entries-table = Все участники раунда и вклад каждого в жребий
queues-nobody = Пока никого.
queues-person = Участник
queues-joined-at = Вступил
queues-figures = Цифры
queues-finished = Разыграно раундов
queues-expired = Не заполнилось
queues-entries = Вступлений
queues-median = Половина заполнилась за
queues-slow = 95 из 100 заполнились за
queues-fairness = Важно ли место?
queues-fairness-hint = Как часто выигрывали места. При честном жребии — примерно одинаково часто.
queues-places = { $from }–{ $to }
queues-before = Прошлые раунды
queues-before-empty = Ни один раунд ещё не разыгран

# Лучшие игроки.
queues-top-tier = Больше всего билетов уровня
queues-top-empty = { $tier }: пока никто не выигрывал
queues-top-empty-hint = Первый победитель окажется здесь.
queues-top-note-wins =
    { $count ->
        [one] { $count } выигранный раунд, вступлений: { $entries }
        [few] { $count } выигранных раунда, вступлений: { $entries }
       *[many] { $count } выигранных раундов, вступлений: { $entries }
    }

# Доказательства и проверка.
queues-evidence = Доказательства раунда
queues-evidence-hint = Сервер выбирает секрет до первого участника и публикует его отпечаток. Что добавит каждый участник, становится известно позже. Поэтому никто не решает исход в одиночку.
queues-opened = Открыт
queues-filled = Заполнен
queues-resolved = Решён
queues-escrow = Ставки хранятся на
queues-secret-later = Откроется вместе с жребием
queues-nonce = Вклад в жребий
queues-verify = Проверить жеребьёвку
queues-check-title = Проверка жеребьёвки
queues-check-lead = Ваше устройство само проведёт жеребьёвку ещё раз — по данным, открытым для всех.
queues-check-kept = Отпечаток секрета сохранился на этом устройстве, когда вы вступили: он тоже сверяется.
queues-check-good = Жеребьёвка честная: всё сходится.
queues-check-bad = Жеребьёвка не сходится с доказательствами.
queues-check-again = Проверить ещё раз
queues-check-facts = Что сверялось
queues-check-finished = Раунд разыгран
queues-check-commitment = Секрет — тот самый, что был обещан
queues-check-entries = Каждый участвует один раз, в порядке вступления
queues-check-draw = Секрет, участники и их вклад дают выигрышное место
queues-check-winner = Награду получил участник на этом месте
queues-fact-round = Раунд
queues-fact-commitment = Отпечаток секрета (SHA-256)
queues-fact-secret = Секрет
queues-fact-kept = Сверено с сохранённым у вас
queues-fact-kept-yes = да
queues-fact-kept-no = нет, вы вступали не здесь
queues-fact-people = Участников
queues-fact-transcript = Хеш всего, что решает исход
queues-fact-place = Место
queues-fact-person = Участник
