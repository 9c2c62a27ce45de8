// A workload whose lanes do what a test says, for tests of whatever runs lanes.
//
//   const test::FakeWorkload writes("writes", {.traits = {.produces = true}, .run = test::idle});
//   plan.workloads.push_back(writes.plan());
//
// Its plug-in is registered as `test-fake`; what it does is found by the workload's name.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

#include "client/workload.hpp"
#include "core/registry.hpp"
#include "scenario/plan.hpp"

namespace seatrial::test {

using Ready = std::function<void()>;

struct LaneScript {
  Traits traits;
  std::function<LaneReport(LaneContext&, const Ready&, const std::stop_token&)> run;
  double offered_per_s = 0;
};

// The life of a lane that does nothing, and keeps to the protocol of client/lane.hpp.
inline LaneReport idle(LaneContext& lane, const Ready& ready, const std::stop_token& stop) {
  ready();
  const auto over = [&] {
    return lane.ledger != nullptr ? to_ns(now()) >= lane.clock->intend_until_ns
                                  : lane.clock->consumers_stop.load();
  };
  while (!stop.stop_requested() && !over()) std::this_thread::sleep_for(milliseconds(1));
  return {};
}

class FakeWorkload {
 public:
  FakeWorkload(std::string name, LaneScript script) : name_(std::move(name)) {
    scripts()[name_] = std::move(script);
  }
  ~FakeWorkload() { scripts().erase(name_); }
  FakeWorkload(const FakeWorkload&) = delete;
  FakeWorkload& operator=(const FakeWorkload&) = delete;

  [[nodiscard]] scenario::WorkloadPlan plan(const std::string& topic = "orders") const {
    std::vector<OptionProblem> problems;
    const auto text = [](const std::string& value) {
      return RawOption{.text = value, .entries = {}, .is_map = false};
    };
    return {.name = name_,
            .kind = "test-fake",
            .options = Options::check(Registry<Workload>::instance().find("test-fake")->options,
                                      {{"topic", text(topic)}, {"script", text(name_)}}, problems),
            .client_library = {}};
  }

 private:
  friend class ScriptedWorkload;
  static std::map<std::string, LaneScript>& scripts() {
    static std::map<std::string, LaneScript> all;
    return all;
  }

  std::string name_;
};

class ScriptedWorkload final : public Workload {
 public:
  explicit ScriptedWorkload(const Options& options)
      : script_(FakeWorkload::scripts().at(options.text("script"))) {}
  [[nodiscard]] Traits traits() const override { return script_.traits; }
  [[nodiscard]] std::map<std::string, std::string> client_properties() const override {
    return {{"acks", "all"}};
  }
  [[nodiscard]] double offered_rate() const override { return script_.offered_per_s; }
  LaneReport run(LaneContext& lane, const Ready& ready, std::stop_token stop) const override {
    return script_.run(lane, ready, stop);
  }

 private:
  LaneScript script_;
};

inline const Registration<Workload> fake_workload{
    {.name = "test-fake",
     .help = "for tests",
     .options =
         {{.name = "topic", .help = "its topic", .choices = {}, .required = true},
          {.name = "script", .help = "its script's name", .choices = {}, .required = true},
          {.name = "properties", .type = OptionType::properties, .help = "none", .choices = {}}},
     .make = [](const Options& options) -> std::unique_ptr<Workload> {
       return std::make_unique<ScriptedWorkload>(options);
     }}};

}  // namespace seatrial::test
