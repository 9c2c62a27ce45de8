// What a certificate says: of equals no alarm, of slowdowns what was injected, of another machine
// nothing.
#include "gate/certificate.hpp"

#include <cmath>

#include "gate/certify.hpp"
#include "support/catch.hpp"
#include "support/text.hpp"

namespace seatrial::gate {
namespace {

using test::contains;

// Symmetric about the centre, a few per cent wide.
std::vector<double> spread(double centre, int pairs) {
  std::vector<double> out;
  for (int i = 0; i < pairs; ++i) out.push_back(centre + 0.05 * (2.0 * i / (pairs - 1) - 1));
  return out;
}

Certificate measured() {
  return {.made_at = "2026-11-29T00:00:00Z",
          .scenario = "certify",
          .machine = {{"cores", "2"}, {"kernel", "Linux 6"}},
          .equals = spread(0, 24),
          .slowed = {{"1.20", spread(std::log(1.2), 10)}, {"1.05", spread(std::log(1.05), 10)}}};
}

TEST_CASE("equals alarm seldom, and a slowdown is found as it was injected", "[gate]") {
  const auto assessment = assess(measured(), Rules{});
  CHECK(assessment.equals == 24);
  CHECK(assessment.sigma == Approx(0.03).margin(0.015));
  CHECK(assessment.false_alarms.trials == 2000);
  CHECK(assessment.false_alarms.hits <= 20);
  CHECK(assessment.p_distance < 2 * assessment.p_distance_of_chance);
  REQUIRE(assessment.slowdowns.size() == 2);
  CHECK(assessment.slowdowns[0].slowdown == 1.05);
  CHECK(std::exp(assessment.slowdowns[1].estimate.value) == Approx(1.2).margin(0.01));
  CHECK(assessment.slowdowns[1].power > 0.95);
  CHECK(assessment.slowdowns[0].power < assessment.slowdowns[1].power);
  const auto said = sentences(assessment);
  REQUIRE(said.size() == 4);
  CHECK(contains(said[0], "24 pairs of equals"));
  CHECK(contains(said[3], "a slowdown of 1.20 was measured as 1.2"));
}

TEST_CASE("too few pairs certify nothing", "[gate]") {
  auto certificate = measured();
  certificate.equals.resize(3);
  certificate.slowed.clear();
  const auto said = sentences(assess(certificate, Rules{}));
  REQUIRE(said.size() == 1);
  CHECK(contains(said[0], "too few to say anything"));
}

TEST_CASE("a certificate is kept, read again, and of its machine alone", "[gate]") {
  const auto certificate = measured();
  const auto again = certificate_of(to_json(certificate));
  REQUIRE(again);
  CHECK(again->equals == certificate.equals);
  CHECK(again->slowed == certificate.slowed);
  CHECK_FALSE(differs(again->machine, certificate.machine));
  auto other = certificate.machine;
  other["kernel"] = "Linux 7";
  CHECK(differs(again->machine, other) == "kernel was Linux 6 and is Linux 7");
  CHECK_FALSE(certificate_of(nlohmann::json{{"equals", "many"}}));
  CHECK_FALSE(certificate_of(nlohmann::json::array()));
}

TEST_CASE("half of the pairs of a certification are equals", "[gate]") {
  CHECK(std::ranges::count(slowdowns, std::string_view("1")) == slowdowns.size() / 2);
}

}  // namespace
}  // namespace seatrial::gate
