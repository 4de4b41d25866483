# Здоровье экономики — для всех.
economy-title = Экономика
economy-lead = Как идут дела: эти показатели каждый может пересчитать по открытому реестру.
economy-tab-overview = Обзор
economy-tab-flows = Источники и стоки
economy-tab-wealth = Богатство
economy-tab-activity = Активность
economy-tab-pools = Пулы
economy-scope = Что показать
economy-asset = Актив
economy-window = Период
economy-days =
    { $count ->
        [365] 1 год
        [one] { $count } день
        [few] { $count } дня
       *[other] { $count } дней
    }
economy-day = День
economy-as-table = Таблицей
economy-csv-of = Скачать «{ $title }» в CSV
economy-json-of = Скачать «{ $title }» в JSON
economy-nothing = За этот период ничего нет
economy-nothing-hint = Как только что-нибудь произойдёт, это будет учтено здесь.
economy-nobody = Билетов пока ни у кого нет
economy-sources = Дни считаются по UTC. Показатели отстают от последнего блока на секунду-другую.
economy-from-to = { $first } – { $last }

economy-people = Активные люди
economy-today = Сегодня
economy-week = За 7 дней
economy-month = За 30 дней

economy-supply = Сколько всего
economy-supply-lead = Всё, что выпущено ({ $asset }), за вычетом всего сожжённого, на конец каждого дня.
economy-supply-chart = { $asset } в обращении с { $first } по { $last }; сейчас { $now }. Все дни есть в таблице ниже.
economy-circulating = В обращении
economy-circulating-now = { $asset } в обращении
economy-minted = Выпущено
economy-burned = Сожжено
economy-moved = Перемещено
economy-transactions = Транзакций

economy-flows = Источники и стоки
economy-flows-lead = Откуда берётся и куда уходит { $asset }.
economy-flows-chart = Сколько { $asset } выпущено и сожжено по дням с { $first } по { $last }. Все дни и причины есть в таблице ниже.
economy-faucets = Источники
economy-sinks = Стоки
economy-cause = Причина
economy-cause-of = { $cause } ({ $party })
economy-party-users = люди

economy-velocity = Скорость обращения
economy-velocity-lead = Сколько раз за этот период всё, что есть, сменило владельца.
economy-velocity-times = Сменило владельца
economy-times = { $times } ×
economy-volume = Оборот
economy-mean-supply = В обращении в среднем

economy-wealth = Как распределено богатство
economy-wealth-lead = Билеты всех уровней на личных счетах в пересчёте на бронзу — среди тех, у кого они есть.
economy-gini = Коэффициент Джини
economy-holders = Людей с билетами
economy-total = Всего в бронзе
economy-top =
    { $count ->
        [one] У самых богатых { $share } ({ $count } человек)
        [few] У самых богатых { $share } ({ $count } человека)
       *[other] У самых богатых { $share } ({ $count } человек)
    }
economy-people-share = Доля людей, начиная с самых бедных
economy-wealth-share = Их доля богатства
economy-equal = Если бы у всех было поровну
economy-lorenz-chart = Кривая Лоренца; коэффициент Джини { $gini }. Все точки есть в таблице ниже.

economy-activity = Активные люди по дням
economy-activity-lead = Люди, которые что-то заплатили со своего счёта или получили награду.
economy-activity-chart = Активные люди по дням с { $first } по { $last }. Все дни есть в таблице ниже.
economy-active = Активных людей

economy-pools = Глубина пулов
economy-pools-lead = Что дал бы сейчас обмен 1, 5 и 10 % запаса.
economy-no-pools = Пулов пока нет
economy-pool-table = Глубина пула { $pool }
economy-pool-empty = В этом пуле нет ликвидности.
economy-given = Отдаётся
economy-received = Получается
economy-slippage = Проскальзывание

economy-participation = Участие
economy-participation-lead = Как играют в очереди и как работает парламент.
economy-queues = Очереди
economy-rounds-finished = Разыграно раундов
economy-rounds-expired = Возвращено раундов
economy-entries = Сколько раз входили
economy-waiting = Ждут сейчас
economy-parliament = Парламент
economy-discussed = Обсуждается
economy-voted = Голосуется
economy-passed = Принято, возможно вето
economy-ended-votes = Подсчитано голосований
economy-turnout = Явка
