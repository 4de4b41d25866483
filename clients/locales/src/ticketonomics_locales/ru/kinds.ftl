# Названия того, что в контрактах пронумеровано: виды операций, уведомления, ранги.

kind-transfer = Платёж
kind-mint = Выпуск
kind-burn = Сожжено
kind-imported = Перенесено из другого места
kind-merge = Два человека стали одним
kind-erasure = Человек удалён
kind-capture = Оплата из отложенного
kind-swap = Обмен
kind-liquidity-added = Ликвидность внесена
kind-liquidity-removed = Ликвидность возвращена
kind-pool-created = Пул открыт
kind-queue-joined = Вход в очередь
kind-queue-left = Выход из очереди
kind-queue-drawn = Розыгрыш очереди
kind-queue-expired = Очередь истекла, ставка возвращена
kind-tickets-converted = Размен билета
kind-reward-paid = Награда
kind-proposal-created = Залог за предложение
kind-deposit-returned = Залог возвращён
kind-deposit-burned = Залог сожжён
kind-policy-minted = Выпуск по решению Парламента
kind-policy-burned = Сожжено по решению Парламента

notification-payment-received = Платежи вам
notification-queue-result = Итоги ваших очередей
notification-vote-opened = Начало голосований
notification-vote-result = Итоги голосований
notification-allowance-used = Что берут приложения
notification-broadcast = Новости экономики

tier-bronze = Бронза
tier-silver = Серебро
tier-gold = Золото
tier-emerald = Изумруд
tier-sapphire = Сапфир
tier-ruby = Рубин
tier-amethyst = Аметист
tier-diamond = Алмаз
