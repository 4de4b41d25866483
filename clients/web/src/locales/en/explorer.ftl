# The explorer.
explorer-title = Explorer
explorer-lead = Every entry of the ledger, as it happens. Nothing here needs an account.
explorer-assets-lead = Everything that is counted, and how much there is of it.
explorer-tab-live = Live
explorer-tab-assets = Assets
explorer-live = Live: new blocks appear by themselves
explorer-not-live = Waiting for the live stream…
explorer-blocks = Newest blocks
explorer-transactions = Newest transactions
explorer-no-blocks = There is no block yet
explorer-no-transactions = No transactions here
explorer-no-transactions-hint = As soon as something moves, it is shown here.
explorer-no-assets = There is nothing to count yet
explorer-entry-count =
    { $count ->
        [one] { $count } entry
       *[other] { $count } entries
    }
explorer-and-more = + { $count } more
explorer-to = to

# Search.
explorer-search = Search
explorer-search-hint = A transaction's id, a block's height, an account, @name, or an asset
explorer-search-go = Find
explorer-search-empty = Enter what you are looking for.
explorer-search-unreadable = This is no id, height, account, @name or asset.

# Blocks.
explorer-block = Block
explorer-block-number = Block { $height }
explorer-block-lead = A batch of entries that were committed together.
explorer-block-pager = Blocks beside this one
explorer-block-below = ← Block before
explorer-block-above = Next block →
explorer-block-header = Header
explorer-block-transactions = What moved
explorer-block-empty = Nothing moved in this block
explorer-block-empty-hint = It holds other entries, such as votes or new people.
explorer-entries = Entries
explorer-entry-range =
    { $count ->
        [one] { $count }: number { $first }
       *[other] { $count }: { $first } to { $last }
    }
explorer-hash = Hash
explorer-previous = Hash of the block before
explorer-root = Root of the entries
explorer-recomputed = Computed again here
explorer-hash-holds = ✓ the hash is right
explorer-hash-wrong = ✕ the hash is wrong

# Transactions.
explorer-transaction = Transaction
explorer-transaction-id = Transaction
explorer-facts = At a glance
explorer-postings = Postings
explorer-time = When
explorer-sequence = Entry number
explorer-memo = Memo
explorer-hold = Hold
explorer-effective = Happened on
explorer-reference = Reference
explorer-to-receipt = Receipt

# Accounts.
explorer-account = Account
explorer-owner = Owner
explorer-name = Name
explorer-state = State
explorer-account-open = Open
explorer-account-blocked = Blocked: can receive, not pay
explorer-account-closed = Closed
explorer-opened = Opened
explorer-closed = Closed on
explorer-balances = Balances
explorer-no-balances = Nothing is on this account
explorer-held = of which held
explorer-when = When
explorer-when-now = Now
explorer-when-height = After a block
explorer-when-time = At a time
explorer-height = Height of the block
explorer-moment = Date and time
explorer-show = Show
explorer-as-of = As it was after entry { $sequence }.
explorer-history = History
explorer-all = All
explorer-asset = Asset
explorer-kind = Kind

# Assets.
explorer-supply = Supply
explorer-circulating = Circulating
explorer-minted = Ever issued
explorer-burned = Ever burned
explorer-cap = At most
explorer-decimals = Decimals
explorer-fee = Transfer fee
explorer-created = Created
explorer-holders = Who has it
explorer-holders-hint = In the order in which the accounts were opened.
explorer-no-holders = Nobody has any of it
explorer-asset-ticket = Ticket
explorer-asset-material = Raw material
explorer-asset-product = Product
explorer-asset-share = Share
explorer-asset-collectible = Collectible
explorer-asset-unspecified = Asset
