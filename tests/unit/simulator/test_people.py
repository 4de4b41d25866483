from ticketonomics_simulator.people import Kind, Person, imagine_people
from ticketonomics_simulator.shops import shop_of


def test_a_seed_always_imagines_the_same_people() -> None:
    assert imagine_people(7, 50) == imagine_people(7, 50)
    assert imagine_people(7, 50) != imagine_people(8, 50)


def test_a_larger_community_begins_with_the_people_of_a_smaller_one() -> None:
    assert imagine_people(7, 500)[:50] == imagine_people(7, 50)


def test_names_are_unique_even_when_there_are_more_people_than_names() -> None:
    names = [character.name for character in imagine_people(1, 1000)]
    assert len(set(names)) == 1000


def test_the_smallest_community_has_one_of_each_kind() -> None:
    assert {character.kind for character in imagine_people(1, 3)} == set(Kind) - {Kind.BOT}


def test_bots_are_the_last_ones() -> None:
    people = imagine_people(1, 10, bots=3)
    assert [p.kind for p in people[7:]] == [Kind.BOT] * 3
    assert people[:7] == imagine_people(1, 10)[:7]


def test_a_shop_has_an_address_that_the_ledger_takes_and_no_namesake_shares() -> None:
    (character,) = imagine_people(1, 1)
    mine = shop_of(Person(character, "abcdefgh12345678", "users/abcdefgh12345678"))
    namesakes = shop_of(Person(character, "zyxwvuts12345678", "users/zyxwvuts12345678"))
    assert mine.name == namesakes.name
    assert mine.address != namesakes.address
    for shop in (mine, namesakes):
        folder, name = shop.address.split("/")
        assert folder == "orgs"
        assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
        assert len(name) <= 64
