# Names of what the contracts number: kinds of transactions, notifications, tiers.

kind-transfer = Payment
kind-mint = New supply
kind-burn = Burned
kind-imported = Taken over from elsewhere
kind-merge = People became one
kind-erasure = Person erased
kind-capture = Set-aside amount paid
kind-swap = Swap
kind-liquidity-added = Liquidity added
kind-liquidity-removed = Liquidity taken out
kind-pool-created = Pool opened
kind-queue-joined = Queue joined
kind-queue-left = Queue left
kind-queue-drawn = Queue drawn
kind-queue-expired = Queue expired, stake returned
kind-tickets-converted = Ticket changed into lower ones
kind-reward-paid = Reward
kind-proposal-created = Proposal's deposit
kind-deposit-returned = Deposit returned
kind-deposit-burned = Deposit burned
kind-policy-minted = Minted by the Parliament
kind-policy-burned = Burned by the Parliament

notification-payment-received = Payments to you
notification-queue-result = Results of your queues
notification-vote-opened = Votes that begin
notification-vote-result = Results of votes
notification-allowance-used = What applications take
notification-broadcast = News of the economy

tier-bronze = Bronze
tier-silver = Silver
tier-gold = Gold
tier-emerald = Emerald
tier-sapphire = Sapphire
tier-ruby = Ruby
tier-amethyst = Amethyst
tier-diamond = Diamond
