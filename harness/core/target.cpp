// Reads and writes targets. The table of kinds is the one list of what may be written.
#include "core/target.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "core/suggest.hpp"
#include "core/trimmed.hpp"
#include "core/units.hpp"

namespace seatrial {
namespace {

enum class Argument {
  none,
  node,
  partition,
  nth,
  controller,
  member,
  coordinator,
  name,
  list,
  ends,
  group
};

struct KindSpec {
  std::string_view name;
  Target::Kind kind;
  Argument argument;
};

constexpr std::array<KindSpec, 18> kinds{{
    {"broker", Target::Kind::broker, Argument::node},
    {"leader", Target::Kind::leader, Argument::partition},
    {"follower", Target::Kind::follower, Argument::nth},
    {"followers", Target::Kind::followers, Argument::partition},
    {"controller", Target::Kind::controller, Argument::controller},
    {"one", Target::Kind::one, Argument::none},
    {"minority", Target::Kind::minority, Argument::none},
    {"majority", Target::Kind::majority, Argument::none},
    {"all", Target::Kind::all, Argument::none},
    {"member", Target::Kind::member, Argument::member},
    {"coordinator", Target::Kind::coordinator, Argument::coordinator},
    {"rack", Target::Kind::rack, Argument::name},
    {"set", Target::Kind::set, Argument::list},    // written in brackets, without its name
    {"link", Target::Kind::link, Argument::ends},  // written with an arrow, without its name
    {"clients", Target::Kind::clients, Argument::group},
    {"brokers", Target::Kind::brokers, Argument::group},
    {"controllers", Target::Kind::controllers, Argument::group},
    {"cluster", Target::Kind::cluster, Argument::none},
}};

bool stands_alone(const KindSpec& spec) {
  return spec.argument != Argument::list && spec.argument != Argument::ends &&
         spec.argument != Argument::group;
}

constexpr std::string_view usage =
    "targets are broker(2), leader(topic/0), follower(topic/0), follower(topic/0, 2), "
    "followers(topic/0), controller, controller(2), coordinator(group readers), "
    "coordinator(transactional id t), rack(name), one, minority, majority, all, member(1), "
    "member(workload/1), "
    "[broker(1), leader(topic/0)], cluster; of faults of the network also links, as in "
    "leader(topic/0) -> followers(topic/0), clients <-> broker(1)";

// Ids of members: above those of all brokers and controllers, a block for each workload.
constexpr std::int32_t first_member = 1'000'000;
constexpr std::int32_t members_at_most = 10'000;

std::string example(const KindSpec& spec) {
  const std::string name(spec.name);
  switch (spec.argument) {
    case Argument::node:
    case Argument::member: return name + "(1)";
    case Argument::partition:
    case Argument::nth: return name + "(topic/0)";
    case Argument::coordinator: return name + "(group readers)";
    case Argument::name: return name + "(name)";
    case Argument::none:
    case Argument::controller:
    case Argument::list:
    case Argument::ends:
    case Argument::group: break;
  }
  return name;
}

Result<Target> with_partition(Target target, std::string_view text, std::string_view argument) {
  const auto slash = argument.rfind('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == argument.size()) {
    return Error{in_quotes(text) + " must name a topic and a partition, as in orders/0", ""};
  }
  const auto partition = parse_integer(argument.substr(slash + 1));
  if (!partition || *partition < 0 || *partition > std::numeric_limits<std::int32_t>::max()) {
    return Error{in_quotes(argument.substr(slash + 1)) + " in " + in_quotes(text) +
                     " is not a partition number",
                 ""};
  }
  target.where = {std::string(argument.substr(0, slash)), static_cast<std::int32_t>(*partition)};
  return target;
}

Result<Target> with_node(Target target, std::string_view text, std::string_view argument) {
  const auto node = parse_integer(argument);
  if (!node || *node < 0 || *node > std::numeric_limits<std::int32_t>::max()) {
    return Error{in_quotes(argument) + " in " + in_quotes(text) + " is not a broker number", ""};
  }
  target.node = NodeId{static_cast<std::int32_t>(*node)};
  return target;
}

Result<Target> with_member(Target target, std::string_view text, std::string_view argument) {
  const auto slash = argument.rfind('/');
  if (slash == 0) return Error{in_quotes(text) + " names no workload before its '/'", ""};
  const auto digits = slash == std::string_view::npos ? argument : argument.substr(slash + 1);
  const auto member = parse_integer(digits);
  if (!member || *member < 1 || *member >= members_at_most) {
    return Error{in_quotes(digits) + " in " + in_quotes(text) +
                     " is not a member's number: they count from 1",
                 ""};
  }
  if (slash != std::string_view::npos) target.workload = std::string(argument.substr(0, slash));
  target.member = static_cast<int>(*member);
  return target;
}

Result<Target> with_controller(Target target, std::string_view text, std::string_view argument) {
  const auto number = parse_integer(argument);
  if (!number || *number < 1 || *number >= members_at_most) {
    return Error{in_quotes(argument) + " in " + in_quotes(text) +
                     " is not a controller's number: they count from 1",
                 ""};
  }
  target.controller = static_cast<int>(*number);
  return target;
}

// orders/0, or orders/0, 2: the second follower.
Result<Target> with_nth(Target target, std::string_view text, std::string_view argument) {
  const auto comma = argument.find(',');
  if (comma != std::string_view::npos) {
    const auto digits = trimmed(argument.substr(comma + 1));
    const auto nth = parse_integer(digits);
    if (!nth || *nth < 1 || *nth > members_at_most) {
      return Error{in_quotes(digits) + " in " + in_quotes(text) +
                       " is not a follower's number: they count from 1",
                   ""};
    }
    target.nth = static_cast<int>(*nth);
  }
  return with_partition(std::move(target), text, trimmed(argument.substr(0, comma)));
}

Result<Target> with_coordinator(Target target, std::string_view text, std::string_view argument) {
  constexpr std::string_view group = "group ", id = "transactional id ";
  target.transactional = argument.starts_with(id);
  if (!target.transactional && !argument.starts_with(group)) {
    return Error{in_quotes(text) + " must say of what: coordinator(group readers), or " +
                     "coordinator(transactional id payments-1)",
                 ""};
  }
  target.name = trimmed(argument.substr(target.transactional ? id.size() : group.size()));
  if (target.name.empty()) return Error{in_quotes(text) + " names nothing", ""};
  return target;
}

Result<Target> with_name(Target target, std::string_view text, std::string_view argument) {
  target.name = trimmed(argument);
  if (target.name.empty()) return Error{in_quotes(text) + " names nothing", ""};
  return target;
}

// Of the entries of [broker(1), follower(orders/0, 2)], as those of a link's end: commas within
// parentheses part nothing.
std::vector<std::string_view> entries_of(std::string_view text) {
  std::vector<std::string_view> out;
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] == '(') ++depth;
    if (i < text.size() && text[i] == ')') --depth;
    if (i < text.size() && (text[i] != ',' || depth > 0)) continue;
    out.push_back(trimmed(text.substr(begin, i - begin)));
    begin = i + 1;
  }
  return out;
}

