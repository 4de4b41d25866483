home-title = Привет, { $name }
home-visitor-title = Город, который живёт на билетах
home-visitor-lead = Зарабатывайте билеты, обменивайте их, занимайте очередь на следующий уровень и решайте вместе. Каждую запись может проверить любой.
home-visitor-in = Присоединяйтесь
home-visitor-how = Войдите, чтобы получать билет каждый день, тапать, торговать и голосовать. Чтобы осмотреться, вход не нужен.
home-visitor-market = Посмотреть рынок
home-visitor-economy = Как идут дела?
home-tickets = Ваши билеты
home-ladder-rule = 20 дают один следующий
home-beyond = Дальше
home-worth = всего в бронзе
home-held = { $amount } в резерве
home-others =
    { $count ->
        [one] Ещё { $count } актив
        [few] Ещё { $count } актива
       *[many] Ещё { $count } активов
    }
home-pay = Заплатить
home-swap = Обменять
home-queue = В очередь
home-now = Что можно сделать сейчас
home-daily = Билет дня
home-claim = Забрать { $amount }
home-claimed = Получено!
home-claimed-streak =
    { $days ->
        [one] { $days } день подряд. Возвращайтесь завтра!
        [few] { $days } дня подряд. Возвращайтесь завтра!
       *[many] { $days } дней подряд. Возвращайтесь завтра!
    }
home-streak =
    { $days ->
        [one] { $days } день подряд
        [few] { $days } дня подряд
       *[many] { $days } дней подряд
    }
home-streak-none = Начните серию: с каждым днём награда растёт
home-streak-days = Награда за каждый день серии
home-streak-day = День { $day }: { $amount }
home-taps = Тапы
home-taps-rule =
    { $taps ->
        [one] { $taps } тап приносит { $amount }
        [few] { $taps } тапа приносят { $amount }
       *[many] { $taps } тапов приносят { $amount }
    }
home-tap = Тапнуть по билету
home-energy = Энергия
home-energy-of = Энергия: { $left } из { $capacity }
home-energy-full = полная к { $time }
home-taps-earned = { $amount } за тапы
home-ads = Реклама за награду
home-ads-left =
    { $left ->
        [0] На сегодня всё
        [one] Сегодня ещё { $left } показ в боте, по { $amount }
        [few] Сегодня ещё { $left } показа в боте, по { $amount }
       *[many] Сегодня ещё { $left } показов в боте, по { $amount }
    }
home-chat = Общение
home-chat-left =
    { $left ->
        [0] Сегодня сообщения больше не считаются
        [one] Сегодня зачтётся ещё { $left } сообщение, следующее принесёт { $amount }
        [few] Сегодня зачтутся ещё { $left } сообщения, следующее принесёт { $amount }
       *[many] Сегодня зачтутся ещё { $left } сообщений, следующее принесёт { $amount }
    }
home-ready = Сейчас
home-activity = Ваши операции
home-economy-activity = Прямо сейчас
home-all = Все
home-no-activity = Пока ничего не произошло
home-no-activity-hint = Заберите билет дня, чтобы начать.
home-invite = Приведите друга
home-invite-how = Если друг, пришедший по вашей ссылке, останется на несколько дней, награду получите вы оба.
home-invite-text = Присоединяйся к нашей билетной экономике!
home-invite-share = Поделиться ссылкой
home-invited =
    { $count ->
        [0] Пока никого
        [one] { $count } друг с нами
        [few] { $count } друга с нами
       *[many] { $count } друзей с нами
    }
