// YAML text as a tree of plain values with the place of each. Stricter than YAML: a key that stands
// twice, a merge key (`<<`), a key that is not a scalar, an alias inside its own anchor and a
// second document are problems. Values stay text; what a text means is decided by whoever asks for
// it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenario/diagnostics.hpp"

namespace seatrial::scenario {

struct Entry;

struct Node {
  enum class Kind { null, scalar, sequence, map };
  Kind kind = Kind::null;
  Place place;
  std::string text;         // of a scalar
  bool quoted = false;      // of a scalar: its text starts one column later
  bool unresolved = false;  // a `${...}` in it could not be replaced, which has been told
  std::string cut_from;     // of a null within {...}: `key: text` before its comma, if plain
  std::vector<Entry> entries;  // of a map, in the order of the file
  std::vector<Node> items;     // of a sequence

  [[nodiscard]] bool is_map() const { return kind == Kind::map; }
  [[nodiscard]] bool is_scalar() const { return kind == Kind::scalar; }
  [[nodiscard]] const Entry* find(std::string_view key) const;
  [[nodiscard]] Entry* find(std::string_view key);
  // Nodes in this tree, itself included.
  [[nodiscard]] std::size_t size() const;
  // Whether no node of this tree is unresolved.
  [[nodiscard]] bool resolved() const;
};

struct Entry {
  std::string key;
  Place place;  // of the key
  Node value;
};

// Parses one document. Nothing is returned if the text is not YAML: then `problems` holds that one
// error.
std::optional<Node> parse_document(std::string_view text, int source, Problems& problems);

// "a map", "a list", ... for messages.
std::string_view kind_name(const Node& node);

}  // namespace seatrial::scenario