// Of a set: what is drawn, or is no broker of its own, has no place in one.
bool may_stand_in_a_set(Target::Kind kind) {
  switch (kind) {
    case Target::Kind::broker:
    case Target::Kind::leader:
    case Target::Kind::follower:
    case Target::Kind::followers:
    case Target::Kind::controller:
    case Target::Kind::coordinator: return true;
    case Target::Kind::one:
    case Target::Kind::minority:
    case Target::Kind::majority:
    case Target::Kind::all:
    case Target::Kind::member:
    case Target::Kind::rack:
    case Target::Kind::set:
    case Target::Kind::link:
    case Target::Kind::clients:
    case Target::Kind::brokers:
    case Target::Kind::controllers:
    case Target::Kind::cluster: break;
  }
  return false;
}

Result<Target> parse_set(std::string_view text) {
  if (text.back() != ']') return Error{"target " + in_quotes(text) + " lacks its ']'", ""};
  Target out;
  out.kind = Target::Kind::set;
  for (const auto entry : entries_of(text.substr(1, text.size() - 2))) {
    if (entry.empty()) return Error{"target " + in_quotes(text) + " has an empty entry", ""};
    auto one = parse_target(entry);
    if (!one) return one.error();
    if (!may_stand_in_a_set(one->kind)) {
      return Error{in_quotes(entry) + " cannot stand in a set, which names brokers one by one", ""};
    }
    out.of.push_back(std::move(*one));
  }
  return out;
}

Result<Target> with_argument(const KindSpec& spec, Target target, std::string_view text,
                             std::string_view argument) {
  switch (spec.argument) {
    case Argument::node: return with_node(std::move(target), text, argument);
    case Argument::partition: return with_partition(std::move(target), text, argument);
    case Argument::nth: return with_nth(std::move(target), text, argument);
    case Argument::controller: return with_controller(std::move(target), text, argument);
    case Argument::member: return with_member(std::move(target), text, argument);
    case Argument::coordinator: return with_coordinator(std::move(target), text, argument);
    case Argument::name: return with_name(std::move(target), text, argument);
    case Argument::none:
    case Argument::list:
    case Argument::ends:
    case Argument::group: break;
  }
  return Error{"target '" + std::string(spec.name) + "' takes no argument, got " + in_quotes(text),
               ""};
}

// An arrow outside of parentheses.
struct Arrow {
  std::size_t at = std::string_view::npos, length = 0;
};

Arrow arrow_in(std::string_view text) {
  constexpr std::string_view one_way = "->", both_ways = "<->";
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')') --depth;
    if (depth > 0) continue;
    if (text.substr(i).starts_with(both_ways)) return {i, both_ways.size()};
    if (text.substr(i).starts_with(one_way)) return {i, one_way.size()};
  }
  return {};
}

