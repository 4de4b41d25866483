# Обозреватель.
explorer-title = Обозреватель
explorer-lead = Каждая запись реестра в момент появления. Учётная запись не нужна.
explorer-assets-lead = Всё, что учитывается, и сколько его есть.
explorer-tab-live = Сейчас
explorer-tab-assets = Активы
explorer-live = Прямой эфир: новые блоки появляются сами
explorer-not-live = Ждём прямой эфир…
explorer-blocks = Новые блоки
explorer-transactions = Новые транзакции
explorer-no-blocks = Блоков пока нет
explorer-no-transactions = Здесь нет транзакций
explorer-no-transactions-hint = Как только что-нибудь сдвинется, это появится здесь.
explorer-no-assets = Считать пока нечего
explorer-entry-count =
    { $count ->
        [one] { $count } запись
        [few] { $count } записи
       *[other] { $count } записей
    }
explorer-and-more = + ещё { $count }
explorer-to = кому

# Поиск.
explorer-search = Поиск
explorer-search-hint = Номер транзакции, высота блока, счёт, @имя или актив
explorer-search-go = Найти
explorer-search-empty = Введите, что вы ищете.
explorer-search-unreadable = Это не похоже ни на номер, ни на высоту, счёт, @имя или актив.

# Блоки.
explorer-block = Блок
explorer-block-number = Блок { $height }
explorer-block-lead = Записи, которые были зафиксированы вместе.
explorer-block-pager = Соседние блоки
explorer-block-below = ← Предыдущий блок
explorer-block-above = Следующий блок →
explorer-block-header = Заголовок
explorer-block-transactions = Что переместилось
explorer-block-empty = В этом блоке ничего не перемещалось
explorer-block-empty-hint = В нём другие записи: например, голоса или новые люди.
explorer-entries = Записи
explorer-entry-range =
    { $count ->
        [one] { $count }: с номера { $first } по { $last }
        [few] { $count }: с номера { $first } по { $last }
       *[other] { $count }: с номера { $first } по { $last }
    }
explorer-hash = Хеш
explorer-previous = Хеш предыдущего блока
explorer-root = Корень записей
explorer-recomputed = Вычислен заново здесь
explorer-hash-holds = ✓ хеш верен
explorer-hash-wrong = ✕ хеш неверен

# Транзакции.
explorer-transaction = Транзакция
explorer-transaction-id = Транзакция
explorer-facts = Коротко
explorer-postings = Проводки
explorer-time = Когда
explorer-sequence = Номер записи
explorer-memo = Сообщение
explorer-hold = Холд
explorer-effective = Произошло
explorer-reference = Ссылка
explorer-to-receipt = Квитанция

# Счета.
explorer-account = Счёт
explorer-owner = Владелец
explorer-name = Название
explorer-state = Состояние
explorer-account-open = Открыт
explorer-account-blocked = Заблокирован: может получать, но не платить
explorer-account-closed = Закрыт
explorer-opened = Открыт
explorer-closed = Дата закрытия
explorer-balances = Остатки
explorer-no-balances = На этом счёте ничего нет
explorer-held = из них удержано
explorer-when = Когда
explorer-when-now = Сейчас
explorer-when-height = После блока
explorer-when-time = На момент
explorer-height = Высота блока
explorer-moment = Дата и время
explorer-show = Показать
explorer-as-of = Так было после записи { $sequence }.
explorer-history = История
explorer-all = Все
explorer-asset = Актив
explorer-kind = Вид

# Активы.
explorer-supply = Количество
explorer-circulating = В обращении
explorer-minted = Всего выпущено
explorer-burned = Всего сожжено
explorer-cap = Не больше
explorer-decimals = Знаков после запятой
explorer-fee = Комиссия за перевод
explorer-created = Создан
explorer-holders = У кого он есть
explorer-holders-hint = В порядке открытия счетов.
explorer-no-holders = Ни у кого его нет
explorer-asset-ticket = Билет
explorer-asset-material = Сырьё
explorer-asset-product = Изделие
explorer-asset-share = Доля
explorer-asset-collectible = Коллекционный предмет
explorer-asset-unspecified = Актив
