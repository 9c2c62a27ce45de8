// The definitions on histories of a few lines, each with its opposite: what must be found, and the
// nearest thing that must not.
#include <nlohmann/json.hpp>

#include "core/registry.hpp"
#include "operations/render.hpp"
#include "support/catch.hpp"
#include "unit/operations/model.hpp"

namespace seatrial::operations::test {
namespace {

// Operations one after the other, each of its process.
class Story {
 public:
  Story& then(int process, const std::string& type, const std::string& f,
              std::vector<MicroOperation> micro, std::vector<int> rebalanced = {}) {
    clock_ += 1;
    ops_.push_back({.invoked = clock_,
                    .completed = clock_ + 0.5,
                    .process = process,
                    .type = type,
                    .f = f,
                    .micro = std::move(micro),
                    .rebalanced = std::move(rebalanced)});
    return *this;
  }
  Story& assign(int process, const std::string& f, std::vector<int> keys) {
    then(process, "ok", f, {});
    ops_.back().keys = std::move(keys);
    return *this;
  }
  // Three messages 10, 11, 12 of key 1, at offsets 0, 1, 2, all polled by process 99.
  static Story three() {
    Story story;
    story.then(98, "ok", "send", {send(1, 0, 10), send(1, 1, 11), send(1, 2, 12)});
    story.then(99, "ok", "poll", {poll({{1, 0, 10}, {1, 1, 11}, {1, 2, 12}})});
    return story;
  }
  Judgement judged(const std::string& lag = "10s") {
    return judge(read(to_jsonl(ops_)), {.lag = lag});
  }
  // "lost-write G1a", or "" if nothing was found.
  std::string found() {
    std::string out;
    for (const auto& [name, findings] : judged().anomalies) out += (out.empty() ? "" : " ") + name;
    return out;
  }
  std::string valid() { return std::string(operations::to_string(judged().validity)); }

