// The checks that both workloads share; names are compared in canonical form, so aliases match.
#include "workloads/client_options.hpp"

#include <algorithm>

#include "core/check.hpp"
#include "core/names.hpp"
#include "core/units.hpp"

namespace seatrial::workloads {

std::string validate_property(kafka::ClientType type, std::string_view entry,
                              std::span<const OwnProperty> own) {
  const auto equals = entry.find('=');
  const std::string name(entry.substr(0, equals));
  const std::string value(equals == entry.npos ? "" : entry.substr(equals + 1));
  const std::string canonical = kafka::canonical_property(name);
  const auto it = std::ranges::find_if(own, [&](const OwnProperty& property) {
    return kafka::canonical_property(property.name) == canonical;
  });
  if (it != own.end()) return "'" + name + "' cannot be set: " + std::string(it->why);
  return kafka::check_property(type, name, value);
}

std::string validate_group(std::string_view name) { return wrong_name(name, longest_kafka_name); }

std::string validate_open_rate(std::string_view text) {
  const auto rate = parse_rate(text);
  return rate && !rate->unlimited && rate->messages > 0 ? "" : "must be a rate above 0";
}

std::string validate_share(std::string_view text) {
  const auto share = parse_number(text);
  return share && *share >= 0 && *share <= 1 ? "" : "lies between 0 and 1";
}

std::string validate_lanes(std::string_view value) {
  constexpr std::int64_t most = 1024;
  const auto lanes = parse_integer(value);
  if (lanes && *lanes >= 1 && *lanes <= most) return {};
  return "lies between 1 and " + std::to_string(most);
}

std::string validate_members(std::string_view value) {
  const auto members = parse_integer(value);
  if (members && *members >= 1 && *members <= most_members) return {};
  return "lies between 1 and " + std::to_string(most_members);
}

std::string validate_batch(std::string_view value) {
  const auto batch = parse_integer(value);
  return batch && *batch >= 1 && *batch <= 100'000 ? "" : "lies between 1 and 100000";
}

kafka::Properties effective_or_throw(kafka::ClientType type, const kafka::Properties& properties) {
  auto effective = kafka::effective_config(type, properties);
  if (!effective) throw UsageError("properties: " + effective.error().message);
  return std::move(*effective);
}

}  // namespace seatrial::workloads
