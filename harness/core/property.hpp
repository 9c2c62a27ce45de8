// What a property of a client, a topic or a broker can be, as its own software defines it, and the
// one reader of its values. Software reads numbers by their first digits (`30s` is 30) or refuses
// what is not its own unit; people write units. So a number is read whole, and one with a unit that
// the property can take is converted: `message.timeout.ms: 30s` is 30000.
#pragma once

#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace seatrial {

struct PropertyDefinition {
  enum class Type { text, boolean, integer, number, list };
  std::string name;
  Type type = Type::text;
  // Of integers and numbers, both included.
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
  std::vector<std::string> choices{};  // of texts, and of each part of a list; empty: any
  bool any_case = false;               // of choices
  friend bool operator==(const PropertyDefinition&, const PropertyDefinition&) = default;
};

const PropertyDefinition* find_property(const std::vector<PropertyDefinition>& known,
                                        std::string_view name);
std::vector<std::string> names_of(const std::vector<PropertyDefinition>& known);

// The value as its software shall be given it, or what is wrong with it, the name included. Numbers
// in decimal and without a unit; what is no number stays as it is written.
Result<std::string> read_property(const PropertyDefinition& definition, std::string_view value);

}  // namespace seatrial
