// A course of searches over trials that are made up: what it writes down, how it ends, and that it
// goes on where it was.
#include "capacity/course.hpp"

#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "capacity/targets.hpp"
#include "support/catch.hpp"
#include "support/records.hpp"
#include "support/text.hpp"
#include "unit/capacity/plans.hpp"

namespace seatrial::capacity {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::contains;

struct Folder {
  fs::path path = fs::temp_directory_path() / ("seatrial-capacity-" + std::to_string(::getpid()));
  Folder() {
    fs::remove_all(path);
    fs::create_directories(path);
  }
  ~Folder() { fs::remove_all(path); }
};

const std::string one_producer = R"(name: searched
cluster: {kind: mock, brokers: 1, controllers: combined}
topics: {orders: {partitions: 2, replication: 1}}
workloads: {produce: {kind: producer, topic: orders, rate: 1000/s, size: 1KiB}}
phases: {warmup: 5s, measure: 10s}
)";

Setting setting_of(const std::vector<std::string>& partitions = {}) {
  Setting out{.budget_s = 6000};
  std::vector<std::string> values = partitions;
  if (values.empty()) values.emplace_back();
  else out.axes = {"partitions"};
  for (const auto& value : values) {
    Base base{.name = value.empty() ? "base" : "partitions=" + value, .axes = {}, .trial = {}};
    if (!value.empty()) base.axes["partitions"] = value;
    base.trial = by_hand::trial_of({}, one_producer);
    base.searched = *searched_in(base.trial);
    base.pass = {.targets = *targets_of({"failed == 0"}, base.trial), .workloads = {"produce"}};
    base.rules = rules_for(base, 0.05, 3000, false);
    out.bases.push_back(std::move(base));
  }
  return out;
}

// A trial that passes up to 5,000 messages a second.
json ended(const scenario::TrialPlan& plan) {
  const double rate = plan.workloads.front().options.rate("rate").per_second();
  json out{{"status", "finished"},
           {"verdict", "pass"},
           {"variant", plan.variant},
           {"seed", plan.seed},
           {"first_ack_s", 0.5},
           {"phases",
            {{{"name", "warmup"}, {"from_s", -5.0}, {"to_s", 0.0}},
             {{"name", "measure"}, {"from_s", 0.0}, {"to_s", 10.0}}}},
           {"audit", {{"status", "complete"}}},
           {"workloads",
            {{{"name", "produce"},
              {"lanes", 1},
              {"totals", {{"intended", 10}, {"acked", 10}, {"failed", rate <= 5000 ? 0 : 1}}}}}},
           {"brokers", {{{"node", 1}, {"role", "broker"}, {"cpu", 0.6}}}},
           {"machine", {{{"t_s", 1}, {"generator_cpu", 0.2}}}}};
  return out;
}

// Runs trials until the course has enough, or there were so many.
int run(CapacityCourse& course, record::Journal& journal, const scenario::Plan& plan,
        int most = 1000) {
  int ran = 0;
  for (scenario::TrialPlan trial : plan.trials) {
    const auto index = static_cast<std::size_t>(trial.index);
    const auto so_far = journal.record();
    if (course.keeps(so_far.trial(index))) continue;
    if (course.enough(journal) || ran == most) break;
    course.adapt(trial);
    journal.trial(trial.index, ended(trial));
    ++ran;
  }
  return ran;
}

scenario::Plan plan_for(const Setting& setting) {
  scenario::Plan plain;
  plain.seed = 7;
  return planned(plain, setting);
}

TEST_CASE("a course finds the load, and its record is of the record's shape", "[capacity]") {
  const Folder folder;
  record::Journal journal(folder.path);
  Setting setting = setting_of();
  setting.shared_machine = true;
  const auto plan = plan_for(setting);
  CapacityCourse course(setting);
  journal.run({{"environment", {{"cores", 2}}}});
  course.begin(journal);
  CHECK(contains(course.so_far(), "nothing is known yet"));
  const int ran = run(course, journal, plan);
  CHECK(ran < 40);
  json end;
  course.conclude(journal.record(), false, end);
  journal.run(end);
  const json record = test::document(journal.record());
  const json& search = record.at("capacity").at("searches").at(0);
  INFO(search.dump(1));
  CHECK(search.at("outcome") == "interval");
  CHECK(search.at("lower_per_s").get<double>() <= 5000.5);
  CHECK(search.at("upper_per_s").get<double>() > 4999);
  CHECK(search.at("message_bytes") == 1024);
  CHECK(search.at("soak").at("outcome") == "passed");
  CHECK(search.at("shared").at("brokers_cpu") == Approx(0.6));
  CHECK(contains(search.at("notes").dump(), "75 % of what both used"));
  CHECK(contains(search.at("reason"), "MB/s"));
  CHECK(record.at("verdict").at("overall") == "pass");
  CHECK(record.at("verdict").at("exit_code") == 0);
  CHECK(record.at("trials").at(0).at("variant") == "1000/s");
}

