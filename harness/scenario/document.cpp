// Builds the tree from yaml-cpp's events rather than from its nodes: only the events show keys that
// stand twice, where an alias was written, and whether a scalar was quoted.
#include "scenario/document.hpp"

#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <utility>

#include "core/utf8.hpp"

namespace seatrial::scenario {
namespace {

// Far above any scenario; aliases of aliases could otherwise grow without bound.
constexpr std::size_t max_nodes = 100'000;

class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(int source, Problems& problems) : source_(source), problems_(problems) {}

  [[nodiscard]] Node take() { return std::move(root_); }
  [[nodiscard]] Place last_scalar() const { return last_scalar_; }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node;
    node.place = at(mark);
    finish(std::move(node), anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node node;
    node.kind = Node::Kind::scalar;
    node.place = at(mark);
    node.text = value;
    node.quoted = tag == "!";
    last_scalar_ = node.place;
    if (const auto control = first_control(value)) {
      problems_.add(node.place, "this value holds " + control_text(value[*control]) +
                                    ", which neither Kafka's names nor its properties can hold");
    }
    finish(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto it = anchors_.find(anchor);
    if (it == anchors_.end()) {
      problems_.add(at(mark), "this alias refers to a value that contains it");
      return OnNull(mark, 0);
    }
    nodes_ += it->second.size();
    if (nodes_ > max_nodes) {
      throw YAML::ParserException(mark, "aliases make this document too large");
    }
    finish(it->second, 0);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    open(Node::Kind::sequence, mark, anchor, style);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    open(Node::Kind::map, mark, anchor, style);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    Node node;
    YAML::anchor_t anchor = 0;
    std::optional<Node> key;    // read, and waiting for its value
    bool flow = false;          // written within braces or brackets
    std::set<std::size_t> cut;  // entries or items that a comma cut, and which are whole again
  };

  [[nodiscard]] Place at(const YAML::Mark& mark) const {
    return {source_, mark.line + 1, mark.column + 1};
  }

  void open(Node::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor,
            YAML::EmitterStyle::value style) {
    Open next;
    next.flow = style == YAML::EmitterStyle::Flow;
    next.node.kind = kind;
    next.node.place = at(mark);
    next.anchor = anchor;
    open_.push_back(std::move(next));
  }

  void close() {
    auto done = std::move(open_.back());
    open_.pop_back();
    for (const auto index : done.cut) {
      const bool map = done.node.is_map();
      const auto& value = map ? done.node.entries[index].value : done.node.items[index];
      problems_.add(value.place, "'" + value.text + "' is cut at its comma: within " +
                                     (map ? "{...}" : "[...]") + " write \"" + value.text +
                                     "\", in quotes");
    }
    finish(std::move(done.node), done.anchor);
  }

  void finish(Node node, YAML::anchor_t anchor) {
    if (++nodes_ > max_nodes) {
      throw YAML::ParserException(YAML::Mark(), "this document is too large");
    }
    if (anchor != 0) anchors_[anchor] = node;
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    auto& parent = open_.back();
    if (parent.node.kind == Node::Kind::sequence) {
      auto& items = parent.node.items;
      if (parent.flow && !items.empty() && continues(items.back(), node)) {
        items.back().text += ", " + node.text;
        parent.cut.insert(items.size() - 1);
      } else {
        items.push_back(std::move(node));
      }
    } else if (!parent.key) {
      parent.key = std::move(node);
    } else {
      auto& entries = parent.node.entries;
      if (parent.flow && node.kind == Node::Kind::null && !entries.empty() &&
          continues(entries.back().value, *parent.key)) {
        entries.back().value.text += ", " + parent.key->text;
        parent.cut.insert(entries.size() - 1);
      } else {
        if (parent.flow && node.kind == Node::Kind::null && !entries.empty() &&
            entries.back().value.is_scalar() && !entries.back().value.quoted) {
          node.cut_from = entries.back().key + ": " + entries.back().value.text;
        }
        add_entry(parent.node, std::move(*parent.key), std::move(node));
      }
      parent.key.reset();
    }
  }

  // `uniform(100B, 1KiB)` within braces or brackets ends at its comma for YAML, and goes on as a
  // key without a value, or as another item.
  static bool continues(const Node& before, const Node& part) {
    const auto plain = [](const Node& node) { return node.is_scalar() && !node.quoted; };
    return plain(before) && plain(part) &&
           std::ranges::count(before.text, '(') > std::ranges::count(before.text, ')');
  }

  void add_entry(Node& map, Node key, Node value) {
    if (!key.is_scalar()) {
      return problems_.add(key.place, "a key must be a plain word");
    }
    if (key.text == "<<" && !key.quoted) {
      return problems_.add(key.place, "merge keys ('<<') are not allowed: write the values out");
    }
    if (const auto* first = map.find(key.text)) {
      return problems_.add(key.place, "key '" + key.text +
                                          "' stands here a second time, first in line " +
                                          std::to_string(first->place.line));
    }
    // An absent value has no place of its own.
    if (value.kind == Node::Kind::null) value.place = key.place;
    map.entries.push_back({std::move(key.text), key.place, std::move(value)});
  }

  int source_;
  Problems& problems_;
  Node root_;
  Place last_scalar_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Node> anchors_;
  std::size_t nodes_ = 0;
};

// The parser takes a quote that is never closed for one that ends with the text, if that ends with
// a line: what is left of the text without its blank end then shows it.
bool ends_within_quotes(std::string_view text) {
  text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
  struct Nothing final : YAML::EventHandler {
    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
    void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  const std::string&) override {}
    void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
    void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                         YAML::EmitterStyle::value) override {}
    void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                    YAML::EmitterStyle::value) override {}
    void OnSequenceEnd() override {}
    void OnMapEnd() override {}
  } nothing;
  try {
    std::istringstream in{std::string(text)};
    YAML::Parser(in).HandleNextDocument(nothing);
  } catch (const YAML::Exception& error) {
    return error.msg == YAML::ErrorMsg::EOF_IN_SCALAR;
  }
  return false;
}