 private:
  double clock_ = 0;
  std::vector<Op> ops_;
};

TEST_CASE("no evidence is not a valid history", "[operations]") {
  CHECK(Story().valid() == "unknown");
  CHECK(Story().then(0, "ok", "poll", {poll({})}).valid() == "unknown");
  CHECK(Story().then(0, "info", "send", {send(1, {}, 10)}).valid() == "unknown");
  CHECK(Story::three().valid() == "true");
}

TEST_CASE("a lost write needs a later offset that was polled, and else it is unseen",
          "[operations]") {
  Story story;
  story.then(0, "ok", "send", {send(1, 0, 10), send(1, 1, 11)});
  story.then(1, "ok", "poll", {poll({{1, 0, 10}})});
  CHECK(story.found() == "unseen");
  CHECK(story.valid() == "unknown");
  story.then(2, "ok", "send", {send(1, 2, 12)});
  CHECK(story.found() == "unseen");
  story.then(3, "ok", "poll", {poll({{1, 2, 12}})});
  CHECK(story.found() == "lost-write");
  CHECK(story.valid() == "false");
}

TEST_CASE("an info send counts as committed once a message of its operation was polled",
          "[operations]") {
  Story story;
  story.then(0, "info", "txn", {send(1, {}, 10), send(2, 0, 20)});
  story.then(1, "ok", "send", {send(2, 1, 21)});
  story.then(2, "ok", "poll", {poll({{2, 1, 21}})});
  CHECK(story.found().empty());
  CHECK(story.valid() == "true");
  story.then(3, "ok", "poll", {poll({{1, 0, 10}})});
  CHECK(story.found() == "lost-write");
}

TEST_CASE("an info send that was told an offset and never seen contradicts nobody",
          "[operations]") {
  Story story;
  story.then(0, "info", "send", {send(1, 0, 10)});
  story.then(1, "ok", "send", {send(1, 0, 11)});
  story.then(2, "ok", "poll", {poll({{1, 0, 11}})});
  CHECK(story.valid() == "true");
  CHECK(Story()
            .then(1, "ok", "send", {send(1, 0, 11)})
            .then(2, "ok", "send", {send(1, 0, 12)})
            .found() == "inconsistent-offsets unseen");
}

TEST_CASE("polls skip and go back only where nothing excuses it", "[operations]") {
  const auto from_0_to_2 = [](auto between) {
    Story story = Story::three();
    story.assign(0, "assign", {1});
    story.then(0, "ok", "poll", {poll({{1, 0, 10}})});
    between(story);
    return story.then(0, "ok", "poll", {poll({{1, 2, 12}})});
  };
  CHECK(from_0_to_2([](Story&) {}).found() == "poll-skip");
  CHECK(from_0_to_2([](Story& s) { s.assign(0, "assign", {1, 2}); }).found() == "poll-skip");
  CHECK(from_0_to_2([](Story& s) { s.assign(0, "assign", {2}); }).found().empty());
  CHECK(from_0_to_2([](Story& s) { s.then(0, "info", "crash", {}); }).found().empty());
  CHECK(from_0_to_2([](Story& s) { s.then(0, "ok", "poll", {poll({})}, {1}); }).found().empty());
  CHECK(from_0_to_2([](Story& s) {
          s.then(0, "info", "poll", {poll({{1, 1, 11}})});
        })
            .found()
            .empty());
  // What a failed operation polled is taken back.
  CHECK(from_0_to_2([](Story& s) {
          s.then(0, "fail", "txn", {poll({{1, 1, 11}})});
        }).found() == "poll-skip");
  CHECK(from_0_to_2([](Story& s) {
          s.then(0, "ok", "poll", {poll({{1, 1, 11}})});
        })
            .found()
            .empty());
  // A group may move partitions about: told, and not held against anyone.
  Story group = from_0_to_2([](Story& s) { s.assign(0, "subscribe", {1}); });
  CHECK(group.found() == "poll-skip");
  CHECK(group.valid() == "true");
  group.then(0, "ok", "poll", {poll({{1, 2, 12}})});
  CHECK(group.found() == "nonmonotonic-poll poll-skip");
  CHECK(group.valid() == "true");
}

TEST_CASE("within one operation a rebalance excuses, another key's does not", "[operations]") {
  const auto polled = [](std::vector<int> rebalanced) {
    return Story::three()
        .then(0, "ok", "poll", {poll({{1, 0, 10}}), poll({{1, 2, 12}, {1, 1, 11}})}, rebalanced)
        .found();
  };
  CHECK(polled({}) == "int-nonmonotonic-poll int-poll-skip");
  CHECK(polled({2}) == "int-nonmonotonic-poll int-poll-skip");
  CHECK(polled({1}).empty());
}

TEST_CASE("gaps that nobody knows to be filled are no skips", "[operations]") {
  Story story;
  story.then(0, "ok", "txn", {send(1, 0, 10), send(1, 1, 11)});
  story.then(0, "ok", "txn", {send(1, 7, 12)});
  story.then(1, "ok", "poll", {poll({{1, 0, 10}, {1, 1, 11}, {1, 7, 12}})});
  CHECK(story.valid() == "true");
  CHECK(story.found().empty());
}

TEST_CASE("sends that may still arrive are not out of order", "[operations]") {
  const auto sends = [](const std::string& first) {
    return Story()
        .then(0, first, "send", {send(1, {}, 10)})
        .then(0, "ok", "send", {send(1, 3, 11)})
        .then(1, "ok", "poll", {poll({{1, 3, 11}, {1, 5, 10}})})
        .found();
  };
  CHECK(sends("ok") == "nonmonotonic-send");
  CHECK(sends("info").empty());
}

TEST_CASE("a message that is sent twice cannot be told from its twin", "[operations]") {
  Story story;
  story.then(0, "fail", "send", {send(1, {}, 10)});
  story.then(0, "ok", "send", {send(1, 4, 10)});
  story.then(1, "ok", "poll", {poll({{1, 4, 10}})});
  CHECK(story.found().empty());
  CHECK(story.valid() == "unknown");
  REQUIRE(story.judged().notes.size() == 1);
  CHECK(story.judged().notes[0].starts_with("1 message was sent more than once"));
}

TEST_CASE("what was never sent leaves the verdict open", "[operations]") {
  Story story = Story::three();
  story.then(0, "ok", "poll", {poll({{1, 3, 13}})});
  CHECK(story.found().empty());
  CHECK(story.valid() == "unknown");
}

TEST_CASE("lag counts from when a later offset was known to when the poll was asked for",
          "[operations]") {
  Story story = Story::three();  // lines 1 to 4, a microsecond each
  story.assign(0, "assign", {1});
  story.then(0, "ok", "poll", {poll({})});            // invoked at 7 us, offset 0 known at 2 us
  story.then(0, "ok", "poll", {poll({{1, 0, 10}})});  // invoked at 9 us; 1 known at 2 us
  const Judgement judgement = story.judged("1us");
  const auto& lags = judgement.anomalies.at("realtime-lag").kept();
  REQUIRE(lags.size() == 1);
  CHECK(lags[0].lag_ns == 7000);
  CHECK(lags[0].offsets == std::vector<std::int64_t>{0});
  CHECK(story.judged("8us").anomalies.empty());
}

TEST_CASE("a checker that throws leaves the verdict unknown", "[operations]") {
  // Registered for this test alone; the registry has no way to take it out again, so it throws only
  // for a history that no other test makes.
  class Thrower final : public OperationChecker {
   public:
    [[nodiscard]] std::string definition() const override { return "throws"; }
    void check(const Facts& facts, Findings&) const override {
      if (facts.history().name == "throw") throw std::runtime_error("on purpose");
    }
  };
  static bool registered = false;
  if (!registered) {
    Registry<OperationChecker>::instance().add(
        {.name = "thrower",
         .help = "",
         .options = {},
         .make = [](const Options&) -> std::unique_ptr<OperationChecker> {
           return std::make_unique<Thrower>();
         }});
    registered = true;
  }
  std::vector<Op> ops{{.invoked = 1, .completed = 2, .f = "send", .micro = {send(1, 0, 10)}},
                      {.invoked = 3, .completed = 4, .f = "poll", .micro = {poll({{1, 0, 10}})}}};
  History history = read(to_jsonl(ops));
  CHECK(judge(history, {}).validity == Validity::valid);
  history.name = "throw";
  const Judgement judgement = judge(history, {});
  CHECK(judgement.validity == Validity::unknown);
  CHECK(judgement.notes == std::vector<std::string>{"the checker thrower failed: on purpose"});
}

TEST_CASE("findings beyond the limit are counted, and the weight of all decides", "[operations]") {
  Story story;
  for (int i = 0; i < 20; ++i) story.then(0, "fail", "send", {send(1, {}, i)});
  std::vector<Item> all;
  for (int i = 0; i < 20; ++i) all.push_back({1, i, i});
  story.then(1, "ok", "poll", {poll(all)});
  std::vector<Op> ops;
  const Judgement judgement = story.judged();
  CHECK(judgement.anomalies.at("G1a").count() == 20);
  CHECK(judgement.anomalies.at("G1a").kept().size() == 20);
  Findings few(3);
  for (int i = 0; i < 5; ++i) few.add({.weight = i == 4 ? Weight::violation : Weight::informative});
  CHECK(few.count() == 5);
  CHECK(few.kept().size() == 3);
  CHECK(few.worst() == Weight::violation);
}

TEST_CASE("every checker explains itself and names what a live trial calls it", "[operations]") {
  for (const auto& [name, plugin] : Registry<OperationChecker>::instance().all()) {
    if (name == "thrower") continue;
    std::vector<OptionProblem> problems;
    const std::string text =
        plugin.make(Options::check(plugin.options, {}, problems))->definition();
    INFO(name);
    CHECK(problems.empty());
    const bool weighs = text.find("iolation") != std::string::npos ||
                        text.find("nformative") != std::string::npos ||
                        text.find("unknown") != std::string::npos;
    CHECK(weighs);
    const bool maps = text.find("live trial") != std::string::npos;
    CHECK(maps);
  }
}

TEST_CASE("the JSON is JSON, whatever keys and values are", "[operations]") {
  const History history =
      read(R"({"process":0,"type":"ok","f":"send","value":[["send","k\"\n",[0,)"
           R"("v\u0001\ud83d\ude00"]],["send","k\"\n",[2,1e300]]]})"
           "\n"
           R"({"process":1,"type":"ok","f":"poll","value":[["poll",{"k\"\n":[[2,1e300]]}]]})"
           "\n");
  const Judgement judgement = judge(history, {});
  std::map<std::string, std::vector<std::string>> findings;
  for (const auto& [name, found] : judgement.anomalies) {
    for (const auto& finding : found.kept()) {
      findings[name].push_back(finding_json(history, finding, true));
    }
  }
  const auto json = nlohmann::json::parse(judgement_json(judgement.validity, findings));
  CHECK(json.size() == 2);
  CHECK(json["valid"] == false);
  const auto& lost = json["anomalies"]["lost-write"][0];
  CHECK(lost["key"] == "k\"\n");
  CHECK(lost["values"][0] == "v\x01\xF0\x9F\x98\x80");
  CHECK(lost["offsets"][0] == 0);
  CHECK(lost["operations"][0]["line"] == 1);
  CHECK(lost["history"] == "test");
}

}  // namespace
}  // namespace seatrial::operations::test
