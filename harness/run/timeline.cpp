// Firing, holding and healing faults.
#include "run/timeline.hpp"

#include <algorithm>

#include "core/check.hpp"
#include "core/scope_guard.hpp"
#include "core/units.hpp"
#include "run/targets.hpp"

namespace seatrial::run {
namespace {

using nlohmann::json;

void name_node(NodeId node, json& out) {
  if (is_member(node)) out["member"] = number_of_member(node);
  else out["node"] = node.value;
}

json to_json(const NodeEvidence& node, Instant measure_start) {
  const auto since = [measure_start](Instant t) { return to_seconds(t - measure_start); };
  json out{{"pid", node.before.host_pid},
           {"asked_s", since(node.asked)},
           {"before", to_string(node.before)},
           {"after", to_string(node.after)}};
  name_node(node.node, out);
  if (node.seen != Instant{}) out["seen_s"] = since(node.seen);
  if (node.undone != Instant{}) {
    out["undone_s"] = since(node.undone);
    if (node.seen != Instant{}) out["held_ns"] = (node.undone - node.seen).count();
  }
  return out;
}

json to_json(const CountedEvidence& counted, Instant measure_start) {
  json out{{"kind", counted.kind},
           {"value", counted.value},
           {"at_s", to_seconds(counted.at - measure_start)}};
  name_node(counted.node, out);
  if (!counted.unit.empty()) out["unit"] = counted.unit;
  return out;
}

// What passes a link may be acted on whatever is done to its ends.
std::vector<NodeId> held_by(const FaultOutcome& fault) {
  return fault.plan->target.kind == Target::Kind::link ? std::vector<NodeId>{} : fault.targets;
}

}  // namespace

json ids(const std::vector<NodeId>& nodes) {
  json out = json::array();
  for (NodeId node : nodes) {
    if (!is_member(node)) out.push_back(node.value);
  }
  return out;
}

json trigger_evidence(const FaultOutcome& fault, Instant measure_start) {
  json out = json::object();
  if (fault.came == Instant{}) return out;
  out["came_s"] = to_seconds(fault.came - measure_start);
  if (fault.asked_at == Instant{}) return out;
  out["injection_error_ns"] = (fault.asked_at - fault.due - fault.plan->trigger.delay).count();
  return out;
}

json to_json(const Evidence& evidence, Instant measure_start) {
  json out{{"nodes", json::array()}};
  for (const auto& node : evidence.nodes) out["nodes"].push_back(to_json(node, measure_start));
  for (const auto& counted : evidence.counted) {
    out["counted"].push_back(to_json(counted, measure_start));
  }
  if (!evidence.facts.empty()) out["facts"] = evidence.facts;
  return out;
}

bool may_have_ended(const FaultOutcome& fault, NodeId node) {
  if (fault.effect == FaultEffect::held || fault.effect == FaultEffect::none) return false;
  const auto& hits = fault.evidence.nodes;
  if (std::ranges::find(hits, node, &NodeEvidence::node) != hits.end()) return true;
  return fault.status == "failed" && std::ranges::count(fault.targets, node) > 0;
}

Timeline::Timeline(const std::vector<scenario::FaultPlan>& plan, TimelineSetting setting)
    : setting_(std::move(setting)),
      ask_coordinator_(ask_brokers(setting_.cluster.nodes())),
      outcomes_(plan.size()) {
  for (const auto& partition : setting_.watch.state().partitions)
    led_by_[partition.where] = partition.leader;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    outcomes_[i].plan = &plan[i];
    faults_.push_back(Registry<Fault>::instance().find(plan[i].action)->make(plan[i].options));
    outcomes_[i].effect = faults_[i]->effect();
    setting_.journal.fault(setting_.trial, static_cast<int>(i),
                           {{"action", plan[i].action},
                            {"effect", to_string(faults_[i]->effect())},
                            {"target", to_string(plan[i].target)},
                            {"trigger", describe(plan[i].trigger)},
                            {"status", "not_fired"}});
    if (!plan[i].name.empty())
      setting_.journal.fault(setting_.trial, static_cast<int>(i), {{"name", plan[i].name}});
  }
  for (std::size_t i = 0; i < plan.size(); ++i) {
    threads_.emplace_back([this, i](const std::stop_token& stop) { run_fault(i, stop); });
  }
}

Timeline::~Timeline() { finish(); }

void Timeline::finish() noexcept {
  for (auto& thread : threads_) thread.request_stop();
  threads_.clear();  // joins: each heals what it injected before it ends
}

Cluster& Timeline::acted_on(const scenario::FaultPlan& plan) const {
  if (plan.target.kind != Target::Kind::member) return setting_.cluster;
  check(setting_.members != nullptr, "a plan that hits members has them");
  return *setting_.members;
}

double Timeline::seconds_of(Instant t) const { return to_seconds(t - setting_.measure_start); }

