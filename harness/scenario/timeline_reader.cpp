// Reads `timeline:` and draws its times and nodes.
#include <algorithm>
#include <set>

#include "core/suggest.hpp"
#include "scenario/draw.hpp"
#include "scenario/fault_reader.hpp"

namespace seatrial::scenario {
namespace {

using Kind = Target::Kind;

bool needs_partition(const Target& target) {
  return target.kind == Kind::leader || target.kind == Kind::follower ||
         target.kind == Kind::followers;
}

// Entries by themselves and those of sequences, in the order of the file.
class TimelineReader {
 public:
  TimelineReader(const FaultSetting& setting, ReadContext& context)
      : setting_(setting), context_(context) {}

  void read(const Node& timeline) {
    for (const auto& item : timeline.items) {
      if (item.is_map() && item.find("sequence") != nullptr) read_sequence(item);
      else add(item, "", InSequence::no);
    }
    check_names();
  }

  std::vector<FaultRead> take() { return std::move(out_); }

 private:
  void read_sequence(const Node& item) {
    const Node& steps = item.find("sequence")->value;
    if (item.entries.size() > 1 || steps.kind != Node::Kind::sequence || steps.items.empty()) {
      return context_.problems.add(item.place,
                                   "timeline: a sequence is a list of entries, and stands alone: "
                                   "{sequence: [{at: 5s, ...}, {...}]}");
    }
    std::string previous;
    for (const auto& step : steps.items) previous = add(step, previous, InSequence::yes);
  }

  enum class InSequence { no, yes };

  // The entry's name: what follows it in a sequence waits for it.
  std::string add(const Node& entry, const std::string& previous, InSequence in_sequence) {
    const std::string own_name = "entry-" + std::to_string(++position_);
    auto fault = read_fault(entry, previous, setting_, context_);
    if (!fault) {
      complete_ = false;
      return own_name;
    }
    fault->position = position_ - 1;
    if (in_sequence == InSequence::yes) {
      if (fault->again)
        context_.problems.add(entry.place,
                              "timeline: nothing can follow what comes again and "
                              "again: take it out of the sequence");
      if (fault->plan.name.empty()) fault->plan.name = own_name;
    }
    out_.push_back(std::move(*fault));
    return out_.back().plan.name;
  }

  [[nodiscard]] const FaultRead* named(const std::string& name) const {
    const auto it = std::find_if(out_.begin(), out_.end(),
                                 [&](const FaultRead& f) { return f.plan.name == name; });
    return it == out_.end() ? nullptr : &*it;
  }

  // For whom an entry waits; null: for nobody, or for a name that is told already.
  [[nodiscard]] const FaultRead* awaited(const FaultRead& fault) const {
    const auto& when = fault.plan.trigger.when;
    return when && names_fault(when->kind) ? named(when->name) : nullptr;
  }

  void check_names() {
    if (!complete_) return;  // whoever is missing may have the name
    std::vector<std::string> names;
    for (const auto& fault : out_) {
      if (fault.plan.name.empty()) continue;
      if (named(fault.plan.name) != &fault)
        context_.problems.add(fault.place,
                              "timeline: two entries are named '" + fault.plan.name + "'");
      names.push_back(fault.plan.name);
    }
    for (const auto& fault : out_) {
      const auto& when = fault.plan.trigger.when;
      if (when && names_fault(when->kind) && named(when->name) == nullptr) {
        context_.problems.add(fault.place, "timeline: no entry is named '" + when->name + "'" +
                                               did_you_mean(when->name, names));
      }
      check_not_circular(fault);
    }
  }

  void check_not_circular(const FaultRead& fault) {
    const FaultRead* next = awaited(fault);
    for (std::size_t steps = 0; next != nullptr && steps < out_.size(); ++steps) {
      if (next == &fault) {
        context_.problems.add(fault.place, "timeline: '" + fault.plan.name +
                                               "' waits for itself, and so never strikes");
        return;
      }
      next = awaited(*next);
    }
  }