Result<Target> parse_entry_of_end(std::string_view entry) {
  Target out;
  const auto* spec = std::ranges::find(kinds, entry, &KindSpec::name);
  if (spec != kinds.end() && spec->argument == Argument::group) {
    out.kind = spec->kind;
    return out;
  }
  if (!entry.empty() && entry.find_first_not_of("0123456789") == std::string_view::npos) {
    out.kind = Target::Kind::broker;
    return with_node(std::move(out), entry, entry);
  }
  auto one = parse_target(entry);
  if (!one || may_stand_in_a_set(one->kind)) return one;
  return Error{in_quotes(entry) +
                   " cannot stand at an end of a link, which names brokers one by "
                   "one, or clients, brokers, controllers",
               ""};
}

Result<Target> parse_end(std::string_view link, std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  Target set;
  set.kind = Target::Kind::set;
  for (const auto entry : entries_of(text)) {
    if (entry.empty()) return Error{"link " + in_quotes(link) + " has an empty end or entry", ""};
    auto one = parse_entry_of_end(entry);
    if (!one) return one.error();
    set.of.push_back(std::move(*one));
  }
  if (set.of.size() > 1) return set;
  return Target(set.of.front());
}

Result<Target> parse_link(std::string_view text, const Arrow& arrow) {
  Target out;
  out.kind = Target::Kind::link;
  out.both_ways = text[arrow.at] == '<';
  for (const auto end : {text.substr(0, arrow.at), text.substr(arrow.at + arrow.length)}) {
    auto read = parse_end(text, end);
    if (!read) return read.error();
    out.of.push_back(std::move(*read));
  }
  if (!has_group(out.of[0]) || !has_group(out.of[1])) return out;
  return Error{"link " + in_quotes(text) + ": one of its ends must name brokers one by one", ""};
}

}  // namespace

bool is_group(Target::Kind kind) {
  return kind == Target::Kind::clients || kind == Target::Kind::brokers ||
         kind == Target::Kind::controllers;
}

bool has_group(const Target& end) {
  return is_group(end.kind) ||
         std::ranges::any_of(end.of, [](const Target& one) { return is_group(one.kind); });
}

Result<Target> parse_target(std::string_view text) {
  if (const Arrow arrow = arrow_in(text); arrow.length > 0) return parse_link(text, arrow);
  if (text.starts_with('[')) return parse_set(text);
  const auto open = text.find('(');
  const auto name = text.substr(0, open);
  const auto* spec = std::find_if(kinds.begin(), kinds.end(), [&](const KindSpec& k) {
    return k.name == name && stands_alone(k);
  });
  if (spec == kinds.end()) {
    std::vector<std::string> names;
    for (const auto& k : kinds) {
      if (stands_alone(k)) names.emplace_back(k.name);
    }
    return Error{"unknown target " + in_quotes(text) + did_you_mean(name, names),
                 std::string(usage)};
  }
  Target target;
  target.kind = spec->kind;
  if (open == std::string_view::npos) {
    if (spec->argument == Argument::none || spec->argument == Argument::controller) return target;
    return Error{"target " + in_quotes(text) + " needs an argument: write " + example(*spec), ""};
  }
  if (text.back() != ')') return Error{"target " + in_quotes(text) + " lacks its ')'", ""};
  return with_argument(*spec, std::move(target), text,
                       text.substr(open + 1, text.size() - open - 2));
}

namespace {

std::string set_text(const Target& target) {
  std::string out;
  for (const Target& one : target.of) out += (out.empty() ? "[" : ", ") + to_string(one);
  return out + "]";
}

}  // namespace

std::string to_string(const Target& target) {
  const auto* spec = std::find_if(kinds.begin(), kinds.end(),
                                  [&](const KindSpec& k) { return k.kind == target.kind; });
  const std::string name(spec->name);
  switch (spec->argument) {
    case Argument::node: return name + "(" + std::to_string(target.node.value) + ")";
    case Argument::partition: return name + "(" + to_string(target.where) + ")";
    case Argument::member:
      return name + "(" + (target.workload.empty() ? "" : target.workload + "/") +
             std::to_string(target.member) + ")";
    case Argument::nth:
      return name + "(" + to_string(target.where) +
             (target.nth == 1 ? "" : ", " + std::to_string(target.nth)) + ")";
    case Argument::controller:
      return target.controller == 0 ? name : name + "(" + std::to_string(target.controller) + ")";
    case Argument::coordinator:
      return name + (target.transactional ? "(transactional id " : "(group ") + target.name + ")";
    case Argument::name: return name + "(" + target.name + ")";
    case Argument::list: return set_text(target);
    case Argument::ends:
      return to_string(target.of[0]) + (target.both_ways ? " <-> " : " -> ") +
             to_string(target.of[1]);
    case Argument::none:
    case Argument::group: break;
  }
  return name;
}

NodeId member_node(std::size_t workload, int member) {
  return NodeId(first_member + static_cast<std::int32_t>(workload) * members_at_most + member);
}

bool is_member(NodeId node) { return node.value >= first_member; }

std::size_t workload_of_member(NodeId node) {
  return static_cast<std::size_t>((node.value - first_member) / members_at_most);
}

int number_of_member(NodeId node) { return (node.value - first_member) % members_at_most; }

std::string node_text(NodeId node) {
  if (is_member(node)) return "member " + std::to_string(number_of_member(node));
  return "node " + std::to_string(node.value);
}

}  // namespace seatrial
