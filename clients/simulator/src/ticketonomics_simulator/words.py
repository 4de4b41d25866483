"""What people and shops are called, what they sell, and what they pay each other for."""

from dataclasses import dataclass

_NAMES = """
Ada Aiko Akua Alma Amir Anouk Aris Asha Bao Bela Bram Bruno Cai Carla Chidi Cleo Dana Dario Devi
Dilan Eero Ekua Elio Elsa Emre Enya Esra Ezra Faye Femi Finn Flora Gala Gaspar Gia Hana Hugo Ida
Ilse Imran Ines Isko Ivo Jana Jiro Jon Juna Kaia Kala Kenji Kofi Lars Leila Lena Levi Lila Lior
Luca Lumi Mara Mateo Mei Mika Mila Mira Momo Nadia Nico Nils Nora Nuri Odin Ola Omar Oona Otto
Pablo Pavel Pia Priya Quinn Rafa Ravi Rita Romy Rosa Rui Sami Sana Selma Sven Taiga Tariq Tess
Theo Tomas Uma Vera Viggo Wren Yara Yuki Zadie Zeno Zoe
"""
NAMES = tuple(_NAMES.split())


@dataclass(slots=True, frozen=True)
class Good:
    """Something that a shop sells. The price is in BRONZE, about: shops differ."""

    name: str
    price: int


@dataclass(slots=True, frozen=True)
class Trade:
    """A line of business, such as `Bakery`."""

    name: str
    goods: tuple[Good, ...]


TRADES = (
    Trade("Bakery", (Good("a rye loaf", 6), Good("two cinnamon rolls", 9), Good("a cake", 24))),
    Trade("Forge", (Good("an iron pickaxe", 28), Good("a lantern", 14), Good("a horseshoe", 9))),
    Trade("Library", (Good("a map of the caves", 18), Good("a spell book", 35))),
    Trade("Garden", (Good("a bag of seeds", 5), Good("an apple tree", 22), Good("tulips", 8))),
    Trade("Tavern", (Good("a round of cider", 16), Good("a bowl of stew", 8))),
    Trade("Workshop", (Good("a set of gears", 26), Good("a door hinge", 6), Good("a raft", 38))),
    Trade("Gallery", (Good("a portrait", 40), Good("a postcard", 4), Good("a mosaic", 30))),
    Trade("Stables", (Good("a riding lesson", 20), Good("a saddle", 36), Good("some hay", 5))),
    Trade("Observatory", (Good("a star chart", 19), Good("an evening of comets", 12))),
    Trade("Apothecary", (Good("a healing potion", 15), Good("peppermint tea", 5))),
)

TAPS = (
    "tapping away at the quarry",
    "the daily claim",
    "a morning of mushroom picking",
    "greeting three newcomers",
    "sweeping the market square",
    "a quiz answered right",
    "keeping the lighthouse lit",
)

TIP_REASONS = (
    "the castle screenshot",
    "a good joke",
    "help with the redstone lift",
    "a lovely song",
    "finding the lost sheep",
    "the pumpkin recipe",
    "staying up on night watch",
    "an honest review",
)

PAYMENT_REASONS = (
    "half of the picnic",
    "the lift to the harbour",
    "last week's board game",
    "a borrowed ladder",
    "the concert ticket",
    "three hours of digging",
    "a second-hand boat",
)

CASTLES = ("the castle", "the whole harbour", "the moon", "the king's crown")

# What people want the community to decide.
WISHES = (
    "A market every Saturday",
    "A fountain in the square",
    "Tea for every newcomer",
    "A library of recipes",
    "Benches along the river",
    "A day without trade",
    "Lanterns for the harbour",
    "A prize for the kindest",
)
