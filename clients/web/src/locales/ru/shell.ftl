# Навигация.
nav = Главное меню
nav-home = Главная
nav-market = Рынок
nav-queues = Очереди
nav-wallet = Кошелёк
nav-parliament = Парламент
nav-economy = Экономика
nav-explorer = Обозреватель
nav-leaderboards = Рейтинги
nav-profile = Профиль
nav-more = Ещё
nav-parliament-about = Решаем вместе
nav-economy-about = Как идут дела
nav-explorer-about = Каждую запись можно проверить
nav-leaderboards-about = Кто впереди
nav-profile-about = Вы, ваш уровень и настройки
language = Язык
skip = Перейти к содержанию

# Состояния.
loading = Загрузка…
busy = Секунду…
done = Готово
close = Закрыть
cancel = Отмена
confirm = Подтвердить
retry = Повторить
more = Показать ещё
save = Сохранить
saved = Сохранено
copy = Скопировать
copied = Скопировано
share = Поделиться
back = Назад
not-found-title = Здесь ничего нет
not-found-text = Такой страницы нет или больше нет.
chart-failed = Не удалось построить график.
outcome-unknown = Пока неизвестно, выполнилось ли действие. Можно спокойно повторить: оно выполнится только один раз.

# Объявления.
banner-offline = Нет связи. Данные на экране могли устареть.
banner-reconnecting = Связь потеряна. Восстанавливаем…
banner-maintenance = Идут технические работы: смотреть можно всё, а новым действиям придётся немного подождать.

# То, что может сказать только страница; остальные ошибки в errors.ftl.
error-general = Не получилось. Попробуйте ещё раз.
error-offline = Сервер недоступен. Проверьте соединение.
error-timeout = Сервер слишком долго не отвечает.
error-unreadable = Не удалось прочитать ответ.
error-request = Номер запроса: { $id }

# Суммы.
amount-available = Доступно: { $amount }
amount-meant = Это { $amount }
amount-all = Всё
amount-empty = Введите сумму.
amount-unreadable = Введите число, например 12,5, 5k или 1,2m.
amount-decimals =
    { $decimals ->
        [0] Только целые числа.
        [one] Не больше { $decimals } знака после запятой.
        [few] Не больше { $decimals } знаков после запятой.
       *[other] Не больше { $decimals } знаков после запятой.
    }
amount-negative = Сумма должна быть больше нуля.
amount-zero = Сумма должна быть больше нуля.
amount-large = Столько не бывает.
amount-too-much = У вас только { $amount }.

# Люди и счета.
person-you = Вы
person-unnamed = Игрок { $id }
account-mint = Выпуск
account-sink = Сожжено
account-queue = Очередь
account-pool = Пул { $name }
account-parliament = Парламент

# Вход.
signin-title = Войти
signin-lead = Ваши билеты привязаны к вашему аккаунту Telegram.
signin-telegram = Через Telegram
signin-telegram-how = Откройте { $bot } в Telegram и нажмите кнопку приложения: вход произойдёт сразу, без пароля.
signin-open = Открыть { $bot }
signin-no-bot = Откройте приложение из бота сообщества в Telegram. Без входа можно смотреть рынок, парламент и всю экономику.
signin-again = Закройте приложение и откройте его снова из бота — так вы войдёте.
signin-citizens = Симулированный житель
signin-citizens-how = Только для разработки: эта экономика живёт на вашей машине, и вы можете стать в ней кем угодно.
signin-search = Поиск
signin-nobody = Никого с таким именем нет
