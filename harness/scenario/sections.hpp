// From a map of the scenario to checked options: each problem at the place of the key or value at
// fault.
#pragma once

#include <string>
#include <vector>

#include "core/options.hpp"
#include "scenario/diagnostics.hpp"
#include "scenario/document.hpp"

namespace seatrial::scenario {

// Reads `map` by its table. `context` opens each message ("cluster", "topic 'orders'"). A value
// that could not be used is left out of the result, so ask with `has` even where the table has a
// default.
Options read_section(const Node& map, const std::vector<OptionSpec>& keys,
                     const std::string& context, Problems& problems);

// Of checked options, those that `keys` has.
Options only(const Options& options, const std::vector<OptionSpec>& keys);

// The map with the list at `key`, of single values, written as one: [a, b].
Node with_list_as_text(Node map, std::string_view key);

// The place of the value at `key`, or of the map if it has none; of `key.entry` in a map of
// properties.
Place place_of(const Node& map, std::string_view key);
Place place_of(const Node& map, std::string_view key, std::string_view entry);
// The place of the value of `key.entry`.
Place value_of(const Node& map, std::string_view key, std::string_view entry);
// Of a problem's name, which may be `option.entry`.
Place place_of_problem(const Node& map, const std::vector<OptionSpec>& keys,
                       const std::string& name);

// A map (absent counts as empty), or a problem.
bool is_map_or_absent(const Node& node, const std::string& context, Problems& problems);

}  // namespace seatrial::scenario
