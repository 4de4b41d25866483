"""The plug of this room: what the engine needs to know of it."""

from ticketonomics_server.amm import decide, decide_liquidity, decide_pools, rows
from ticketonomics_server.amm.model import (
    AddLiquidity,
    CreatePool,
    PausePool,
    RemoveLiquidity,
    ResumePool,
    SetPoolFee,
    Swap,
)
from ticketonomics_server.engine.domain import Domain, Handling

AMM = Domain(
    name="amm",
    tables=(rows.POOLS,),
    commands={
        Swap: Handling(decide.declare_swap, decide.decide_swap),
        CreatePool: Handling(decide_pools.declare_create_pool, decide_pools.decide_create_pool),
        SetPoolFee: Handling(decide_pools.declare_set_pool_fee, decide_pools.decide_set_pool_fee),
        PausePool: Handling(decide_pools.declare_pool, decide_pools.decide_pause_pool),
        ResumePool: Handling(decide_pools.declare_pool, decide_pools.decide_resume_pool),
        AddLiquidity: Handling(
            decide_liquidity.declare_add_liquidity, decide_liquidity.decide_add_liquidity
        ),
        RemoveLiquidity: Handling(
            decide_liquidity.declare_remove_liquidity, decide_liquidity.decide_remove_liquidity
        ),
    },
)
