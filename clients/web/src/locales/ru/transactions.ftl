# Перевод, каким его видит одна из сторон.
transaction-to = Кому: { $name }
transaction-from = От: { $name }