// Looks every millisecond, and at once when a time has come.
bool Timeline::wait_for_trigger(std::size_t index, const std::stop_token& stop) {
  FaultOutcome& outcome = outcomes_[index];
  const scenario::Trigger& trigger = outcome.plan->trigger;
  const auto wait = [&](Instant until) {
    while (now() < until && !stop.stop_requested())
      std::this_thread::sleep_until(std::min(until, now() + milliseconds(1)));
  };
  Instant not_yet{};
  if (trigger.at) {
    not_yet = setting_.measure_start + *trigger.at;
    wait(not_yet);
  }
  while (!stop.stop_requested()) {
    const Instant looked = now();
    if (trigger.at || came(trigger)) {
      outcome.came = looked;
      outcome.due = not_yet == Instant{} ? looked : not_yet;
      // From when it was seen: it may have come at any time since the look before.
      wait((trigger.at ? outcome.due : looked) + trigger.delay);
      return !stop.stop_requested();
    }
    not_yet = looked;
    std::this_thread::sleep_for(milliseconds(1));
  }
  return false;
}

bool Timeline::came(const scenario::Trigger& trigger) const {
  if (trigger.when) return now() >= setting_.measure_start && came(*trigger.when);
  return setting_.acked_since_measure() >= trigger.after_acked.value_or(0);
}

bool Timeline::came(const scenario::Condition& condition) const {
  using Kind = scenario::Condition::Kind;
  const auto compared = [&](std::uint64_t seen) {
    return holds(condition.comparison, static_cast<double>(seen),
                 static_cast<double>(condition.value));
  };
  if (condition.kind == Kind::lag) return compared(setting_.lag(condition.name));
  if (names_fault(condition.kind)) {
    const std::lock_guard lock(mutex_);
    return (condition.kind == Kind::healed ? healed_ : effective_).contains(condition.name);
  }
  const auto partition = setting_.watch.partition(condition.where);
  if (!partition) return false;
  if (condition.kind == Kind::isr) return compared(partition->isr.size());
  const auto before = led_by_.find(condition.where);
  return before != led_by_.end() && partition->leader.value >= 0 &&
         partition->leader != before->second;
}

// For whom nothing came: how it stood at the end.
std::string Timeline::last_seen(const scenario::Trigger& trigger) const {
  if (trigger.after_acked)
    return "; " + format_count(setting_.acked_since_measure()) + " were, at the end";
  if (!trigger.when) return "";
  const scenario::Condition& condition = *trigger.when;
  if (condition.kind == scenario::Condition::Kind::lag)
    return "; it was " + format_count(setting_.lag(condition.name)) + " at the end";
  if (!names_partition(condition.kind)) return "";
  const auto partition = setting_.watch.partition(condition.where);
  if (!partition) return "; no broker told of that partition";
  return condition.kind == scenario::Condition::Kind::isr
             ? "; " + std::to_string(partition->isr.size()) + " were in sync at the end"
             : "; node " + std::to_string(partition->leader.value) + " leads it";
}

void Timeline::run_fault(std::size_t index, const std::stop_token& stop) noexcept {
  const ScopeGuard ended([this]() noexcept {
    const std::lock_guard lock(mutex_);
    ++over_;
  });
  const FaultOutcome& outcome = outcomes_[index];
  const scenario::FaultPlan& plan = *outcome.plan;
  if (!wait_for_trigger(index, stop)) {
    problem(index, "not_fired",
            "its trigger (" + describe(plan.trigger) + ") never came" + last_seen(plan.trigger));
    return;
  }
  try {
    inject(index);
  } catch (const FaultIneffective& error) {
    problem(index, "ineffective", error.what());
  } catch (const std::exception& error) {
    problem(index, "failed", error.what());
  }
  const bool holds = outcome.injected != Instant{};
  while (holds && !stop.stop_requested() &&
         (!plan.heal_after || now() < outcome.injected + *plan.heal_after)) {
    std::this_thread::sleep_for(milliseconds(1));
  }
  heal(index);
}

// Whom the fault hits, and where that is a link, along which.
Result<std::vector<NodeId>> Timeline::aim(std::size_t index) {
  const scenario::FaultPlan& plan = *outcomes_[index].plan;
  const kafka::ClusterState& state = outcomes_[index].before;
  const auto nodes = setting_.cluster.nodes();
  if (plan.target.kind != Target::Kind::link)
    return resolve(plan.target, plan.drawn, state, nodes, ask_coordinator_);
  const auto linked = resolve_link(plan.target, state, nodes, ask_coordinator_);
  if (!linked) return linked.error();
  faults_[index]->aim(linked->peers, linked->way);
  return linked->nodes;
}

