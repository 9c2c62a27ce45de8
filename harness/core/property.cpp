// The unit of a property is in its name, in librdkafka as in Kafka.
#include "core/property.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <optional>

#include "core/suggest.hpp"
#include "core/trimmed.hpp"
#include "core/units.hpp"

namespace seatrial {
namespace {

struct Unit {
  enum class Kind { none, time, size };
  Kind kind = Kind::none;
  std::int64_t factor = 1;  // of it in nanoseconds or bytes
  std::string_view noun;    // "milliseconds"
};

Unit unit_of(std::string_view name) {
  struct Ending {
    std::string_view text;
    Unit unit;
  };
  using enum Unit::Kind;
  static constexpr std::array endings = {
      Ending{".ms", {time, 1'000'000, "milliseconds"}},
      Ending{".us", {time, 1'000, "microseconds"}},
      Ending{".ns", {time, 1, "nanoseconds"}},
      Ending{".seconds", {time, 1'000'000'000, "seconds"}},
      Ending{".secs", {time, 1'000'000'000, "seconds"}},
      Ending{".minutes", {time, 60'000'000'000, "minutes"}},
      Ending{".hours", {time, 3'600'000'000'000, "hours"}},
      Ending{".kbytes", {size, 1024, "KiB"}},
  };
  for (const auto& [text, unit] : endings) {
    if (name.ends_with(text)) return unit;
  }
  // `group.max.size` and its kin count members.
  const bool of_members = name.starts_with("group.");
  const bool size_of = name.ends_with(".size") && !of_members;
  if (size_of || name.find("bytes") != name.npos || name.ends_with(".byte.rate")) {
    return {size, 1, "bytes"};
  }
  return {};
}

std::string range_text(const PropertyDefinition& definition) {
  if (definition.most >= 0x1p63) return fmt::format("at least {:.17g}", definition.least);
  if (std::isinf(definition.least)) return fmt::format("at most {:.17g}", definition.most);
  return fmt::format("between {:.17g} and {:.17g}", definition.least, definition.most);
}

// In the property's own unit, if the text is a quantity with a unit.
std::optional<double> in_unit(const Unit& unit, std::string_view text) {
  const auto factor = static_cast<double>(unit.factor);
  if (unit.kind == Unit::Kind::time) {
    if (const auto time = parse_duration(text)) return static_cast<double>(time->count()) / factor;
  }
  if (unit.kind == Unit::Kind::size) {
    if (const auto bytes = parse_size(text)) return static_cast<double>(*bytes) / factor;
  }
  return std::nullopt;
}

Error wrong(const PropertyDefinition& definition, std::string_view value, const Unit& unit) {
  const bool whole = definition.type == PropertyDefinition::Type::integer;
  std::string how = whole ? "a whole number" : "a number";
  if (!unit.noun.empty()) {
    how +=
        fmt::format(" of {}, or {}", unit.noun,
                    unit.kind == Unit::Kind::time ? "a duration as in 30s" : "a size as in 1MiB");
  }
  return Error{fmt::format("'{}': '{}' is not {}", definition.name, value, how), ""};
}

Result<std::string> read_number(const PropertyDefinition& definition, std::string_view value) {
  const bool whole = definition.type == PropertyDefinition::Type::integer;
  const auto unit = unit_of(definition.name);
  const auto in_range = [&](double number) {
    return number >= definition.least && number <= definition.most;
  };
  const auto beyond = [&](double number) {
    if (number > definition.most && definition.most >= 0x1p63)
      return Error{fmt::format("'{}': {} is too large", definition.name, value), ""};
    return Error{
        fmt::format("'{}': must be {}, not {}", definition.name, range_text(definition), value),
        ""};
  };
  if (whole) {
    if (const auto plain = parse_integer(value)) {
      if (!in_range(static_cast<double>(*plain))) return beyond(static_cast<double>(*plain));
      return std::to_string(*plain);
    }
  }
  auto number = in_unit(unit, value);
  if (!number) {
    if (const auto plain = parse_number(value)) number = *plain;
  }
  if (!number) return wrong(definition, value, unit);
  if (!in_range(*number)) return beyond(*number);
  if (!whole) return fmt::format("{}", *number);
  // Beyond it a double has no room for units.
  constexpr double exact = 9'007'199'254'740'992.0;
  if (std::abs(*number) > exact) {
    return Error{fmt::format("'{}': write '{}' out as a whole number, digit by digit",
                             definition.name, value),
                 ""};
  }
  if (*number != std::floor(*number)) {
    return Error{fmt::format("'{}': '{}' is no whole number{}{}", definition.name, value,
                             unit.noun.empty() ? "" : " of ", unit.noun),
                 ""};
  }
  return std::to_string(static_cast<std::int64_t>(*number));
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::optional<Error> wrong_choice(const PropertyDefinition& definition, std::string_view value) {
  const auto same = [&](const std::string& choice) {
    return definition.any_case ? lower(choice) == lower(value) : choice == value;
  };
  if (definition.choices.empty() || std::ranges::any_of(definition.choices, same)) return {};
  std::string list;
  for (const auto& choice : definition.choices) list += (list.empty() ? "" : ", ") + choice;
  return Error{fmt::format("'{}': '{}' is none of {}{}", definition.name, value, list,
                           did_you_mean(value, definition.choices)),
               ""};
}

std::optional<Error> wrong_list(const PropertyDefinition& definition, std::string_view value) {
  while (!trimmed(value).empty()) {
    const auto comma = std::min(value.find(','), value.size());
    if (auto error = wrong_choice(definition, trimmed(value.substr(0, comma)))) return error;
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
  return std::nullopt;
}

}  // namespace

const PropertyDefinition* find_property(const std::vector<PropertyDefinition>& known,
                                        std::string_view name) {
  const auto it = std::ranges::find(known, name, &PropertyDefinition::name);
  return it == known.end() ? nullptr : &*it;
}

std::vector<std::string> names_of(const std::vector<PropertyDefinition>& known) {
  std::vector<std::string> out;
  for (const auto& definition : known) out.push_back(definition.name);
  return out;
}

Result<std::string> read_property(const PropertyDefinition& definition, std::string_view value) {
  using enum PropertyDefinition::Type;
  switch (definition.type) {
    case integer:
    case number: return read_number(definition, value);
    case boolean: {
      const auto word = lower(trimmed(value));
      if (word == "true" || word == "false") return word;
      return Error{fmt::format("'{}': '{}' is neither true nor false", definition.name, value), ""};
    }
    case text: {
      if (auto error = wrong_choice(definition, value)) return std::move(*error);
      return std::string(value);
    }
    case list: {
      if (auto error = wrong_list(definition, value)) return std::move(*error);
      return std::string(value);
    }
  }
  return std::string(value);
}

}  // namespace seatrial
