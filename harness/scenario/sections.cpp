// Turns nodes into raw options and problems of options into diagnostics.
#include "scenario/sections.hpp"

#include <algorithm>
#include <iterator>
#include <set>

namespace seatrial::scenario {
namespace {

const OptionSpec* find_spec(const std::vector<OptionSpec>& keys, std::string_view name) {
  const auto it =
      std::find_if(keys.begin(), keys.end(), [&](const OptionSpec& s) { return s.name == name; });
  return it == keys.end() ? nullptr : &*it;
}

// Within {...} a comma ends a value, and what follows it stands there as a key.
std::string cut_hint(const Entry& entry) {
  if (entry.value.cut_from.empty()) return "";
  const auto colon = entry.value.cut_from.find(": ");
  return "; if it belongs to the value before it, write " +
         entry.value.cut_from.substr(0, colon + 2) + "\"" + entry.value.cut_from.substr(colon + 2) +
         "," + entry.key + "\" in quotes";
}

class SectionReader {
 public:
  SectionReader(const Node& map, const std::vector<OptionSpec>& keys, const std::string& context,
                Problems& problems)
      : map_(map), keys_(keys), context_(context), problems_(problems) {}

  Options read() {
    for (const auto& entry : map_.entries) take(entry);
    // What is given but unusable is neither missing nor to be replaced by its default.
    std::vector<OptionSpec> usable;
    std::copy_if(keys_.begin(), keys_.end(), std::back_inserter(usable),
                 [&](const OptionSpec& spec) { return !unusable_.contains(spec.name); });
    std::vector<OptionProblem> found;
    auto options = Options::check(usable, raw_, found);
    for (const auto& problem : found)
      report(place_of_problem(map_, keys_, problem.name), problem.message);
    return options;
  }

 private:
  void take(const Entry& entry) {
    const auto* spec = find_spec(keys_, entry.key);
    const auto& value = entry.value;
    if (spec == nullptr) {
      raw_[entry.key] = {};
    } else if (value.unresolved) {
      unusable_.insert(entry.key);
    } else if (spec->type == OptionType::properties && value.kind == Node::Kind::null) {
      raw_[entry.key] = RawOption{.text = {}, .entries = {}, .is_map = true};
    } else if (value.is_scalar()) {
      raw_[entry.key] = RawOption{.text = value.text, .entries = {}, .is_map = false};
    } else if (value.is_map()) {
      raw_[entry.key] = properties(value, entry.key);
    } else {
      unusable_.insert(entry.key);
      const std::string wanted = spec->type == OptionType::properties ? "a map" : "one value";
      report(value.place,
             value.kind == Node::Kind::null
                 ? entry.key + " has no value" + cut_hint(entry)
                 : entry.key + ": takes " + wanted + ", not " + std::string(kind_name(value)));
    }
  }

  RawOption properties(const Node& map, const std::string& key) {
    RawOption out{.text = {}, .entries = {}, .is_map = true};
    for (const auto& entry : map.entries) {
      if (entry.value.unresolved) continue;
      if (entry.value.is_scalar()) {
        out.entries[entry.key] = entry.value.text;
      } else {
        report(entry.value.place, key + ": " + entry.key + " takes one value, not " +
                                      std::string(kind_name(entry.value)) + cut_hint(entry));
      }
    }
    return out;
  }

  void report(Place place, const std::string& message) {
    problems_.add(place, context_ + ": " + message);
  }

  const Node& map_;
  const std::vector<OptionSpec>& keys_;
  const std::string& context_;
  Problems& problems_;
  std::map<std::string, RawOption> raw_;
  std::set<std::string> unusable_;  // given, but not in a way that can be checked, which is told
};

}  // namespace

Options read_section(const Node& map, const std::vector<OptionSpec>& keys,
                     const std::string& context, Problems& problems) {
  if (!is_map_or_absent(map, context, problems)) {
    std::vector<OptionProblem> ignored;  // what is missing from what is no map
    return Options::check(keys, {}, ignored);
  }
  return SectionReader(map, keys, context, problems).read();
}

Options only(const Options& options, const std::vector<OptionSpec>& keys) {
  std::map<std::string, RawOption> raw;
  for (const auto& [name, value] : options.all()) {
    if (find_spec(keys, name) != nullptr) raw[name] = value;
  }
  std::vector<OptionProblem> ignored;  // told when they were read
  return Options::check(keys, raw, ignored);
}

Node with_list_as_text(Node map, std::string_view key) {
  auto* entry = map.find(key);
  if (entry == nullptr || entry->value.kind != Node::Kind::sequence) return map;
  std::string text;
  for (const auto& item : entry->value.items) {
    if (!item.is_scalar()) return map;  // refused where it is read
    text += (text.empty() ? "[" : ", ") + item.text;
    entry->value.unresolved = entry->value.unresolved || item.unresolved;
  }
  entry->value.text = (text.empty() ? "[" : text) + "]";
  entry->value.kind = Node::Kind::scalar;
  entry->value.items.clear();
  return map;
}

Place place_of(const Node& map, std::string_view key) {
  const auto* entry = map.find(key);
  return entry == nullptr ? map.place : entry->value.place;
}

Place place_of(const Node& map, std::string_view key, std::string_view entry) {
  const auto* outer = map.find(key);
  if (outer == nullptr) return map.place;
  const auto* inner = outer->value.find(entry);
  return inner == nullptr ? outer->value.place : inner->place;
}

Place value_of(const Node& map, std::string_view key, std::string_view entry) {
  const auto* outer = map.find(key);
  const auto* inner = outer == nullptr ? nullptr : outer->value.find(entry);
  return inner == nullptr ? place_of(map, key, entry) : inner->value.place;
}

// An unknown or misread key is shown at the key itself.
Place place_of_problem(const Node& map, const std::vector<OptionSpec>& keys,
                       const std::string& name) {
  if (const auto* entry = map.find(name)) {
    return find_spec(keys, name) == nullptr ? entry->place : entry->value.place;
  }
  for (const auto& spec : keys) {
    if (spec.type == OptionType::properties && name.starts_with(spec.name + ".")) {
      return place_of(map, spec.name, std::string_view(name).substr(spec.name.size() + 1));
    }
  }
  return map.place;
}

bool is_map_or_absent(const Node& node, const std::string& context, Problems& problems) {
  if (node.is_map() || node.kind == Node::Kind::null) return true;
  if (!node.unresolved) {
    problems.add(node.place, context + " must be a map, not " + std::string(kind_name(node)));
  }
  return false;
}

}  // namespace seatrial::scenario
