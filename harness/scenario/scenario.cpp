// The whole way from text to plan: parse, put settings in, multiply the matrix out, read each
// variant, give each trial its seed and its draws.
#include "scenario/scenario.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "core/numbers.hpp"
#include "core/suggest.hpp"
#include "core/units.hpp"
#include "scenario/chaos_reader.hpp"
#include "scenario/decidable.hpp"
#include "scenario/draw.hpp"
#include "scenario/expect_reader.hpp"
#include "scenario/gate_reader.hpp"
#include "scenario/matrix.hpp"
#include "scenario/readers.hpp"
#include "scenario/sections.hpp"
#include "scenario/settings.hpp"
#include "scenario/tables.hpp"

namespace seatrial::scenario {
namespace {

// One variant, read; its trials differ in seed and draws alone.
struct VariantRead {
  Variant variant;
  TrialPlan trial;
  std::vector<FaultRead> faults;
  std::optional<ChaosRead> chaos;
  chaos::Seen seen;  // what its trials have drawn so far
};

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

class Loader {
 public:
  explicit Loader(const Request& request) : request_(request) {
    environment_ = request.environment;
    if (!environment_) {
      environment_ = [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        return value == nullptr ? std::nullopt : std::optional<std::string>(value);
      };
    }
  }

  Outcome load() {
    auto root = parse_document(request_.text, 0, problems_);
    if (!root) return refuse();
    for (std::size_t i = 0; i < request_.settings.size(); ++i) {
      apply_setting(*root, request_.settings[i], static_cast<int>(i) + 1, problems_);
    }
    if (!root->is_map()) {
      if (root->place.line == 0) root->place = {0, 1, 1};
      problems_.add(root->place, "a scenario is a map of keys such as name, cluster, workloads");
      return refuse();
    }
    check_keys(*root);
    read_head(*root);
    matrix_ = read_matrix(common(*root, "matrix"), problems_);
    if (const auto* matrix = root->find("matrix")) find_secret_axes(matrix->value);
    auto read = read_variants(*root);
    check_axes_used();
    plan_.expectations = read_expectations(common(*root, "expect"), matrix_, roles_, problems_);
    plan_.show = read_show(common(*root, "show"), roles_, problems_);
    const auto* gate = root->find("gate");
    plan_.gate =
        read_gate(common(*root, "gate"), gate == nullptr ? Node{} : gate->value, roles_, problems_);
    check_one_kind(*root, read);
    check_names_differ(*root, read);
    make_trials(*root, read);
    if (!problems_.empty()) return refuse();
    warn_of_undecidable(plan_, warnings_);
    warn_of_nothing_tested(plan_, root->find("workloads")->place, warnings_);
    for (const auto& warning : warnings_.finish(request_.path, request_.settings)) {
      plan_.warnings.push_back(redact(plan_, warning.text()));
    }
    return Outcome{std::move(plan_), {}};
  }

 private:
  // A complaint quotes what it is about.
  Outcome refuse() const {
    auto problems = problems_.finish(request_.path, request_.settings);
    for (auto& problem : problems) problem.message = redact(plan_, std::move(problem.message));
    return Outcome{std::nullopt, std::move(problems)};
  }

  void check_keys(const Node& root) {
    std::vector<std::string> names;
    for (const auto& key : top_keys()) names.emplace_back(key.name);
    for (const auto& entry : root.entries) {
      if (std::find(names.begin(), names.end(), entry.key) != names.end()) continue;
      auto hint = did_you_mean(entry.key, names);
      if (hint.empty()) {
        for (const auto& name : names) hint += (hint.empty() ? "; keys are " : ", ") + name;
      }
      problems_.add(entry.place, "unknown key '" + entry.key + "'" + hint);
    }
  }

  // A part that is the same for all variants.
  Node common(const Node& root, std::string_view key) {
    const auto* entry = root.find(key);
    if (entry == nullptr) return Node{};
    Substitution with;
    with.environment = environment_;
    return substitute(entry->value, with, problems_);
  }

  void find_secret_axes(const Node& matrix) {
    for (const auto& axis : matrix.entries) {
      Substitution with;
      with.environment = environment_;
      Problems reported_already;
      static_cast<void>(substitute(axis.value, with, reported_already));
      if (with.any_environment) secret_axes_.insert(axis.key);
    }
  }

  std::string head_text(const Node& root, std::string_view key) {
    const auto node = common(root, key);
    if (node.kind != Node::Kind::null && !node.is_scalar()) {
      problems_.add(node.place,
                    std::string(key) + " must be one value, not " + std::string(kind_name(node)));
    }
    const bool number = key == "seed" || key == "repeat";
    if (number && node.is_scalar() && !node.unresolved && node.text.empty())
      problems_.add(node.place, std::string(key) + " is empty; leave it out, or write a number");
    return node.text;
  }

