"""Parameters of the economy, as people read and write them in a chat."""

from ticketonomics.parameters.v1.parameter_pb2 import Parameter, ParameterValue
from ticketonomics_client.parameters import Value, from_message

from ticketonomics_bot.texts import Html, Texts
from ticketonomics_bot.visit import Complaint

_YES = frozenset({"on", "yes", "true", "1", "да", "вкл"})
_NO = frozenset({"off", "no", "false", "0", "нет", "выкл"})
_LONGEST = 20


def value_text(value: ParameterValue) -> str:
    """Writes a value as it is typed."""
    found = from_message(value)
    if isinstance(found, bool):
        return "on" if found else "off"
    if isinstance(found, list):
        return " ".join(map(str, found))
    return str(found)


def bounds_text(t: Texts, parameter: Parameter) -> Html:
    """Writes what a value may be."""
    match parameter.type:
        case Parameter.TYPE_BOOLEAN:
            return t("parameter-yes-no")
        case Parameter.TYPE_CHOICE:
            return t("parameter-choices", choices=", ".join(parameter.choices))
        case Parameter.TYPE_INTEGER_LIST:
            return t(
                "parameter-list",
                least=str(parameter.minimum),
                most=str(parameter.maximum),
                unit=parameter.unit,
            )
    return t(
        "parameter-bounds",
        least=str(parameter.minimum),
        most=str(parameter.maximum),
        unit=parameter.unit,
    )


def parse_value(parameter: Parameter, text: str) -> Value:
    """Reads a value of a parameter's type.

    Raises:
        Complaint: It is none, or out of bounds.
    """
    words = text.replace(",", " ").split()
    match parameter.type:
        case Parameter.TYPE_BOOLEAN:
            word = text.strip().lower()
            if word not in _YES | _NO:
                raise Complaint("parameter-malformed")
            return word in _YES
        case Parameter.TYPE_CHOICE:
            if text.strip() not in parameter.choices:
                raise Complaint("parameter-malformed")
            return text.strip()
        case Parameter.TYPE_INTEGER_LIST:
            numbers = [_number(parameter, word) for word in words]
            if not parameter.least_count <= len(numbers) <= parameter.greatest_count:
                raise Complaint("parameter-malformed")
            return numbers
    if len(words) != 1:
        raise Complaint("parameter-malformed")
    return _number(parameter, words[0])


def _number(parameter: Parameter, word: str) -> int:
    if len(word) > _LONGEST or not word.lstrip("-").isascii() or not word.lstrip("-").isdigit():
        raise Complaint("parameter-malformed")
    number = int(word)
    if not parameter.minimum <= number <= parameter.maximum:
        raise Complaint(
            "parameter-out-of-bounds", least=str(parameter.minimum), most=str(parameter.maximum)
        )
    return number
