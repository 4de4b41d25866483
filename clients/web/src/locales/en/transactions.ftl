# A transfer as one side of it reads it.
transaction-to = To { $name }
transaction-from = From { $name }
