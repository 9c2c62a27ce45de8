// The names of a Kafka version's broker and topic settings, from the version's own definitions, so
// that a misspelt one is found before a broker starts. Read once from the jars, or from the image
// where there are no jars, and kept in the cache.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace seatrial::clusters {

struct PropertyNames {
  std::vector<std::string> broker, topic;  // sorted
  friend bool operator==(const PropertyNames&, const PropertyNames&) = default;
};

// Nothing if they are neither cached nor cheap to get: without jars or java. Costs two starts of a
// JVM (about 1.5 s) the first time.
std::optional<PropertyNames> property_names(const std::string& version);

// The same, but gets what the kind needs anyway to learn them: the jars of a local cluster, the
// image of a compose one. Nothing if the names cannot be had (the mock has none); the Error says
// what could not be fetched. Throws Interrupted.
Result<std::optional<PropertyNames>> learn_property_names(const std::string& kind,
                                                          const std::string& version,
                                                          const std::stop_token& stop);

// Names in the HTML that Kafka's configuration classes print: anchors `<group>configs_<name>`.
// Pure.
std::vector<std::string> parse_config_html(std::string_view html, std::string_view group);

// The cache file: lines of `broker NAME` and `topic NAME`. Pure.
std::string to_text(const PropertyNames& names);
std::optional<PropertyNames> parse_property_names(std::string_view text);

}  // namespace seatrial::clusters
