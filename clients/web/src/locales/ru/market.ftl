# Рынок.
market-title = Рынок
market-lead = Материалы за билеты. Цены никто не назначает: их определяет содержимое пулов.
market-empty = Пулов пока нет
market-empty-hint = Как только кто-нибудь откроет первый, он появится здесь вместе с ценой.
market-live = В эфире
market-not-live = Подключаемся…
market-in = / { $asset }
market-paused = На паузе
market-pool-empty = Пуст
market-reserves = Запас
market-depth = Глубина 1 %
market-depth-hint = Столько нужно внести, чтобы цена выросла на 1 %.
market-day-trades =
    { $count ->
        [0] Сегодня без сделок
        [one] { $shown } сделка за 24 ч
        [few] { $shown } сделки за 24 ч
       *[many] { $shown } сделок за 24 ч
    }
market-change-up = рост на { $percent } за 24 часа
market-change-down = падение на { $percent } за 24 часа
market-change-same = без изменений за 24 часа

# Пул.
market-all-pools = Все пулы
market-unknown-pool = Такого пула нет
market-per = { $quote } за 1 { $base }
market-day = 24 ч:
market-interval = Длительность свечи
market-interval-second = 1 с
market-interval-minute = 1 мин
market-interval-five-minutes = 5 мин
market-interval-hour = 1 ч
market-interval-day = 1 д
market-no-trades = Здесь пока ничем не торговали.
market-chart-refused = Для этого пула нет графика.
market-chart-by = График: TradingView Lightweight Charts™
market-chart-none = График { $pair }: сделок пока не было.
market-chart-summary =
    { $count ->
        [one] График { $pair }: { $count } свеча с { $since }
        [few] График { $pair }: { $count } свечи с { $since }
       *[many] График { $pair }: { $count } свечей с { $since }
    }, от { $open } до { $close }, минимум { $low }, максимум { $high }.
market-candles-table = Последние свечи таблицей
market-candle-time = Время
market-candle-open = Открытие
market-candle-high = Максимум
market-candle-low = Минимум
market-candle-close = Закрытие
market-candle-trades = Сделки
market-candle-price = Цена
market-size = { $asset }
market-records = Что происходило
market-trades = Сделки
market-history = История
market-kind-sold = Продажа
market-kind-bought = Покупка
market-kind-created = Пул открыт
market-kind-liquidity-added = Ликвидность внесена
market-kind-liquidity-removed = Ликвидность изъята
market-about = Об этом пуле
market-reserve-of = Запас: { $asset }
market-depth-of = Поднимет цену на { $percent }
market-fee-of-pool = Комиссия
market-fee-part = из неё сжигается { $percent }
market-share-supply = Долей выпущено
market-since = Открыт
market-about-hint = В пуле два запаса. Кто вносит одно, получает другое, и произведение запасов никогда не уменьшается: чем больше берёте, тем дороже.

# Обмен.
market-dealing = Что сделать
market-swap = Обмен
market-give = Отдаёте: { $asset }
market-receive = Получаете: { $asset }
market-receive-hint = Введите сумму здесь, если важен точный результат.
market-receive-exact = Не меньше этого — за наименьшую возможную сумму.
market-flip = Поменять местами: отдать то, что хотели получить
market-review = Проверить обмен
market-sign-in = Войти, чтобы обменять
market-paused-hint = Этот пул на паузе: пока он не торгует. Забрать ликвидность можно и сейчас.
market-pool-empty-hint = Этот пул пуст: торговать не с чем.
market-execution-price = Ваша цена с комиссией
market-impact = Вы сдвинете цену на
market-impact-noticeable = заметно
market-impact-high = сильно: частями выйдет дешевле
market-fee = Комиссия
market-fee-burned = из неё сгорает: { $amount }
market-at-least = Не меньше, с допуском { $percent }
market-at-most = Не больше, с допуском { $percent }
market-limits = Допуск { $percent }
market-slippage = Допуск
market-slippage-hint = Другие могут успеть раньше вас. На сколько хуже ещё подойдёт?
market-deadline = Не выполнять позже чем через
market-minutes =
    { $count ->
        [one] { $count } минуту
        [few] { $count } минуты
       *[many] { $count } минут
    }
market-swap-confirm-title = Обменять?
market-swap-confirm = Обменять
market-swap-done = Обмен выполнен
market-swap-promise = Либо всё пройдёт в этих пределах, либо не произойдёт ничего. Отменить обмен нельзя.
market-quote-said = За { $given } вы получите { $received }.
market-moved = Цена успела измениться. Ничего не пропало: сначала взгляните на новую.
market-new-quote = Взять новую цену
market-you-give = Отдаёте
market-you-receive = Получаете
market-you-gave = Вы отдали
market-you-received = вы получили
market-receipt = Квитанция

# Ликвидность.
market-liquidity = Ликвидность
market-liquidity-hint = Внесите оба актива — получите долю пула и доход с каждого обмена. Когда цена меняется, одного у вас становится больше, другого меньше.
market-sign-in-liquidity = Войти, чтобы участвовать
market-my-share = Моя доля
market-my-part = Моя часть
market-my-worth = Стоит вместе
market-add = Внести
market-remove = Забрать
market-paused-add-hint = Этот пул на паузе: внести пока нельзя, а забрать можно.
market-linked-hint = Оба вносятся вместе, в пропорции пула.
market-shares-received = Долей за это
market-share-of-pool = Ваша часть пула
market-too-little = Этого мало даже на одну долю.
market-add-review = Проверить взнос
market-add-title = Внести ликвидность?
market-add-confirm = Внести
market-add-done = Внесено
market-added-outcome = В пул ушло:
market-liquidity-promise = Каждого — не более чем на { $percent } меньше, иначе ничего не произойдёт.
market-no-position = У вас нет доли в этом пуле
market-no-position-hint = Внесённое можно забрать в любой момент.
market-remove-part = Забрать { $percent } моей части
market-remove-review = Проверить выдачу
market-remove-title = Забрать ликвидность?
market-remove-confirm = Забрать
market-remove-done = Готово
market-removed-outcome = Из пула пришло:
