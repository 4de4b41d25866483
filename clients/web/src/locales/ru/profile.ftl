profile-deeds = Уровень и достижения
profile-settings = Настройки
profile-level-title = Уровень
profile-level = Уровень { $level }
profile-experience = Опыт: { $experience }
profile-to-next = До следующего уровня: { $experience }
profile-month = Опыт за месяц
profile-streak = Серия
profile-longest = Самая длинная серия
profile-reputation = Репутация
profile-active = Активность за 62 дня
profile-first = Здесь с
profile-days =
    { $days ->
        [one] { $days } день
        [few] { $days } дня
       *[many] { $days } дней
    }
profile-achievements = Достижения

# Имена.
names-title = Каким вас видят другие
names-handle = Имя пользователя
names-handle-hint = По нему вас находят и вам платят. Видно всем; менять можно три раза в сутки.
names-name = Имя
names-name-hint = Не длиннее 32 знаков; менять можно пять раз в сутки.
names-public = Показывать моё имя всем
names-public-hint = Иначе другие видят только имя пользователя или номер.

# Предпочтения.
preferences-title = Язык и уведомления
preferences-notifications = Бот присылает мне

# Связанные аккаунты.
identities-title = Связанные аккаунты
identities-what = Откуда бы вы ни зашли, счёт у вас один.
identities-link = Связать ещё один
identities-code = Ваш код
identities-code-how = Введите его там, где ваш другой аккаунт, например в игре: /link { $code }
identities-code-left = Действует один раз, ещё
identities-code-again = Этот код уже был создан и больше не показывается. Создайте другой.
identities-unlink = Отвязать
identities-unlink-title = Отвязать аккаунт?
identities-unlink-note = Кто придёт с ним потом, будет здесь новым человеком.
identities-unlinked = Аккаунт отвязан.
provider-telegram = Telegram
provider-minecraft = Minecraft
provider-simulator = Симулятор

# Личные данные.
data-title = Ваши данные
data-what = Всё личное, что о вас хранится, одним файлом.
data-export = Скачать мои данные
data-leave = Выйти

# Рейтинги.
board-experience = Опыт
board-experience-what = Кто сделал больше всех.
board-wealth = Богатство
board-wealth-what = Билеты всех уровней в пересчёте на бронзу.
board-contribution = За месяц
board-contribution-what = Опыт, полученный в этом месяце.
board-reputation = Репутация
board-reputation-what = Доверие: на него нужно время, и его нельзя купить.
board-empty = Здесь пока никого нет

# Люди.
people-nothing = Ничего нет
people-since = Здесь с
people-merged = Открыть того, с кем объединён счёт

# Достижения.
achievement-newcomer = Новичок
achievement-newcomer-how = Заберите первую награду дня.
achievement-first-trade = Первая сделка
achievement-first-trade-how = Совершите обмен в пуле.
achievement-trader = Трейдер
achievement-trader-how = Совершите сто обменов.
achievement-market-maker = Маркет-мейкер
achievement-market-maker-how = Внесите ликвидность.
achievement-voter = Избиратель
achievement-voter-how = Проголосуйте за предложение.
achievement-citizen = Гражданин
achievement-citizen-how = Проголосуйте двадцать пять раз.
achievement-patron = Инициатор
achievement-patron-how = Внесите предложение.
achievement-first-win = Первая победа
achievement-first-win-how = Выиграйте в очереди.
achievement-regular-player = Завсегдатай
achievement-regular-player-how = Займите очередь пятьдесят раз.
achievement-hundred-taps = Сотня тапов
achievement-hundred-taps-how = Тапните сто раз.
achievement-viewer = Зритель
achievement-viewer-how = Посмотрите пятьдесят реклам.
achievement-talker = Собеседник
achievement-talker-how = Получите награду за сто сообщений.
achievement-host = Радушный хозяин
achievement-host-how = Приведите того, кто останется.
achievement-ten-day-streak = Десять дней
achievement-ten-day-streak-how = Будьте активны десять дней подряд.
achievement-fifty-day-streak = Пятьдесят дней
achievement-fifty-day-streak-how = Будьте активны пятьдесят дней подряд.
achievement-veteran = Ветеран
achievement-veteran-how = Наберите десять тысяч опыта.
