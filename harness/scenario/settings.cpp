// Walks the path key by key. Where keys may hold dots the longest one that exists is taken.
#include "scenario/settings.hpp"

#include <algorithm>

#include "core/suggest.hpp"
#include "core/units.hpp"
#include "core/utf8.hpp"

namespace seatrial::scenario {
namespace {

// What keys a map has: fixed ones; names that the user gave; any, with dots in them.
enum class Keys { section, names, free };

class Setter {
 public:
  Setter(int source, Problems& problems) : place_{source, 0, 0}, problems_(problems) {}

  void put(Node& root, std::string_view path, Node value) {
    Node* node = &root;
    Keys keys = Keys::section;
    int depth = 0;
    while (!path.empty()) {
      if (node->kind == Node::Kind::null) node->kind = Node::Kind::map;
      Node* next = node->kind == Node::Kind::sequence ? item(*node, path)
                   : node->is_map()                   ? entry(*node, path, keys)
                                                      : nullptr;
      if (next == nullptr) {
        if (node->is_scalar()) {
          problems_.add(place_, "'" + last_key_ + "' is a single value and has no '" +
                                    std::string(path) + "' below it");
        }
        return;
      }
      node = next;
      keys = below(keys, depth++);
    }
    *node = std::move(value);
  }

 private:
  // What kind of keys the map has that `last_key_` leads to.
  [[nodiscard]] Keys below(Keys keys, int depth) const {
    const bool top = depth == 0 && keys == Keys::section;
    if (top && (last_key_ == "topics" || last_key_ == "workloads")) return Keys::names;
    if (top && last_key_ == "matrix") return Keys::free;
    const bool free = last_key_ == "config" || last_key_ == "properties" ||
                      last_key_ == "features" || last_key_ == "where";
    return keys == Keys::section && free ? Keys::free : Keys::section;
  }

  Node* item(Node& list, std::string_view& path) {
    const auto dot = path.find('.');
    const auto index = parse_integer(path.substr(0, dot));
    if (!index || *index < 0 || static_cast<std::size_t>(*index) >= list.items.size()) {
      problems_.add(place_, "'" + std::string(path.substr(0, dot)) +
                                "' is no position in a list of " +
                                std::to_string(list.items.size()) + ", counted from 0");
      return nullptr;
    }
    last_key_.clear();
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
    return &list.items[static_cast<std::size_t>(*index)];
  }

  Node* entry(Node& map, std::string_view& path, Keys keys) {
    Entry* best = nullptr;
    for (auto& candidate : map.entries) {
      const auto& key = candidate.key;
      const bool fits = path == key || (path.starts_with(key) && path[key.size()] == '.');
      if (fits && (best == nullptr || key.size() > best->key.size())) best = &candidate;
    }
    if (best == nullptr) best = add(map, path, keys);
    if (best == nullptr) return nullptr;
    last_key_ = best->key;
    path.remove_prefix(std::min(path.size(), best->key.size() + 1));
    best->place = place_;
    return &best->value;
  }

  Entry* add(Node& map, std::string_view path, Keys keys) {
    const auto first = path.substr(0, path.find('.'));
    if (keys == Keys::names) {
      std::vector<std::string> names;
      for (const auto& entry : map.entries) names.push_back(entry.key);
      problems_.add(place_, "there is no '" + std::string(first) + "' under " + last_key_ +
                                did_you_mean(first, names));
      return nullptr;
    }
    Entry added;
    added.key = keys == Keys::free ? path : first;
    added.place = place_;
    added.value.place = place_;
    map.entries.push_back(std::move(added));
    return &map.entries.back();
  }

  Place place_;
  Problems& problems_;
  std::string last_key_;
};

// A setting has one place: the setting.
void place_all(Node& node, Place place) {
  node.place = place;
  for (auto& entry : node.entries) {
    entry.place = place;
    place_all(entry.value, place);
  }
  for (auto& item : node.items) place_all(item, place);
}

}  // namespace

void apply_setting(Node& root, const std::string& setting, int source, Problems& problems) {
  const Place place{source, 0, 0};
  const auto equals = setting.find('=');
  if (equals == std::string::npos || equals == 0) {
    return problems.add(place, "a setting is written path=value, as in cluster.brokers=5");
  }
  if (const auto at = first_not_utf8(setting)) {
    return problems.add(place, not_utf8(setting, *at) + ", and a setting has to be");
  }
  auto value = parse_document(std::string_view(setting).substr(equals + 1), source, problems);
  if (!value) return;
  place_all(*value, place);
  Setter(source, problems)
      .put(root, std::string_view(setting).substr(0, equals), std::move(*value));
}

}  // namespace seatrial::scenario