TEST_CASE("a course goes on where it was, and ends where it would have ended", "[capacity]") {
  const Folder folder;
  const Setting setting = setting_of({"1", "2"});
  const auto plan = plan_for(setting);
  record::Journal journal(folder.path);
  CapacityCourse whole(setting);
  whole.begin(journal);
  const int all = run(whole, journal, plan);
  const json at_once = test::document(journal.record());

  const Folder other;
  record::Journal second(other.path);
  int ran = 0;
  for (int part = 0; part < 100 && ran < all; ++part) {
    CapacityCourse course(setting);
    course.begin(second);
    ran += run(course, second, plan, 5);
  }
  CHECK(ran == all);
  const json in_parts = test::document(second.record());
  for (const char* key : {"lower_per_s", "upper_per_s", "outcome", "loads"}) {
    INFO(key);
    CHECK(in_parts["trials"].size() == at_once["trials"].size());
    CapacityCourse last(setting);
    json end;
    last.conclude(second.record(), false, end);
    CHECK(end["capacity"]["searches"][1].value(key, json()) ==
          at_once["capacity"]["searches"][1].value(key, json()));
  }
  CHECK(in_parts["trials"].back()["variant"].get<std::string>().starts_with("partitions=2 "));
}

TEST_CASE("an interrupted course says how to go on, and its last trial runs once more",
          "[capacity]") {
  const Folder folder;
  record::Journal journal(folder.path);
  const Setting setting = setting_of();
  const auto plan = plan_for(setting);
  CapacityCourse course(setting);
  course.begin(journal);
  static_cast<void>(run(course, journal, plan, 2));
  journal.trial(2, {{"status", "error"}, {"error", "interrupted"}, {"verdict", "unknown"}});
  const auto so_far = journal.record();
  CHECK_FALSE(course.keeps(so_far.trial(2)));
  CHECK(course.keeps(so_far.trial(1)));
  CHECK_FALSE(course.keeps(so_far.trial(17)));
  json end;
  course.conclude(journal.record(), true, end);
  CHECK(end["verdict"]["exit_code"] == 2);
  CHECK(contains(end["verdict"]["reasons"].dump(), "after 2 trials; --resume"));
  CHECK(end["capacity"]["searches"][0]["outcome"] == "open");
}

TEST_CASE("settings that brokers do not take end their search alone", "[capacity]") {
  const Folder folder;
  record::Journal journal(folder.path);
  const Setting setting = setting_of({"1", "2"});
  const auto plan = plan_for(setting);
  CapacityCourse course(setting);
  course.begin(journal);
  journal.trial(0,
                {{"status", "error"}, {"error", "no"}, {"refused", true}, {"verdict", "unknown"}});
  static_cast<void>(run(course, journal, plan));
  json end;
  course.conclude(journal.record(), false, end);
  const json& searches = end["capacity"]["searches"];
  CHECK(searches[0]["outcome"] == "undecided");
  CHECK(contains(searches[0]["reason"], "do not take its settings"));
  CHECK(searches[1]["outcome"] == "interval");
  CHECK(end["verdict"]["overall"] == "unknown");
}

TEST_CASE("a run of other targets, axes or budget does not go on", "[capacity]") {
  const Folder folder;
  record::Journal journal(folder.path);
  const Setting setting = setting_of();
  CapacityCourse course(setting);
  course.begin(journal);
  const auto record = journal.record();
  CHECK_FALSE(not_the_same(record.view(), setting));
  Setting other = setting;
  other.bases[0].pass.targets = *targets_of({"unknown == 0"}, other.bases[0].trial);
  CHECK(contains(*not_the_same(record.view(), other), "--slo"));
  other = setting;
  other.budget_s = 10;
  CHECK(contains(*not_the_same(record.view(), other), "--budget"));
  other = setting;
  other.settings = {"a=b"};
  CHECK(contains(*not_the_same(record.view(), other), "--over or --set"));
}

}  // namespace
}  // namespace seatrial::capacity