  std::uint64_t head_count(const Node& root, std::string_view key, std::uint64_t otherwise,
                           std::int64_t least) {
    const auto text = head_text(root, key);
    if (text.empty()) return otherwise;
    const auto value = parse_integer(text);
    if (value && *value >= least) return static_cast<std::uint64_t>(*value);
    problems_.add(root.find(key)->value.place,
                  std::string(key) + ": " +
                      (value ? "must be at least " + std::to_string(least) + ", not " + text
                             : value.error().message));
    return otherwise;
  }

  std::uint64_t read_seed(const Node& root) {
    const auto text = head_text(root, "seed");
    if (text.empty()) return 1;
    const auto seed = parse_unsigned(text);
    if (seed) return *seed;
    problems_.add(root.find("seed")->value.place, "seed: " + seed.error().message);
    return 1;
  }

  void read_head(const Node& root) {
    plan_.path = request_.path;
    plan_.text = request_.text;
    plan_.settings = request_.settings;
    plan_.name = head_text(root, "name");
    const bool letters = std::all_of(plan_.name.begin(), plan_.name.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
    if (root.find("name") == nullptr) {
      problems_.add(root.place, "missing key 'name' (of a-z 0-9 -)");
    } else if (!root.find("name")->value.is_scalar()) {
      // told
    } else if (plan_.name.empty() || !letters || plan_.name.front() == '-' ||
               plan_.name.size() > 60) {
      problems_.add(root.find("name")->value.place,
                    "name: '" + plan_.name + "' must be 1 to 60 of a-z 0-9 -, not starting with -");
    }
    plan_.title = head_text(root, "title");
    plan_.hypothesis = head_text(root, "hypothesis");
    plan_.seed = read_seed(root);
    if (request_.seed) plan_.seed = *request_.seed;
    repeat_ = head_count(root, "repeat", 1, 1);
    if (root.find("workloads") == nullptr) {
      problems_.add(root.place, "missing key 'workloads' (what clients do, by name)");
    }
  }

  std::vector<VariantRead> read_variants(const Node& root) {
    std::vector<VariantRead> out;
    for (auto& variant : variants(matrix_)) {
      VariantRead read;
      Substitution with;
      with.environment = environment_;
      with.axes = &variant.axes;
      with.axes_known = matrix_.sound;
      with.secret_axes = secret_axes_;
      read_variant(root, with, read);
      used_.insert(with.used.begin(), with.used.end());
      for (auto& secret : with.secrets) {
        if (std::find(plan_.secrets.begin(), plan_.secrets.end(), secret) == plan_.secrets.end()) {
          plan_.secrets.push_back(std::move(secret));
        }
      }
      read.variant = std::move(variant);
      out.push_back(std::move(read));
    }
    return out;
  }

  void read_variant(const Node& root, Substitution& with, VariantRead& out) {
    ReadContext context{request_.names,           problems_,    warnings_,   request_.ask_library,
                        folder_of(request_.path), environment_, with.secrets};
    const auto part = [&](std::string_view key) {
      const auto* entry = root.find(key);
      return entry == nullptr ? Node{} : substitute(entry->value, with, problems_);
    };
    auto& trial = out.trial;
    trial.cluster = read_cluster(part("cluster"), context);
    trial.topics = read_topics(part("topics"), trial.cluster, context);
    trial.phases = read_phases(part("phases"), context);
    trial.full_history = read_full_history(part("history"), context);
    trial.allowed_in_broker_logs = read_allowed_lines(part("allow_in_broker_logs"), context);
    const Node loads = part("workloads");
    const auto workloads = read_workloads(loads, trial.cluster, trial.topics, context);
    for (const auto& workload : workloads) {
      auto& role = roles_.of[workload.plan.name];
      role.produces = role.produces || workload.produces == true;
      role.consumes = role.consumes || workload.produces == false;
      roles_.known = roles_.known && workload.produces.has_value();
      trial.workloads.push_back(workload.plan);
    }
    read_protocol(root, trial);
    check_company(loads, trial, workloads, context);
    if (const auto* entry = root.find("workloads");
        entry != nullptr && trial.workloads.empty() && problems_.empty()) {
      problems_.add(entry->place, "workloads: there must be at least one");
    }
    const FaultSetting setting{trial.cluster, trial.topics, trial.phases, workloads};
    out.faults = read_timeline(part("timeline"), setting, context);
    const Node random = part("chaos");
    out.chaos = read_chaos(random, setting, context);
    if (out.chaos && !out.faults.empty()) {
      problems_.add(random.place,
                    "chaos: stands in place of timeline, which is there as well: "
                    "leave one out");
    }
    if (out.chaos) trial.cluster.gear.insert(out.chaos->gear.begin(), out.chaos->gear.end());
    for (const auto& fault : out.faults)
      trial.cluster.gear.insert(fault.needs.gear.begin(), fault.needs.gear.end());
  }

  // Brokers have one listener for clients, so all clients speak as the first one does.
  void read_protocol(const Node& root, TrialPlan& trial) {
    const WorkloadPlan* first = nullptr;
    for (const auto& workload : trial.workloads) {
      const auto protocol = protocol_of(workload);
      if (first == nullptr) {
        first = &workload;
        trial.cluster.client_protocol = protocol;
      } else if (protocol != trial.cluster.client_protocol) {
        problems_.add(root.find("workloads")->place,
                      "workloads: '" + first->name + "' connects by " +
                          trial.cluster.client_protocol + " and '" + workload.name + "' by " +
                          protocol + ": brokers have one listener for clients, so give all of " +
                          "them the same security.protocol");
        return;
      }
    }
  }

  static std::string protocol_of(const WorkloadPlan& workload) {
    if (!workload.options.has("properties")) return "plaintext";
    const auto& properties = workload.options.properties("properties");
    const auto at = properties.find("security.protocol");
    if (at == properties.end()) return "plaintext";
    std::string out = at->second;
    for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
  }

  void check_axes_used() {
    if (!matrix_.sound) return;
    for (const auto& axis : matrix_.axes) {
      plan_.axes.push_back(axis.name);
      if (used_.contains(axis.name)) continue;
      problems_.add(axis.place, "matrix: axis '" + axis.name + "' is not used: write ${" +
                                    axis.name + "} where its values belong");
    }
  }

  // All trials run on the kind that is chosen once: another one in a variant's name would be a lie.
  void check_one_kind(const Node& root, const std::vector<VariantRead>& read) {
    for (const auto& one : read) {
      const auto& kind = read.front().trial.cluster.kind;
      if (one.trial.cluster.kind == kind) continue;
      problems_.add(place_of(root.find("cluster")->value, "kind"),
                    "cluster: kind: differs between trials (" + kind + ", " +
                        one.trial.cluster.kind + "): run each kind by itself, with --cluster");
      return;
    }
  }

  // `a: "1 b=2"` with `b: 3` would be told as `a: 1` with `b: "2 b=3"`.
  void check_names_differ(const Node& root, const std::vector<VariantRead>& read) {
    std::set<std::string> names;
    for (const auto& one : read) {
      if (names.insert(one.variant.text).second) continue;
      problems_.add(root.find("matrix")->value.place,
                    "matrix: two variants would both be named '" + one.variant.text +
                        "': choose values that can be told apart");
      return;
    }
  }

  // Variants take turns within each repeat, so that a drift of the machine hits all alike.
  void make_trials(const Node& root, std::vector<VariantRead>& read) {
    if (!matrix_.sound) return;
    if (repeat_ > max_trials || read.size() * repeat_ > max_trials) {
      const auto* repeat = root.find("repeat");
      problems_.add(repeat == nullptr ? root.place : repeat->value.place,
                    "repeat: more than " + std::to_string(max_trials) + " trials");
      return;
    }
    for (std::uint64_t repeat = 0; repeat < repeat_; ++repeat) {
      for (auto& source : read) {
        TrialPlan trial = source.trial;
        trial.index = static_cast<int>(plan_.trials.size());
        trial.variant = source.variant.text;
        trial.axes = source.variant.axes;
        trial.repeat = static_cast<int>(repeat);
        trial.seed = derive_seed(plan_.seed, static_cast<std::uint64_t>(trial.index));
        trial.timeline = draw_timeline(source.faults, trial.cluster.brokers, trial.seed, problems_);
        if (source.chaos && problems_.empty()) add_chaos(source, trial);
        plan_.trials.push_back(std::move(trial));
      }
    }
  }

  static void add_chaos(VariantRead& source, TrialPlan& trial) {
    trial.timeline = draw_chaos(*source.chaos, source.seen, trial.seed);
    std::vector<chaos::Drawn> drawn;
    for (const auto& fault : trial.timeline)
      drawn.push_back({fault.action, fault.target, *fault.trigger.at, *fault.heal_after});
    trial.chaos = ChaosPlan{.beyond = source.chaos->setting.beyond,
                            .grace = source.chaos->setting.grace,
                            .demanding = chaos::demanding_spans(source.chaos->setting, drawn)};
  }

  const Request& request_;
  Environment environment_;
  Problems problems_;
  Problems warnings_;
  Plan plan_;
  std::uint64_t repeat_ = 1;
  Matrix matrix_;
  Roles roles_;
  std::set<std::string> used_;  // axes
  std::set<std::string> secret_axes_;
};

}  // namespace

const KnownProperties::OfRelease& KnownProperties::of(const std::string& release) const {
  static const OfRelease none;
  const auto it = kafka.find(release);
  return it == kafka.end() ? none : it->second;
}

Outcome load(const Request& request) { return Loader(request).load(); }

std::string redact(const Plan& plan, std::string text) {
  constexpr std::size_t too_short = 4;  // to be looked for inside other words
  for (const auto& secret : plan.secrets) {
    if (text == secret) return "***";
    if (secret.size() < too_short) continue;
    for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 3)) {
      text.replace(at, secret.size(), "***");
    }
  }
  return text;
}

}  // namespace seatrial::scenario
