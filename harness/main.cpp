// The command line: verbs, their options, their exit codes. Everything else is elsewhere.
//
// Exit codes: 0 pass, 1 fail, 2 inconclusive, invalid, unknown or interrupted, 3 usage or scenario
// error, 4 infrastructure.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "clusters/choose.hpp"
#include "clusters/process.hpp"
#include "clusters/property_definitions.hpp"
#include "core/check.hpp"
#include "core/checker.hpp"
#include "core/counted.hpp"
#include "core/fault.hpp"
#include "core/numbers.hpp"
#include "core/read_file.hpp"
#include "core/report.hpp"
#include "core/save_file.hpp"
#include "core/standard_output.hpp"
#include "core/suggest.hpp"
#include "core/terminal.hpp"
#include "core/units.hpp"
#include "core/workload.hpp"
#include "kafka/client_numbers.hpp"
#include "kafka/config.hpp"
#include "operations/check.hpp"
#include "reports/console.hpp"
#include "reports/page/page.hpp"
#include "reports/progress.hpp"
#include "run/broker_logs.hpp"
#include "run/client_library.hpp"
#include "run/doctor.hpp"
#include "run/member_worker.hpp"
#include "run/record.hpp"
#include "run/resume.hpp"
#include "run/runner.hpp"
#include "run/stop_signals.hpp"
#include "scenario/expectation.hpp"
#include "scenario/matrix.hpp"
#include "scenario/places.hpp"
#include "scenario/plan_text.hpp"
#include "scenario/scenario.hpp"
#include "scenario/tables.hpp"

namespace seatrial {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct Arguments {
  std::string scenario;
  std::vector<std::string> settings;  // --set
  std::string cluster;                // --cluster
  std::optional<std::string> seed;    // --seed, as typed
  fs::path out = "results";
  std::vector<std::string> only;  // --only
  std::optional<std::string> repeat;
  bool keep_cluster = false;
  fs::path resume;
  std::string format = "text";
  std::string name;  // of list and explain
  fs::path run = "results/latest";
  fs::path page;  // --out of report
  operations::CheckRequest check;
  std::string limit = "1000";  // of check
  std::string command;         // as typed
};

// What a stop that hangs is ended with.
[[noreturn]] void end_at_once() {
  std::fputs(
      "\nseatrial: the stop took too long and is cut short: ./seatrial down removes what is "
      "left, ./seatrial report shows what was recorded\n",
      stderr);
  clusters::kill_children();
  _exit(2);
}

std::string read_text(const fs::path& path) {
  constexpr std::uint64_t largest = 16 << 20;
  auto text = read_file(path, largest);
  if (text) return std::move(*text);
  throw UsageError("cannot read " + path.string() + ": " + text.error().message +
                   "; name a scenario file, such as scenarios/quickstart.yaml");
}

std::set<std::string> releases_of(const scenario::Plan& plan) {
  std::set<std::string> out;
  for (const auto& trial : plan.trials) out.insert(trial.cluster.version);
  return out;
}

// The settings of the brokers' releases, where they are known without effort. The releases are
// in the scenario, which is not read yet: a first reading without them says them.
scenario::KnownProperties known_properties(const scenario::Request& request) {
  scenario::KnownProperties out{.client = kafka::known_client_properties(),
                                .client_numbers = kafka::client_numbers(),
                                .kafka = {}};
  const auto draft = scenario::load(request);
  std::set<std::string> releases{ClusterSpec{}.version};
  if (draft.plan) releases = releases_of(*draft.plan);
  for (const auto& release : releases) {
    auto known = clusters::property_definitions(release);
    if (!known) continue;
    out.kafka[release] = {.topic = std::move(known->topic), .broker = std::move(known->broker)};
  }
  return out;
}

std::string without_newline(std::string text) {
  if (text.ends_with('\n')) text.pop_back();  // main prints one
  return text;
}

std::string with_hint(const Error& error) {
  return error.message + (error.hint.empty() ? "" : "\n" + error.hint);
}

constexpr const char* own_program = "/proc/self/exe";

template <class T>
T of_option(const char* option, Result<T> number) {
  if (!number) throw UsageError(std::string(option) + ": " + number.error().message);
  return *number;
}

void stop_if_asked() {
  if (clusters::program_stop().stop_requested()) throw Interrupted();
}

scenario::Plan load_plan(const Arguments& arguments) {
  scenario::Request request{
      .path = arguments.scenario,
      .text = read_text(arguments.scenario),
      .settings = arguments.settings,
      .names = {},
      .seed = {},
      .environment = {},
      .ask_library = [](const auto& library, const auto& kind, const auto& options) {
        return run::ask_client_library(library, kind, options, own_program);
      }};
  if (!arguments.cluster.empty()) request.settings.push_back("cluster.kind=" + arguments.cluster);
  if (arguments.seed) request.seed = of_option("--seed", parse_unsigned(*arguments.seed));
  if (arguments.repeat) {
    const auto repeat = of_option(
        "--repeat", parse_integer(*arguments.repeat, 1, std::int64_t{scenario::max_trials}));
    request.settings.push_back("repeat=" + std::to_string(repeat));
  }
  request.names = known_properties(request);
  auto outcome = scenario::load(request);
  stop_if_asked();
  if (!outcome.plan) throw UsageError(without_newline(scenario::to_text(outcome.diagnostics)));
  scenario::Plan plan = std::move(*outcome.plan);
  for (const auto& trial : plan.trials) {
    if (const auto impossible = clusters::impossible(trial.cluster)) {
      throw UsageError(scenario::written_at(plan, impossible->keys) + ": " + impossible->why);
    }
  }
  if (!arguments.only.empty()) {
    std::vector<std::string> variants;
    for (const auto& trial : plan.trials) variants.push_back(trial.variant);
    for (const auto& wanted : arguments.only) {
      if (std::ranges::find(variants, wanted) != variants.end()) continue;
      throw UsageError("--only '" + wanted + "': there is no such variant" +
                       did_you_mean(wanted, variants));
    }
    std::erase_if(plan.trials, [&](const scenario::TrialPlan& trial) {
      return std::ranges::find(arguments.only, trial.variant) == arguments.only.end();
    });
    for (std::size_t i = 0; i < plan.trials.size(); ++i) plan.trials[i].index = static_cast<int>(i);
  }
  return plan;
}

// The live line: overwritten on a terminal, else a line per phase and every five seconds.
class ProgressPrinter {
 public:
  explicit ProgressPrinter(std::size_t trials)
      : trials_(trials), overwrites_(standard_terminal().moves_cursor) {}

