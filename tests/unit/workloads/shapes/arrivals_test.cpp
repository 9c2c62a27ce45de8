// What a scenario may say of arrivals, and what it offers then.
#include "workloads/shapes/arrivals.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/check.hpp"
#include "support/catch.hpp"

using namespace seatrial;
using workloads::validate_arrivals;
namespace fs = std::filesystem;

namespace {

struct TraceFolder {
  fs::path path = fs::temp_directory_path() / ("seatrial-arrivals-" + std::to_string(getpid()));
  TraceFolder() { fs::create_directories(path); }
  ~TraceFolder() { fs::remove_all(path); }
};

workloads::Offer offer(const std::string& rate, const std::string& arrivals,
                       const fs::path& folder = {}) {
  const std::vector<OptionSpec> specs{
      {.name = "rate", .type = OptionType::rate},
      {.name = "arrivals", .fallback = "constant", .validate = validate_arrivals}};
  std::map<std::string, RawOption> raw;
  if (!rate.empty()) raw["rate"].text = rate;
  if (!arrivals.empty()) raw["arrivals"].text = arrivals;
  std::vector<OptionProblem> problems;
  auto options = Options::check(specs, raw, problems);
  for (const auto& problem : problems) FAIL(problem.message);
  options.set_folder(folder.string());
  return workloads::offer_of(options);
}

std::string refusal(const std::string& rate, const std::string& arrivals,
                    const fs::path& folder = {}) {
  try {
    offer(rate, arrivals, folder);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

bool says(const std::string& text, const char* what) {
  INFO(text);
  return text.find(what) != std::string::npos;
}

}  // namespace

TEST_CASE("arrivals: each shape offers what it says") {
  CHECK(offer("100/s", "").messages(seconds(10)) == Approx(1000));
  CHECK(offer("100/s", "poisson").messages(seconds(10)) == Approx(1000));
  CHECK(offer("100/s", "bursts(50)").messages(milliseconds(1)) == 50);
  CHECK(offer("100/s", "bursts(50, 400ms)").messages(milliseconds(200)) == 25);
  CHECK(offer("100/s", "ramp(0, 10s)").messages(seconds(10)) == 500);
  CHECK(offer("100/s", "ramp(20/s, 10s)").messages(seconds(20)) == 1600);
  CHECK(offer("100/s", "diurnal(20/s, 24h)").messages(std::chrono::hours(24)) == 60 * 86'400);
  CHECK(offer("max", "").messages(seconds(10)) == 0);
  CHECK(offer("max", "").per_second() == 0);
}

TEST_CASE("arrivals: a file is found from the scenario's folder and has a rate of its own") {
  const TraceFolder folder;
  std::ofstream(folder.path / "gaps.txt") << "10ms\n20ms\n70ms\n";
  const auto once = offer("", "gaps(gaps.txt)", folder.path);
  CHECK(once.per_second() == Approx(30));
  CHECK(once.messages(seconds(1)) == 3);
  CHECK(offer("", "gaps(gaps.txt, repeat)", folder.path).messages(seconds(1)) == 29);
  CHECK(offer("", "times(gaps.txt)", folder.path).per_second() == Approx(3 / 0.07));
  CHECK(says(refusal("5/s", "gaps(gaps.txt)", folder.path), "rate: the trace"));
  CHECK(says(refusal("", "gaps(gap.txt)", folder.path), "arrivals: cannot read"));
  std::ofstream(folder.path / "bad.txt") << "10ms\nlong\n";
  CHECK(says(refusal("", "times(bad.txt)", folder.path), "bad.txt, line 2: "));
}

TEST_CASE("arrivals: steps, spikes and files of rates offer the integral of what they say") {
  const auto steps = offer("", "steps(100/s 30s, 500/s 10s, 20/s)");
  CHECK(steps.messages(seconds(30)) == 3000);
  CHECK(steps.messages(seconds(40)) == 8000);
  CHECK(steps.messages(seconds(50)) == 8200);
  CHECK(steps.per_second() == Approx(200));
  CHECK(offer("", "steps(10/s 1s, 0 9s, repeat)").messages(seconds(100)) == 100);

  const auto spikes = offer("100/s", "spikes(1k/s, 5s, 60s)");
  CHECK(spikes.messages(seconds(55)) == 5500);
  CHECK(spikes.messages(seconds(60)) == 10'500);
  CHECK(spikes.messages(seconds(600)) == 105'000);
  CHECK(spikes.per_second() == Approx(175));

  const TraceFolder folder;
  std::ofstream(folder.path / "week.csv") << "# a week\n0s,100/s\n10s, 300/s\n20s,0\n";
  const auto rates = offer("", "rates(week.csv)", folder.path);
  CHECK(rates.messages(seconds(10)) == 2000);
  CHECK(rates.messages(seconds(60)) == 3500);
  CHECK(offer("", "rates(week.csv, repeat)", folder.path).messages(seconds(60)) == 10'500);
  std::ofstream(folder.path / "plain.csv") << "time_s,rate_per_s\n0,100\n10,300.0\n20,0\n";
  CHECK(offer("", "rates(plain.csv)", folder.path).messages(seconds(60)) == 3500);
}

TEST_CASE("arrivals: a wrong rate over time is told with its place") {
  const TraceFolder folder;
  const auto refused = [&](const char* text) {
    std::ofstream(folder.path / "bad.csv") << text;
    return refusal("", "rates(bad.csv)", folder.path);
  };
  CHECK(says(refused("0s,100/s\n 5s, many\n"), "bad.csv:2:6: 'many' is not a rate"));
  CHECK(says(refused("0s,100/s\n5,200/s\n"), "bad.csv:2:1: "));
  CHECK(says(refused("0,100\n10,200\n"), "first line time_s,rate_per_s"));
  CHECK(says(refused("0s,1/s\n9s,2/s\n8s,1/s\n"), "bad.csv:3:1: '8s' is before the line"));
  CHECK(says(refused("1s,100/s\n"), "bad.csv:1:1: the first line is of time 0"));
  CHECK(says(refused("0s;100/s\n"), "a line is TIME,RATE"));
  CHECK(says(refused("time_s,rate_per_s\n0,-5\n"), "bad.csv:2:3: "));
  CHECK(says(refused("0s,0\n"), "nothing ever falls due"));
  CHECK(says(refused("# nothing\n"), "no line with a time"));
  CHECK(says(refusal("5/s", "steps(1/s 1s, 2/s)"), "rate: the shape of `arrivals` has a rate"));
  CHECK(says(refusal("", "spikes(1k/s, 5s, 60s)"), "missing key 'rate'"));
  CHECK(says(refusal("max", "spikes(1k/s, 5s, 60s)"), "closed loop"));
}

TEST_CASE("arrivals: what does not go together is refused") {
  CHECK(says(refusal("", "poisson"), "missing key 'rate'"));
  CHECK(says(refusal("max", "poisson"), "arrivals: `rate: max` is the closed loop"));
  CHECK(says(refusal("10/s", "bursts(10, 2s)"), "arrivals: a burst lasts longer"));
  CHECK(says(refusal("10/s", "diurnal(20/s, 1h)"), "lowest rate is above"));
}

TEST_CASE("arrivals: what is no shape is told, with the nearest one") {
  CHECK(validate_arrivals("ramp( 0/s , 10s )").empty());
  CHECK(says(validate_arrivals("poison"), "(did you mean 'poisson'?)"));
  CHECK(says(validate_arrivals("burst(10)"), "(did you mean 'bursts'?)"));
  CHECK(says(validate_arrivals("ramp(10/s)"), "ramp(RATE, TIME)"));
  CHECK(says(validate_arrivals("ramp(10, 10s)"), "span of time"));
  CHECK(says(validate_arrivals("ramp(max, 10s)"), "not max"));
  CHECK(says(validate_arrivals("diurnal(1/s, 0)"), "above 0"));
  CHECK(says(validate_arrivals("bursts(0)"), "at least 1"));
  CHECK(says(validate_arrivals("bursts(ten)"), "whole decimal number"));
  CHECK(says(validate_arrivals("step(1/s 1s, 2/s)"), "(did you mean 'steps'?)"));
  CHECK(says(validate_arrivals("steps()"), "no step"));
  CHECK(says(validate_arrivals("steps(1/s, 2/s)"), "'1/s' has no time"));
  CHECK(says(validate_arrivals("steps(1/s 5s, 2/s 5s)"), "leave out the time of '2/s 5s'"));
  CHECK(says(validate_arrivals("steps(1/s 5s, max)"), "not max"));
  CHECK(says(validate_arrivals("spikes(1k/s, 60s, 5s)"), "does not end before the next one"));
  CHECK(says(validate_arrivals("spikes(1k/s, 60s)"), "spikes(RATE, LENGTH, EVERY)"));
  CHECK(says(validate_arrivals("gaps()"), "name of a file"));
  CHECK(says(validate_arrivals("gaps(a.txt, again)"), "`repeat`, not 'again'"));
}