  const FaultSetting& setting_;
  ReadContext& context_;
  std::uint64_t position_ = 0;
  bool complete_ = true;  // every entry could be read
  std::vector<FaultRead> out_;
};

bool same_time(const FaultRead& a, const FaultRead& b) {
  if (!a.plan.trigger.at || !b.plan.trigger.at) return false;  // acks come when they come
  return *a.plan.trigger.at + a.plan.trigger.delay < *b.until &&
         *b.plan.trigger.at + b.plan.trigger.delay < *a.until;
}

bool earlier(const FaultRead& a, const FaultRead& b) {
  const auto& x = a.plan.trigger.at;
  const auto& y = b.plan.trigger.at;
  return x && (!y || *x < *y);
}

// Each time of what comes again and again as a fault of its own, and in the plan's order.
std::vector<FaultRead> unrolled(const std::vector<FaultRead>& faults, std::uint64_t trial_seed) {
  std::vector<FaultRead> out;
  for (const auto& fault : faults) {
    if (!fault.again) {
      out.push_back(fault);
      out.back().seed = derive_seed(trial_seed, fault.position);
      continue;
    }
    const auto& again = *fault.again;
    const auto seed = derive_seed(trial_seed, fault.position);
    for (std::uint64_t k = 0; again.first + static_cast<std::int64_t>(k) * again.every < again.end;
         ++k) {
      FaultRead one = fault;
      one.seed = derive_seed(seed, k);
      const auto at = again.first + static_cast<std::int64_t>(k) * again.every +
                      draw_up_to(again.jitter, derive_seed(one.seed, 0));
      if (at >= again.end) break;
      one.plan.trigger.at = at;
      one.until = std::min(again.end, at + *fault.plan.heal_after);
      out.push_back(std::move(one));
    }
  }
  std::stable_sort(out.begin(), out.end(), earlier);
  return out;
}

// Whether both surely hold one node, as far as that is known without a cluster.
std::string shared_node(const FaultPlan& a, const FaultPlan& b, int brokers) {
  if (a.target.kind == Kind::cluster || b.target.kind == Kind::cluster) return {};
  if (a.target == b.target) return to_string(a.target);
  const auto within = [&](const FaultPlan& one, const FaultPlan& other) {
    const bool everybody =
        static_cast<int>(one.drawn.size()) == brokers && one.target.kind != Kind::member;
    return (everybody && needs_partition(other.target)) ||
           (one.target.kind == Kind::follower && other.target.kind == Kind::followers &&
            one.target.where == other.target.where);
  };
  if (within(a, b)) return to_string(b.target);
  if (within(b, a)) return to_string(a.target);
  for (const auto node : a.drawn) {
    if (std::find(b.drawn.begin(), b.drawn.end(), node) != b.drawn.end()) {
      return is_member(node) ? node_text(node) : "broker " + std::to_string(node.value);
    }
  }
  return {};
}

}  // namespace

std::vector<FaultRead> read_timeline(const Node& timeline, const FaultSetting& setting,
                                     ReadContext& context) {
  if (timeline.kind == Node::Kind::null) return {};
  if (timeline.kind != Node::Kind::sequence) {
    context.problems.add(timeline.place,
                         "timeline must be a list, not " + std::string(kind_name(timeline)));
    return {};
  }
  TimelineReader reader(setting, context);
  reader.read(timeline);
  auto out = reader.take();
  std::stable_sort(out.begin(), out.end(), earlier);
  return out;
}

std::vector<FaultPlan> draw_timeline(const std::vector<FaultRead>& read, int brokers,
                                     std::uint64_t trial_seed, Problems& problems) {
  const auto faults = unrolled(read, trial_seed);
  std::vector<FaultPlan> out;
  for (const auto& fault : faults) {
    out.push_back(fault.plan);
    if (!fault.plan.drawn.empty()) continue;  // fixed by the plan's numbers
    out.back().drawn = draw_nodes(fault.plan.target, brokers, fault.seed);
  }
  for (std::size_t i = 0; i < faults.size(); ++i) {
    for (std::size_t j = i + 1; j < faults.size(); ++j) {
      if (!same_time(faults[i], faults[j])) continue;
      const auto shared = shared_node(out[i], out[j], brokers);
      if (shared.empty()) continue;
      const bool in_order = faults[i].position < faults[j].position;
      const auto& first = in_order ? faults[i] : faults[j];
      const auto& second = in_order ? faults[j] : faults[i];
      problems.add(second.place, "timeline: " + second.plan.action + " overlaps the " +
                                     first.plan.action + " of line " +
                                     std::to_string(first.place.line) + " on " + shared +
                                     ": heal that one first, or aim elsewhere");
    }
  }
  return out;
}

}  // namespace seatrial::scenario
