# Профили, достижения, таблицы лидеров и экономика в целом.

button-achievements = Достижения
button-profile = « Профиль
button-top = Таблицы лидеров
button-top-experience = Уровень
button-top-wealth = Богатство
button-top-contribution = За месяц
button-top-reputation = Репутация
button-top-winners = 💎 Алмазы

profile-title = <b>{ $name }</b>
profile-level =
    ⭐ Уровень <b>{ $level }</b> · очки: { $experience }
    { $bar } до следующего уровня: { $left }
profile-streak =
    { $days ->
        [0] 🔥 Серии сейчас нет · самая длинная: { $longest }
        [one] 🔥 { $days } день подряд · самая длинная серия: { $longest }
        [few] 🔥 { $days } дня подряд · самая длинная серия: { $longest }
       *[many] 🔥 { $days } дней подряд · самая длинная серия: { $longest }
    }
profile-reputation = 🤝 Репутация: <b>{ $score }</b>
profile-reputation-parts = за время { $tenure }, торговлю { $trades }, голоса { $votes }, помощь { $help }
profile-month = 📅 Очки за этот месяц: { $experience }
profile-achievements = 🏅 Достижения: { $count } из { $total }

achievements-title = <b>Достижения</b>: { $count } из { $total }
achievement-other = <b>{ $name }</b>: { $description }
achievement-newcomer = <b>Новичок</b>: получить первую награду дня
achievement-first-trade = <b>Первая сделка</b>: обменять в пуле
achievement-trader = <b>Трейдер</b>: обменять сто раз
achievement-market-maker = <b>Маркет-мейкер</b>: добавить ликвидность
achievement-voter = <b>Избиратель</b>: проголосовать за или против предложения
achievement-citizen = <b>Гражданин</b>: проголосовать двадцать пять раз
achievement-patron = <b>Инициатор</b>: внести предложение
achievement-first-win = <b>Первая победа</b>: выиграть в очереди ранга
achievement-regular-player = <b>Завсегдатай</b>: встать в пятьдесят очередей
achievement-hundred-taps = <b>Сто тапов</b>: тапнуть сто раз
achievement-viewer = <b>Зритель</b>: посмотреть пятьдесят реклам
achievement-talker = <b>Собеседник</b>: получить награду за сто сообщений
achievement-host = <b>Проводник</b>: привести того, кто останется
achievement-ten-day-streak = <b>Десять дней</b>: быть активным десять дней подряд
achievement-fifty-day-streak = <b>Пятьдесят дней</b>: быть активным пятьдесят дней подряд
achievement-veteran = <b>Ветеран</b>: набрать десять тысяч очков

top-title-experience = <b>Самые высокие уровни</b>
top-title-wealth = <b>Самые богатые</b>
top-title-contribution = <b>Кто сделал больше всех за месяц</b>
top-title-reputation = <b>Лучшая репутация</b>
top-title-winners = <b>Кто выиграл больше всех алмазов</b>
top-level = уровень { $level } ({ $experience })
top-nobody = Пока никого.

economy-title = <b>Экономика</b>
economy-empty = Билетов пока нет.
economy-supply =
    🎟 В обращении: { $supply }
    🔄 Оборачиваемость бронзы за 30 дней: { $velocity }
economy-people = 👥 Активные люди: сегодня { $day }, за 7 дней { $week }, за 30 дней { $month }
economy-wealth = ⚖️ { $holders ->
        [one] У { $holders } человека
        [few] У { $holders } человек
       *[many] У { $holders } человек
    } вместе { $total } 🥉 · Джини { $gini }
economy-top = Доля самых богатых ({ $part } людей): { $share }
economy-queues = 🎲 Розыгрышей: { $finished } · сейчас ждут: { $waiting }
economy-votes = 🏛 Открытых голосований: { $open } · явка до сих пор: { $turnout }