  void show(const scenario::TrialPlan& trial, const run::TrialProgress& p) {
    const reports::Progress line{.variant = trial.variant,
                                 .trial = trial.index + 1,
                                 .trials = static_cast<int>(trials_),
                                 .phase = p.phase,
                                 .into_s = p.into_s,
                                 .phase_s = p.phase_s,
                                 .offered_per_s = p.offered_per_s,
                                 .acked_per_s = p.acked_per_s,
                                 .consumed_per_s = p.consumed_per_s,
                                 .p99_ns = {},
                                 .fault = p.fault};
    const bool changed = p.phase.substr(0, 5) != phase_.substr(0, 5) || p.fault != fault_;
    const std::size_t width = standard_terminal().width;
    if (overwrites_) {
      // Less a column: with the last one taken, some terminals go on to the next line.
      std::cout << "\r\x1b[K" << reports::progress_line(line, width - 1) << std::flush;
    } else if (changed || now() - printed_ >= seconds(5)) {
      std::cout << reports::progress_line(line, width) << std::endl;
      printed_ = now();
    }
    phase_ = p.phase;
    fault_ = p.fault;
  }
  void end() const {
    if (overwrites_) std::cout << "\r\x1b[K" << std::flush;
  }

 private:
  std::size_t trials_;
  bool overwrites_;
  std::string phase_, fault_;
  Instant printed_{};
};

// The verdict before the page: whatever becomes of the page, the verdict has been printed.
void print_verdict(const json& record) {
  const Terminal terminal = standard_terminal();
  std::cout << reports::render_console(record, {.colour = terminal.colour, .width = terminal.width})
            << std::flush;
}

// Where the brokers of --keep-cluster listen, and how they end.
void print_kept(const json& record) {
  const json& trials = record.at("trials");
  const json kept = trials.empty() ? json() : trials.back().value("kept", json());
  if (!kept.is_object()) {
    std::cout << "no brokers were kept: the last trial left none that outlive this process\n";
    return;
  }
  std::cout << "kept: the last trial's brokers listen on " << kept.value("bootstrap", "")
            << " (security.protocol " << kept.value("protocol", "") << ")\n"
            << "      ./seatrial down ends them; so does the next run\n";
}

json load_record(const fs::path& folder) {
  auto loaded = run::load_record(folder);
  if (!loaded) throw UsageError(with_hint(loaded.error()));
  if (!loaded->aside.empty()) std::cerr << "seatrial: " << loaded->aside << "\n";
  return std::move(loaded->record);
}

// Whether all that dead runs left is gone.
bool sweep(const fs::path& results, bool tell_nothing) {
  std::size_t lines = 0;
  bool gone = true;
  for (const auto& kind : ClusterKinds::instance().all()) {
    if (kind.sweep == nullptr) continue;
    for (const auto& line : kind.sweep(results)) {
      const bool left = line.starts_with("could not");
      if (left) std::cerr << "seatrial: of an earlier run: " << line << "\n";
      else std::cout << "removed what an earlier run left: " << line << "\n";
      gone = gone && !left;
      ++lines;
    }
  }
  if (lines == 0 && tell_nothing) std::cout << "nothing was left to remove\n";
  return gone;
}

// The folder to go on in, with `latest` resolved; empty for a new run.
fs::path folder_to_resume(const Arguments& arguments, const scenario::Plan& plan) {
  if (arguments.resume.empty()) return {};
  const std::string flag = "--resume " + arguments.resume.string() + ": ";
  try {
    if (const auto why = run::not_resumable(load_record(arguments.resume), plan))
      throw UsageError(flag + *why);
  } catch (const json::exception&) {
    throw UsageError(flag + "its record is damaged; start a new run");
  }
  return fs::canonical(arguments.resume);
}

// Containers are configured through their environment, which the engine shows to all who may ask
// it.
bool would_show_secrets(const scenario::Plan& plan) {
  return std::ranges::any_of(plan.trials, [&](const scenario::TrialPlan& trial) {
    return std::ranges::any_of(trial.cluster.config, [&](const auto& entry) {
      return scenario::redact(plan, entry.second) != entry.second;
    });
  });
}

// The kind that the scenario gets; a run that goes on stays on the kind it had.
clusters::Choice choose_kind(const scenario::Plan& plan, const fs::path& resume) {
  ClusterSpec spec = plan.trials.front().cluster;
  if (!resume.empty())
    spec.kind = run::load_record(resume)->record.value("/cluster/kind"_json_pointer, spec.kind);
  const bool secret = (spec.kind == "compose" || spec.kind == "auto") && would_show_secrets(plan);
  if (secret && spec.kind == "compose") {
    throw UsageError(
        "cluster.config has a value from the environment, and containers would show it to all who "
        "may ask the engine (docker inspect): run it with --cluster local, or write the value out");
  }
  if (secret) spec.kind = "local";
  auto choice = clusters::choose(spec);
  if (choice && secret) choice->reason = "containers would show cluster.config's secrets";
  if (choice) return *choice;
  throw InfrastructureError(with_hint(choice.error()));
}

// The plan again, checked by the definitions of Kafka's properties where these were not known
// before. It fetches what the cluster needs anyway, but starts no broker.
void check_property_definitions(const Arguments& arguments, const std::string& kind,
                                const std::stop_token& stop, scenario::Plan& plan) {
  bool any = false;
  for (const auto& release : releases_of(plan)) {
    if (clusters::property_definitions(release)) continue;
    const auto learnt = clusters::learn_property_definitions(kind, release, stop);
    if (!learnt) throw InfrastructureError(with_hint(learnt.error()));
    any = any || learnt->has_value();
  }
  if (any) plan = load_plan(arguments);
}

int run(const Arguments& arguments) {
  scenario::Plan plan = load_plan(arguments);
  const fs::path resume = folder_to_resume(arguments, plan);
  sweep(arguments.out, false);
  stop_if_asked();
  const clusters::Choice choice = choose_kind(plan, resume);
  stop_if_asked();
  const ClusterKind* kind = ClusterKinds::instance().find(choice.kind);
  check(kind != nullptr, "the chosen cluster kind is registered");
  std::cout << "scenario: " << plan.path << ", " << counted(plan.trials.size(), "trial")
            << ", seed " << plan.seed << "\n"
            << "cluster:  " << choice.kind << ", " << choice.reason << std::endl;
  check_property_definitions(arguments, choice.kind, clusters::program_stop(), plan);
  for (const auto& warning : plan.warnings) std::cerr << "warning: " << warning << "\n";
  ProgressPrinter progress(plan.trials.size());
  const auto result =
      run::run_plan({.plan = plan,
                     .kind = *kind,
                     .kind_reason = choice.reason,
                     .results = arguments.out,
                     .command = arguments.command,
                     .keep_cluster = arguments.keep_cluster,
                     .resume = resume,
                     .progress = [&](const auto& trial, const auto& p) { progress.show(trial, p); },
                     .wrap = {}},
                    clusters::program_stop());
  progress.end();
  print_verdict(result.record);
  if (arguments.keep_cluster) print_kept(result.record);
  const fs::path page = result.folder / "report.html";
  if (const auto problem = save_file(page, reports::render_page(result.record))) {
    std::cerr << "seatrial: " << *problem << "; once that is mended: ./seatrial report "
              << result.folder.string() << "\n";
    return result.exit_code == 0 ? 4 : result.exit_code;
  }
  std::cout << "page: " << page.string() << "\n";
  return result.exit_code;
}

int plan(const Arguments& arguments) {
  const scenario::Plan made = load_plan(arguments);
  for (const auto& warning : made.warnings) std::cerr << "warning: " << warning << "\n";
  if (arguments.format == "json") {
    // A path may hold any byte.
    std::cout << scenario::plan_to_json(made).dump(2, ' ', false, json::error_handler_t::replace)
              << "\n";
  } else {
    std::cout << scenario::plan_to_text(made);
  }
  return 0;
}

int validate(const Arguments& arguments) {
  const scenario::Plan made = load_plan(arguments);
  for (const auto& warning : made.warnings) std::cerr << "warning: " << warning << "\n";
  std::cout << arguments.scenario << ": valid, " << counted(made.trials.size(), "trial") << "\n";
  return 0;
}

// What a run left is not to be written over by a page of it.
void require_no_part_of_run(const fs::path& page, const fs::path& run) {
  std::error_code ignored;  // what is not there is nothing to lose
  const auto folder = page.has_parent_path() ? page.parent_path() : fs::path(".");
  if (page.extension() == ".html" || !fs::exists(page, ignored) ||
      !fs::equivalent(folder, run, ignored))
    return;
  throw UsageError("--out " + page.string() +
                   " is a file of the run itself; name another one, as in page.html");
}

int report(const Arguments& arguments) {
  const json record = load_record(arguments.run);
  const bool as_json = arguments.format == "json";
  if (as_json) std::cout << record.dump(1) << std::endl;
  else print_verdict(record);
  const bool asked = !arguments.page.empty();
  if (as_json && !asked) return 0;
  const fs::path page = asked ? arguments.page : arguments.run / "report.html";
  if (asked) require_no_part_of_run(page, arguments.run);
  const auto problem = save_file(page, reports::render_page(record));
  if (!problem && !as_json) std::cout << "page: " << page.string() << "\n";
  if (!problem) return 0;
  // Whoever reads another's run has what there is to read.
  const bool may_read_only = !asked && ::access(arguments.run.c_str(), W_OK) != 0;
  std::cerr << "seatrial: " << *problem << "; --out FILE writes the page elsewhere\n";
  return may_read_only ? 0 : 4;
}

void list_row(std::string_view name, std::string_view help) {
  std::cout << "  " << name << std::string(name.size() < 20 ? 20 - name.size() : 1, ' ') << help
            << "\n";
}

template <class Product>
void list_plugins(const std::string& kind, bool with_options) {
  std::cout << kind << "\n";
  for (const auto& [name, plugin] : Registry<Product>::instance().all()) {
    list_row(name, plugin.help);
    if (!with_options) continue;
    for (const auto& option : plugin.options) {
      std::cout << "      " << option.name << ": "
                << (option.required           ? std::string("required")
                    : option.fallback.empty() ? "optional"
                                              : "default " + option.fallback)
                << ". " << option.help << "\n";
    }
  }
}

int list(const Arguments& arguments) {
  const std::vector<std::string> kinds{"clusters",           "workloads", "faults",      "checkers",
                                       "operation-checkers", "reports",   "broker-logs", "metrics"};
  const std::string& only = arguments.name;
  if (!only.empty() && std::ranges::find(kinds, only) == kinds.end()) {
    throw UsageError("list knows no '" + only + "'" + did_you_mean(only, kinds));
  }
  const auto wanted = [&only](const char* kind) { return only.empty() || only == kind; };
  if (wanted("clusters")) {
    std::cout << "clusters\n";
    for (const auto& kind : ClusterKinds::instance().all()) {
      list_row(kind.name, kind.help);
    }
  }
  if (wanted("workloads")) list_plugins<Workload>("workloads", true);
  if (wanted("faults")) list_plugins<Fault>("faults", true);
  if (wanted("checkers")) list_plugins<Checker>("checkers", false);
  if (wanted("operation-checkers")) {
    list_plugins<operations::OperationChecker>("operation-checkers", true);
  }
  if (wanted("reports")) list_plugins<Report>("reports", false);
  if (wanted("broker-logs")) {
    std::cout << "broker-logs\n";
    for (const auto& kind : run::broker_log_kinds()) {
      list_row(kind.name, kind.help);
    }
  }
  if (wanted("metrics")) {
    std::cout << "metrics\n";
    for (const auto& metric : scenario::metrics()) {
      list_row(metric.name, metric.help);
    }
  }
  return 0;
}

// The definition of each checker with that name; their other names go to `names`.
template <class Product>
bool explain_checkers(const std::string& name, const char* where, std::vector<std::string>& names) {
  const auto& registry = Registry<Product>::instance();
  for (const auto& other : registry.names()) names.push_back(other);
  const auto* plugin = registry.find(name);
  if (plugin == nullptr) return false;
  std::vector<OptionProblem> problems;  // none: every option has a default
  const auto checker = plugin->make(Options::check(plugin->options, {}, problems));
  std::cout << name << where << ": " << checker->definition() << "\n";
  return true;
}

int explain(const Arguments& arguments) {
  std::vector<std::string> names;
  // One name may be an anomaly of both: in what a trial recorded, and in operations.
  const bool live = explain_checkers<Checker>(arguments.name, "", names);
  if (explain_checkers<operations::OperationChecker>(arguments.name, " (seatrial check)", names) ||
      live) {
    return 0;
  }
  for (const auto& metric : scenario::metrics()) {
    if (metric.name == arguments.name) {
      std::cout << metric.name << ": " << metric.help << "\n";
      return 0;
    }
    names.emplace_back(metric.name);
  }
  for (const auto& key : scenario::expect_keys()) {
    if (key.name == arguments.name) {
      std::cout << key.name << " (of expect:): " << key.help << "\n";
      return 0;
    }
    names.push_back(key.name);
  }
  const auto explain_plugin = [&](const auto& registry) {
    for (const auto& [name, plugin] : registry.all()) {
      if (name == arguments.name) std::cout << name << ": " << plugin.help << "\n";
      if (name == arguments.name) return true;
      names.push_back(name);
    }
    return false;
  };
  if (explain_plugin(Registry<Fault>::instance()) || explain_plugin(Registry<Workload>::instance()))
    return 0;
  throw UsageError("nothing is named '" + arguments.name + "'" +
                   did_you_mean(arguments.name, names));
}

int down(const Arguments& arguments) { return sweep(arguments.out, true) ? 0 : 4; }

int check_history(const Arguments& arguments) {
  operations::CheckRequest request = arguments.check;
  request.json = arguments.format == "json";
  const auto limit = parse_integer(arguments.limit);
  if (!limit || *limit < 0) {
    throw UsageError("--limit: expected 0 (all) or a positive integer, found '" + arguments.limit +
                     "'");
  }
  request.settings.limit = *limit == 0 ? SIZE_MAX : static_cast<std::size_t>(*limit);
  const auto outcome = operations::check_histories(request);
  if (!outcome) {
    throw UsageError(with_hint(outcome.error()));
  }
  std::cout << outcome->text;
  std::cerr << outcome->asides;
  return outcome->exit_code();
}

int doctor(const Arguments& arguments) {
  const auto grades = run::grade(run::examine_machine({}), run::usual_needs());
  if (arguments.format == "json") std::cout << run::to_json(grades).dump(2) << "\n";
  else std::cout << run::to_text(grades);
  return run::is_fit(grades) ? 0 : 2;
}

int schema(const Arguments&) {
  std::cout << scenario::schema_json() << "\n";
  return 0;
}

void scenario_options(CLI::App* verb, Arguments& a) {
  verb->add_option("scenario", a.scenario, "the scenario file")->required();
  verb->add_option("--set", a.settings, "set one value, as in --set cluster.brokers=5")
      ->allow_extra_args(false);
  verb->add_option("--cluster", a.cluster,
                   "auto, compose, local or mock, instead of the scenario's");
  verb->add_option("--seed", a.seed, "decides every draw; same seed, same plan");
  verb->add_option("--only", a.only, "run only this variant (may be given again)")
      ->allow_extra_args(false);
  verb->add_option("--repeat", a.repeat, "trials for each variant");
}

using Verb = int (*)(const Arguments&);

// Declares all verbs; what was chosen is left in `chosen`.
void declare(CLI::App& app, Arguments& a, Verb& chosen) {
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("seatrial ") + SEATRIAL_VERSION);
  const auto add = [&](const char* name, const char* help, const char* example, Verb verb) {
    CLI::App* sub = app.add_subcommand(name, help);
    sub->footer(std::string("Example: ./seatrial ") + example);
    sub->callback([&chosen, verb] { chosen = verb; });
    return sub;
  };
  auto* sub = add("run", "run every trial of a scenario and judge it",
                  "run scenarios/quickstart.yaml", run);
  scenario_options(sub, a);
  sub->add_option("--out", a.out, "where run folders go")->capture_default_str();
  sub->add_option("--resume", a.resume,
                  "go on with the run in this folder: trials that it lacks, or more of --repeat");
  sub->add_flag("--keep-cluster", a.keep_cluster, "leave the last trial's brokers running");
  sub = add("plan", "print what would run, how long, and what it needs",
            "plan scenarios/quickstart.yaml", plan);
  scenario_options(sub, a);
  sub->add_option("--format", a.format, "text or json")->check(CLI::IsMember({"text", "json"}));
  sub = add("validate", "check a scenario; nothing is started",
            "validate scenarios/quickstart.yaml", validate);
  scenario_options(sub, a);
  sub = add("report", "render a run again, also one that was killed", "report results/latest",
            report);
  sub->add_option("run", a.run, "the run's folder")->capture_default_str();
  sub->add_option("--out", a.page,
                  "where the page goes instead of the run's folder: a run of somebody else's");
  sub->add_option("--format", a.format, "text or json")->check(CLI::IsMember({"text", "json"}));
  sub = add("check", "judge recorded histories of operations, anyone's",
            "check history.jsonl --format json", check_history);
  sub->add_option("history", a.check.paths,
                  "JSON, an operation a line or in one array, plain or .gz; or a folder: every "
                  "history*.jsonl and history*.json below it")
      ->required();
  sub->add_option("--format", a.format, "text or json")->check(CLI::IsMember({"text", "json"}));
  sub->add_option("--lag", a.check.settings.lag, "the least realtime-lag that is told")
      ->capture_default_str();
  sub->add_option("--limit", a.limit,
                  "findings listed of each anomaly, and values and operations of each (of these at "
                  "least 10); 0: all")
      ->capture_default_str();
  sub = add("list", "print every plug-in with its options", "list faults", list);
  sub->add_option("kind", a.name,
                  "clusters, workloads, faults, checkers, operation-checkers, reports, "
                  "broker-logs or metrics");
  sub = add("explain", "define an anomaly, a metric or a plug-in", "explain acked-lost", explain);
  sub->add_option("name", a.name, "what to explain")->required();
  sub = add("doctor", "grade this machine, and say what to change before measuring on it", "doctor",
            doctor);
  sub->add_option("--format", a.format, "text or json")->check(CLI::IsMember({"text", "json"}));
  sub = add("down", "remove what a killed run left behind", "down", down);
  sub->add_option("--out", a.out, "where run folders are")->capture_default_str();
  add("schema", "print the JSON Schema of scenarios, for editors", "schema > scenario.schema.json",
      schema);
  app.footer(
      "The launcher adds three verbs: setup (install what is missing), test (all tests), bench.");
}