// The commonest slips: tabs, and braces, which end a plain scalar inside {...}.
std::string hint_about(std::string_view text, int line) {
  for (int i = 1; i < line; ++i) {
    const auto end = text.find('\n');
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  const auto written = text.substr(0, text.find('\n'));
  const auto first = written.find_first_not_of(' ');
  if (first != std::string_view::npos && written[first] == '\t') {
    return "; indent with spaces, not tabs";
  }
  const auto at = written.find("${");
  if (at == std::string_view::npos || (at > 0 && written[at - 1] == '"')) return {};
  return "; inside {...} write \"${...}\" in quotes";
}

}  // namespace

const Entry* Node::find(std::string_view key) const {
  const auto it = std::find_if(entries.begin(), entries.end(),
                               [&](const Entry& entry) { return entry.key == key; });
  return it == entries.end() ? nullptr : &*it;
}

Entry* Node::find(std::string_view key) {
  return const_cast<Entry*>(std::as_const(*this).find(key));  // NOLINT: the object is not const
}

std::size_t Node::size() const {
  std::size_t total = 1;
  for (const auto& entry : entries) total += entry.value.size();
  for (const auto& item : items) total += item.size();
  return total;
}

std::string_view kind_name(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null: return "nothing";
    case Node::Kind::scalar: return "one value";
    case Node::Kind::sequence: return "a list";
    case Node::Kind::map: return "a map";
  }
  return "";
}

bool Node::resolved() const {
  return !unresolved && std::all_of(entries.begin(), entries.end(), [](const Entry& e) {
    return e.value.resolved();
  }) && std::all_of(items.begin(), items.end(), [](const Node& item) { return item.resolved(); });
}

namespace {

// Lines and columns as the parser counts them, which skips a byte order mark.
Place place_in(std::string_view text, std::size_t at, int source) {
  const auto before = without_byte_order_mark(text.substr(0, at));
  const auto newline = before.rfind('\n');
  const auto column = newline == before.npos ? before.size() : before.size() - newline - 1;
  return {source, static_cast<int>(std::ranges::count(before, '\n')) + 1,
          static_cast<int>(column) + 1};
}

}  // namespace

std::optional<Node> parse_document(std::string_view text, int source, Problems& problems) {
  if (const auto at = first_not_utf8(text)) {
    problems.add(place_in(text, *at, source),
                 not_utf8(text, *at) + ": a scenario is a text in UTF-8, so save it as such");
    return std::nullopt;
  }
  if (const auto at = first_control(text)) {
    problems.add(place_in(text, *at, source),
                 "here stands " + control_text(text[*at]) + ": a scenario is a text, so remove it");
    return std::nullopt;
  }
  // Problems met on the way are only worth telling if the text is YAML at all.
  Problems on_the_way = problems;
  TreeBuilder builder(source, on_the_way);
  try {
    // With an end of line: where a quote is never closed, it shows where that was opened.
    std::istringstream in{std::string(text) + "\n"};
    YAML::Parser parser(in);
    if (!parser.HandleNextDocument(builder)) return Node{};
    auto root = builder.take();
    if (ends_within_quotes(text)) {
      problems.add(builder.last_scalar(), "the quote that opens here is never closed");
      return std::nullopt;
    }
    Problems ignored;
    TreeBuilder second(source, ignored);
    if (parser.HandleNextDocument(second)) {
      problems.add(second.take().place,
                   "a second document starts here: a scenario is one document");
      return std::nullopt;
    }
    problems = std::move(on_the_way);
    return root;
  } catch (const YAML::DeepRecursion& error) {
    problems.add({source, error.mark.line + 1, error.mark.column + 1},
                 "this is nested too deep for a scenario");
    return std::nullopt;
  } catch (const YAML::Exception& error) {
    const bool nowhere = error.mark.is_null();
    const Place place{source, nowhere ? 1 : error.mark.line + 1,
                      nowhere ? 1 : error.mark.column + 1};
    problems.add(place, "this is not YAML: " + error.msg + hint_about(text, place.line));
    return std::nullopt;
  }
}

}  // namespace seatrial::scenario
