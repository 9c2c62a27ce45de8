// `seatrial size` and `seatrial simulate` as their users meet them: answers, and refusals that say
// what to change.
#include <nlohmann/json.hpp>

#include "e2e/seatrial_process.hpp"
#include "support/catch.hpp"
#include "support/text.hpp"

namespace seatrial::e2e {
namespace {

using test::contains;

Ended ended(std::vector<std::string> arguments) {
  Harness run({.arguments = std::move(arguments), .cwd = root, .environment = {}});
  return run.wait();
}

}  // namespace

TEST_CASE("size answers as text and as JSON, and says what to change", "[light]") {
  const std::vector<std::string> asked{"size", "--ingress",   "50MB/s", "--groups",
                                       "3",    "--retention", "7d"};
  const Ended text = ended(asked);
  INFO(text.out << text.err);
  CHECK(text.exit_code == 0);
  CHECK(contains(text.out, "bound by"));
  auto as_json = asked;
  as_json.insert(as_json.end(), {"--format", "json"});
  const auto document = nlohmann::json::parse(ended(as_json).out);
  CHECK(document.at("choices").at(0).at("few").at("brokers") >= 4);

  const auto refused = [&](std::vector<std::string> more) {
    auto all = asked;
    all.insert(all.end(), more.begin(), more.end());
    const Ended end = ended(std::move(all));
    CHECK(end.exit_code == 3);
    return end.err;
  };
  CHECK(contains(refused({"--tolerate", "3"}), "--tolerate 2 at most"));
  CHECK(contains(refused({"--machine", "core=8"}), "did you mean 'cores'?"));
}

TEST_CASE("simulate says what to change before it reads a run", "[light]") {
  const Ended nothing = ended({"simulate", "--from", "none"});
  CHECK(nothing.exit_code == 3);
  CHECK(contains(nothing.err, "--check RUN predicts a run"));
  const Ended few = ended({"simulate", "--from", "none", "--brokers", "2", "--rate", "1k/s"});
  CHECK(few.exit_code == 3);
  CHECK(contains(few.err, "cannot hold 3 replicas"));
}

}  // namespace seatrial::e2e
