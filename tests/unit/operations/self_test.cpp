// The self-test: anomalies injected at random places of valid generated, and exactly those are
// found, in kind and place; nothing is found in valid generated. Prints totals.
#include <cstdio>
#include <map>

#include "core/registry.hpp"
#include "support/catch.hpp"
#include "unit/operations/generator.hpp"

namespace seatrial::operations::test {
namespace {

constexpr int generated = 1000;
constexpr JudgeSettings everything{.limit = 1'000'000};

// The lag itself depends on every line of the history; the other places do not.
std::multiset<std::string> without_lag(const std::multiset<std::string>& places) {
  std::multiset<std::string> out;
  for (std::string place : places) {
    const std::size_t lag = place.find(" lag ");
    if (lag != place.npos) place.erase(lag, place.find(" by ") - lag);
    out.insert(place);
  }
  return out;
}

TEST_CASE("every kind of anomaly can be injected", "[operations]") {
  std::set<std::string> names;
  for (const auto& name : Registry<OperationChecker>::instance().names()) {
    if (name != "thrower") names.insert(name);  // another test's
  }
  CHECK(names == std::set<std::string>(injectable().begin(), injectable().end()));
}

TEST_CASE("self-test: exactly what was injected is found, and nothing in valid generated",
          "[operations]") {
  std::map<std::string, int> injected;
  std::size_t operations = 0, expected = 0, found = 0, wrong = 0, valid = 0;
  for (int n = 0; n < generated; ++n) {
    Generator generator(static_cast<std::uint32_t>(n), 10 + n % 90);
    // Every sixth stays valid; the others get one kind several times, half of them another too.
    if (n % 6 == 0) ++valid;
    for (int round = 0; n % 6 != 0 && round < 2 + n % 2; ++round) {
      const auto& names = injectable();
      const auto& name = names[static_cast<std::size_t>(n * 7 + round / 2 * 5) % names.size()];
      for (int k = 0; k <= n % 3; ++k) {
        bool done = false;
        for (int attempt = 0; attempt < 8 && !done; ++attempt) done = generator.inject(name);
        if (done) ++injected[name];
      }
    }
    const History history = read(to_jsonl(generator.ops()));
    const Judgement judgement = judge(history, everything);
    const auto must = generator.expected();
    const auto did = without_lag(found_by(history, judgement));
    operations += generator.ops().size();
    expected += must.size();
    for (const auto& place : did) ++(must.contains(place) ? found : wrong);
    INFO("seed " << n << "\nexpected:\n" << text_of(must) << "found:\n" << text_of(did));
    REQUIRE(did == must);
    CHECK(judgement.validity == generator.validity());
  }
  int total = 0;
  for (const auto& name : injectable()) {
    CHECK(injected[name] >= 20);
    total += injected[name];
  }
  std::printf(
      "self-test: %d generated (%zu valid), %zu operations, %d anomalies of %zu kinds "
      "injected, %zu findings expected, %zu found, %zu false\n",
      generated, valid, operations, total, injectable().size(), expected, found, wrong);
}

}  // namespace
}  // namespace seatrial::operations::test