void Timeline::inject(std::size_t index) {
  FaultOutcome& outcome = outcomes_[index];
  const scenario::FaultPlan& plan = *outcome.plan;
  outcome.before = setting_.watch.state();
  const auto targets = aim(index);
  if (!targets) {
    problem(index, "failed", targets.error().message);
    return;
  }
  outcome.targets = *targets;
  if (!hold(index, held_by(outcome))) return;
  outcome.evidence.stop = setting_.stop;
  outcome.asked = true;
  const Instant begun = now();
  outcome.asked_at = begun;
  if (setting_.availability != nullptr) outcome.acks = setting_.availability->mark(to_ns(begun));
  faults_[index]->inject(acted_on(plan), *targets, outcome.evidence);
  Instant seen = begun;
  for (const auto& node : outcome.evidence.nodes) seen = std::max(seen, node.seen);
  if (outcome.acks) setting_.availability->effect_seen(*outcome.acks, to_ns(seen));
  outcome.injected = begun;
  outcome.effect = faults_[index]->effect();  // what a limit does is known only now
  outcome.status = "effective";
  add_edge(begun);
  set_moment(effective_, plan.name);
  setting_.journal.fault(setting_.trial, static_cast<int>(index),
                         trigger_evidence(outcome, setting_.measure_start));
  setting_.journal.fault(setting_.trial, static_cast<int>(index),
                         {{"status", "effective"},
                          {"effect", to_string(outcome.effect)},
                          {"nodes", ids(*targets)},
                          {"injected_s", seconds_of(begun)},
                          {"evidence", to_json(outcome.evidence, setting_.measure_start)}});
}

bool Timeline::hold(std::size_t index, const std::vector<NodeId>& nodes) {
  std::string taken;
  {
    const std::lock_guard lock(mutex_);
    for (NodeId node : nodes) {
      if (held_.contains(node)) taken = node_text(node);
    }
    if (taken.empty()) {
      held_.insert(nodes.begin(), nodes.end());
      active_.insert(index);
      return true;
    }
  }
  outcomes_[index].targets.clear();
  problem(index, "conflict", taken + " is held by another fault");
  return false;
}

void Timeline::heal(std::size_t index) noexcept {
  try {
    undo(index);
  } catch (const std::exception& error) {
    add_problem(std::string("recording a heal failed: ") + error.what());
  }
  const FaultOutcome& outcome = outcomes_[index];
  const std::lock_guard lock(mutex_);
  for (NodeId node : held_by(outcome)) held_.erase(node);
  active_.erase(index);
  // At one moment with the above: who waits for it may strike the same nodes.
  const bool undone = outcome.healed != Instant{} && outcome.status != "failed";
  if (undone && outcome.injected != Instant{} && !outcome.plan->name.empty())
    healed_.try_emplace(outcome.plan->name, now());
}

void Timeline::undo(std::size_t index) {
  FaultOutcome& outcome = outcomes_[index];
  if (!outcome.asked) return;
  outcome.held = setting_.watch.state();
  const auto failures = faults_[index]->heal(acted_on(*outcome.plan), outcome.evidence);
  outcome.healed = now();
  outcome.effect = faults_[index]->effect();
  add_edge(outcome.healed + seconds(1));  // the second in which it ended is still part of it
  for (const auto& failure : failures) problem(index, "failed", "healing: " + failure);
  setting_.journal.fault(setting_.trial, static_cast<int>(index),
                         {{"healed_s", seconds_of(outcome.healed)},
                          {"effect", to_string(outcome.effect)},
                          {"evidence", to_json(outcome.evidence, setting_.measure_start)}});
}

void Timeline::problem(std::size_t index, const std::string& status,
                       const std::string& what) noexcept {
  FaultOutcome& outcome = outcomes_[index];
  outcome.status = status;
  outcome.error += (outcome.error.empty() ? "" : "; ") + what;
  const scenario::FaultPlan& plan = *outcome.plan;
  add_problem("fault " + plan.action + " " + to_string(plan.target) + ": " + what);
  try {
    setting_.journal.fault(setting_.trial, static_cast<int>(index),
                           {{"status", status}, {"error", outcome.error}});
  } catch (const std::exception& error) {
    add_problem(error.what());
  }
}

void Timeline::add_problem(std::string text) noexcept {
  const std::lock_guard lock(mutex_);
  problems_.push_back(std::move(text));
}

// For triggers that wait for the fault of that name.
void Timeline::set_moment(std::map<std::string, Instant>& moments, const std::string& name) {
  if (name.empty()) return;
  const std::lock_guard lock(mutex_);
  moments.try_emplace(name, now());
}

void Timeline::add_edge(Instant at) {
  const std::lock_guard lock(mutex_);
  edges_.push_back(at);
}

std::vector<Instant> Timeline::take_edges() {
  const std::lock_guard lock(mutex_);
  return std::exchange(edges_, {});
}

std::size_t Timeline::over() const {
  const std::lock_guard lock(mutex_);
  return over_;
}

std::vector<std::string> Timeline::active() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> out;
  for (std::size_t index : active_) {
    out.push_back(outcomes_[index].plan->action + " " + to_string(outcomes_[index].plan->target));
  }
  return out;
}

}  // namespace seatrial::run