// An empty word is mostly a variable of a script that is not set: it asks for nothing, and what it
// was meant to ask for would be left out without a word.
void refuse_empty_words(CLI::App& app) {
  const CLI::Validator given(
      [](const std::string& word) {
        return word.empty() ? std::string("is empty; leave the option out, or give it a value")
                            : std::string();
      },
      "");
  for (CLI::App* sub : app.get_subcommands({})) {
    for (CLI::Option* option : sub->get_options()) {
      if (option->get_type_size_max() > 0) option->check(given);
    }
  }
}

// CLI11 would only say that a verb is required.
void refuse_unknown_verb(const CLI::App& app, const std::string& word) {
  std::vector<std::string> verbs;
  for (const auto* sub : app.get_subcommands({})) verbs.push_back(sub->get_name());
  if (word.empty() || word.starts_with("-")) return;
  if (std::ranges::find(verbs, word) != verbs.end()) return;
  throw UsageError("there is no verb '" + word + "'" + did_you_mean(word, verbs) +
                   "; ./seatrial --help lists them");
}

int main_checked(int argc, char** argv) {
  Arguments arguments;
  arguments.command = "./seatrial";
  for (int i = 1; i < argc; ++i) arguments.command += std::string(" ") + argv[i];
  CLI::App app{
      "Seatrial benchmarks and breaks Kafka clusters, and says what each setting costs and saves.",
      "./seatrial"};
  Verb verb = nullptr;
  declare(app, arguments, verb);
  refuse_empty_words(app);
  refuse_unknown_verb(app, argc > 1 ? argv[1] : "");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 3;
  }
  // Verbs that start other processes see to their end.
  std::optional<run::StopSignals> signals;
  if (verb == run || verb == plan || verb == validate || verb == down) {
    signals.emplace(run::StopSetting{
        .doing = verb == run ? ": faults are healed and the cluster is taken down" : "",
        .overdue = end_at_once});
    clusters::set_program_stop(signals->token());
  }
  return verb(arguments);
}

// The exit code of what ends by an exception, which goes to standard error.
template <class Body>
int guarded(const Body& body) {
  try {
    return body();
  } catch (const UsageError& error) {
    std::cerr << error.what() << "\n";
    return 3;
  } catch (const Interrupted& error) {
    std::cerr << "seatrial: " << error.what() << "\n";
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "seatrial: " << error.what() << "\n";
  }
  return 4;
}

}  // namespace
}  // namespace seatrial

int main(int argc, char** argv) {
  // Of the harness's own making: it is in no help.
  const bool is_worker = argc > 1 && std::string_view(argv[1]) == seatrial::run::worker_verb;
  if (is_worker) {
    return seatrial::guarded([] { return seatrial::run::run_member_worker(); });
  }
  seatrial::StandardOutput output;
  const auto cannot_write = [](const std::string& why) {
    std::cerr << "seatrial: cannot write to standard output: " << why << "\n";
  };
  if (const auto why = output.unusable()) {
    cannot_write(*why);
    return 4;
  }
  const int code = seatrial::guarded([&] { return seatrial::main_checked(argc, argv); });
  const auto lost = output.finish(seatrial::seconds(10));
  if (lost) cannot_write(*lost);
  return lost && code == 0 ? 4 : code;
}
