// Reads `expect:` and `show:`; their texts are expectation.cpp's.
#include "scenario/expect_reader.hpp"

#include <algorithm>

#include "core/suggest.hpp"
#include "scenario/expectation.hpp"
#include "scenario/sections.hpp"
#include "scenario/tables.hpp"

namespace seatrial::scenario {
namespace {

// A metric that no workload can have would be unknown for ever.
void check_metric(const std::string& section, Place place, const MetricQuestion& e,
                  const Roles& roles, Problems& problems) {
  const auto side = find_metric(e.metric)->side;
  if (!e.workload.empty() && !roles.of.contains(e.workload)) {
    std::vector<std::string> names;
    for (const auto& [name, role] : roles.of) names.push_back(name);
    problems.add(place, section + ": there is no workload '" + e.workload + "'" +
                            did_you_mean(e.workload, names));
    return;
  }
  if (!roles.known || side == MetricSide::cluster) return;
  const auto has = [&](const Roles::Role& role) {
    return side == MetricSide::produced ? role.produces : role.consumes;
  };
  const std::string verb = side == MetricSide::produced ? "produces" : "consumes";
  if (!e.workload.empty()) {
    if (!has(roles.of.at(e.workload))) {
      problems.add(place, section + ": workload '" + e.workload + "' has no '" + e.metric +
                              "': only one that " + verb + " has");
    }
  } else if (std::none_of(roles.of.begin(), roles.of.end(),
                          [&](const auto& named) { return has(named.second); })) {
    problems.add(place, section + ": no workload " + verb + ", so there is no '" + e.metric + "'");
  }
}

Place place_within(const Node& node, const ExpectationError& error) {
  Place place = node.place;
  if (place.column > 0) place.column += static_cast<int>(error.position) + (node.quoted ? 1 : 0);
  return place;
}

class ExpectationReader {
 public:
  ExpectationReader(const Matrix& matrix, const Roles& roles, Problems& problems)
      : matrix_(matrix), roles_(roles), problems_(problems) {}

  std::optional<Expectation> read(const Node& node) {
    if (!node.is_map()) {
      problems_.add(node.place, "expect: each entry must be a map such as {that: acked_lost == 0}");
      return std::nullopt;
    }
    Expectation out;
    out.line = node.place.line;
    out.column = node.place.column;
    auto keys = expect_keys();
    keys.push_back(
        {"where", OptionType::properties, "", "axes and their values", {}, false, nullptr});
    Node plain = node;  // `where` takes lists, which options do not
    std::erase_if(plain.entries, [](const Entry& entry) { return entry.key == "where"; });
    const auto options = read_section(plain, keys, "expect", problems_);
    if (const auto* where = node.find("where")) read_where(where->value, out);
    if (options.has("over")) out.over = over_of(options.text("over"));
    out.outside_faults = options.has("outside");
    const auto* said = comparison_of(node);
    if (said == nullptr || !options.has(said->key)) return std::nullopt;  // and told
    out.control = said->key == "control";
    const auto& that = said->value;
    if (const auto error = parse_that(that.text, out)) {
      problems_.add(place_within(that, *error), "expect: " + error->message);
      return std::nullopt;
    }
    check_metric("expect", that.place, out, roles_, problems_);
    check_scope(node, out);
    return out;
  }

 private:
  // The entry that says what is compared with what; null, and told, unless there is just one.
  const Entry* comparison_of(const Node& node) {
    const auto* that = node.find("that");
    const auto* control = node.find("control");
    if (that != nullptr && control != nullptr) {
      problems_.add(control->place,
                    "expect: an entry has either that or control: give the control one of its own");
      return nullptr;
    }
    if (that == nullptr && control == nullptr) {
      problems_.add(node.place,
                    "expect: missing key 'that' or 'control' (as in acked_lost == 0 or "
                    "p99(produce.response) < 50ms)");
    }
    return that != nullptr ? that : control;
  }

  static Over over_of(const std::string& text) {
    return text == "any" ? Over::any : text == "sum" ? Over::sum : Over::each;
  }

