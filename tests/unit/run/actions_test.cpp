// Which faults are possible where, and why not.
#include "run/actions.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "support/catch.hpp"

namespace seatrial::run {
namespace {

std::string reason(const std::vector<Action>& all, const std::string& fault,
                   const std::string& kind) {
  const auto action = std::ranges::find(all, fault, &Action::fault);
  REQUIRE(action != all.end());
  const auto on = std::ranges::find(action->kinds, kind, &Action::On::kind);
  REQUIRE(on != action->kinds.end());
  return on->why_not;
}

TEST_CASE("each action says yes, or no and why, by kind of cluster") {
  const auto all = list_actions([](const ClusterKind& kind) -> std::optional<std::string> {
    return kind.name == "compose" ? std::optional<std::string>("no container engine")
                                  : std::nullopt;
  });
  CHECK(reason(all, "kill", "local").empty());
  CHECK(reason(all, "elect", "local").empty());
  CHECK(reason(all, "kill", "mock") == "it has no broker processes to act on");
  CHECK(reason(all, "reassign", "mock") == "it is not to be administered");
  CHECK(reason(all, "elect", "external") == "it is not to be administered");
  CHECK(reason(all, "cut", "local").empty());
  CHECK(reason(all, "skip_polls", "mock").empty());  // whatever the brokers are
  CHECK(reason(all, "delete_topic", "mock") == "it is not to be administered");
  CHECK(reason(all, "alter_topic", "mock") == "it is not to be administered");
  CHECK(reason(all, "step_clock", "compose") == "its clocks cannot be set");
  CHECK(reason(all, "oom_kill", "mock") == "it has no broker processes to act on");
  for (const char* action : {"kill", "cut", "power_loss", "freeze"})
    CHECK(reason(all, action, "compose") == "no container engine");
  CHECK(reason(all, "alter_topic", "compose") == "no container engine");
  const auto text = actions_to_text(all);
  CHECK(text.find("no, as of") != text.npos);
  CHECK(text.find("on compose: no container engine") != text.npos);
  for (const auto& action : actions_to_json(all)) CHECK(action["kinds"].size() >= 3);
}

}  // namespace
}  // namespace seatrial::run