  void read_where(const Node& where, Expectation& out) {
    if (!is_map_or_absent(where, "expect: where", problems_)) return;
    for (const auto& entry : where.entries) {
      const auto axis = std::find_if(matrix_.axes.begin(), matrix_.axes.end(),
                                     [&](const Axis& a) { return a.name == entry.key; });
      if (axis == matrix_.axes.end()) {
        std::vector<std::string> names;
        for (const auto& known : matrix_.axes) names.push_back(known.name);
        if (matrix_.sound) {
          problems_.add(entry.place, "expect: where: there is no axis '" + entry.key +
                                         "' in the matrix" + did_you_mean(entry.key, names));
        }
        continue;
      }
      auto& values = out.where[entry.key];
      if (entry.value.kind == Node::Kind::sequence) {
        for (const auto& item : entry.value.items) add_value(item, *axis, values);
      } else {
        add_value(entry.value, *axis, values);
      }
      if (values.empty() && entry.value.kind == Node::Kind::sequence) {
        problems_.add(entry.place, "expect: where: '" + entry.key + "' has no values");
      }
    }
  }

  void add_value(const Node& node, const Axis& axis, std::vector<std::string>& values) {
    if (!node.is_scalar()) {
      problems_.add(node.place,
                    "expect: where: '" + axis.name + "' takes a value or a list of them");
      return;
    }
    values.push_back(node.text);
    if (!matrix_.sound || node.unresolved ||
        std::find(axis.values.begin(), axis.values.end(), node.text) != axis.values.end()) {
      return;
    }
    std::string list;
    for (const auto& value : axis.values) list += (list.empty() ? "" : ", ") + value;
    problems_.add(node.place, "expect: where: axis '" + axis.name + "' has no value '" + node.text +
                                  "'; it has " + list);
  }

  void check_scope(const Node& node, const Expectation& e) {
    const auto kind = find_metric(e.metric)->kind;
    if (e.outside_faults && kind != MetricKind::latency) {
      problems_.add(place_of(node, "outside"),
                    "expect: only latencies are kept apart outside faults, not '" + e.metric + "'");
    }
    if (e.over == Over::sum && kind != MetricKind::count) {
      problems_.add(place_of(node, "over"), "expect: only counts can be summed over trials, not '" +
                                                e.metric + "'");
    }
  }

  const Matrix& matrix_;
  const Roles& roles_;
  Problems& problems_;
};

bool is_list(const std::string& section, const Node& node, Problems& problems) {
  if (node.kind == Node::Kind::sequence) return true;
  problems.add(node.place, section + " must be a list, not " + std::string(kind_name(node)));
  return false;
}

}  // namespace

std::vector<Expectation> read_expectations(const Node& expect, const Matrix& matrix,
                                           const Roles& roles, Problems& problems) {
  std::vector<Expectation> out;
  if (expect.kind == Node::Kind::null) return out;
  if (!is_list("expect", expect, problems)) return out;
  ExpectationReader reader(matrix, roles, problems);
  for (const auto& item : expect.items) {
    if (auto expectation = reader.read(item)) out.push_back(std::move(*expectation));
  }
  return out;
}

std::vector<MetricQuestion> read_show(const Node& show, const Roles& roles, Problems& problems) {
  std::vector<MetricQuestion> out;
  if (show.kind == Node::Kind::null || !is_list("show", show, problems)) return out;
  for (const auto& item : show.items) {
    if (auto question = read_question("show", item, roles, problems))
      out.push_back(std::move(*question));
  }
  return out;
}

std::optional<MetricQuestion> read_question(const std::string& section, const Node& node,
                                            const Roles& roles, Problems& problems) {
  MetricQuestion out;
  if (node.kind != Node::Kind::scalar) {
    problems.add(node.place, section + ": each entry must be a metric, as in group_skipped");
    return std::nullopt;
  }
  if (const auto error = parse_question(node.text, out)) {
    problems.add(place_within(node, *error), section + ": " + error->message);
    return std::nullopt;
  }
  check_metric(section, node.place, out, roles, problems);
  return out;
}

}  // namespace seatrial::scenario
