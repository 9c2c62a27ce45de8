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
  Judgement judged(const std::string& lag = "10s", std::size_t limit = 1000) {
    return judge(read(to_jsonl(ops_)), {.limit = limit, .lag = lag});
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

TEST_CASE("what only failed operations polled is lost or unseen all the same", "[operations]") {
  for (const std::string f : {"poll", "txn"}) {
    const auto polled = [&](const std::string& type) {
      Story story;
      story.then(0, "ok", "send", {send(1, 0, 10), send(1, 1, 11)});
      story.then(1, type, f, {poll({{1, 0, 10}})});
      return story;
    };
    CHECK(polled("fail").found() == "unseen");
    CHECK(polled("fail").valid() == "unknown");
    const auto later = [](Story story) {
      return story.then(2, "ok", "poll", {poll({{1, 1, 11}})});
    };
    CHECK(later(polled("fail")).found() == "lost-write");
    CHECK(later(polled("fail")).valid() == "false");
    // Nobody knows whether it was taken back.
    CHECK(later(polled("info")).found() == "unseen");
    CHECK(later(polled("info")).valid() == "unknown");
    CHECK(later(polled("ok")).valid() == "true");
  }
  Story nothing;  // and proves nothing
  nothing.then(0, "info", "send", {send(1, {}, 10)});
  nothing.then(1, "fail", "poll", {poll({{1, 0, 10}})});
  CHECK(nothing.valid() == "unknown");
}

TEST_CASE("nobody polls what is sent only later", "[operations]") {
  const auto polled_first = [](const std::string& writer, const std::string& reader) {
    Story story;
    story.then(1, reader, "poll", {poll({{1, 0, 10}})});
    story.then(0, writer, "send", {send(1, 0, 10)});
    return story.then(2, "ok", "poll", {poll({{1, 0, 10}})}).found();
  };
  CHECK(polled_first("ok", "ok") == "G1c-realtime");
  CHECK(polled_first("info", "ok") == "G1c-realtime");
  CHECK(polled_first("ok", "fail") == "G1c-realtime");
  CHECK(polled_first("ok", "info") == "G1c-realtime");
  // Of one process that writes no invocations, and of two, of which nobody knows.
  const auto bare = [](const std::string& reader) {
    const History history =
        read(R"({"process":0,"type":"ok","f":"poll","value":[["poll",{}]]})"
             "\n"
             R"({"process":)" +
             reader +
             R"(,"type":"ok","f":"poll","value":[["poll",{"1":[[0,1]]}]]})"
             "\n"
             R"({"process":0,"type":"ok","f":"send","value":[["send",1,[0,1]]]})"
             "\n");
    return judge(history, {}).anomalies.contains("G1c-realtime");
  };
  CHECK(bare("0"));
  CHECK_FALSE(bare("1"));
}

TEST_CASE("what depends on a later operation over another one came too early, too",
          "[operations]") {
  const History history = read(
      R"({"process":1,"type":"invoke","f":"txn","value":[["send",1,10],["poll"]]})"
      "\n"
      R"({"process":2,"type":"ok","f":"poll","value":[["poll",{"1":[[0,10]]}]]})"
      "\n"
      R"({"process":3,"type":"invoke","f":"send","value":[["send",2,20]]})"
      "\n"
      R"({"process":3,"type":"ok","f":"send","value":[["send",2,[0,20]]]})"
      "\n"
      R"({"process":1,"type":"ok","f":"txn","value":[["send",1,[0,10]],["poll",{"2":[[0,20]]}]]})"
      "\n");
  const Judgement judgement = judge(history, {});
  REQUIRE(judgement.anomalies.size() == 1);
  const Finding& finding = judgement.anomalies.at("G1c-realtime").kept().at(0);
  CHECK(history[finding.operations[0].operation].line == 2);
  CHECK(history[finding.operations[1].operation].line == 4);
}

TEST_CASE("a log grows at its end, whoever sends", "[operations]") {
  const auto sent = [](const std::string& first, std::int64_t second_at) {
    return Story()
        .then(0, first, "send", {send(1, 5, 10)})
        .then(1, "ok", "send", {send(1, second_at, 11)})
        .then(2, "ok", "poll", {poll({{1, second_at, 11}})})
        .then(3, "ok", "poll", {poll({{1, 5, 10}})})
        .found();
  };
  CHECK(sent("ok", 3) == "G0-realtime");
  CHECK(sent("info", 3).empty());
  CHECK(sent("ok", 6).empty());
}

TEST_CASE("an assign between two sends excuses nothing, and the definition says so",
          "[operations]") {
  Story story;
  story.then(0, "ok", "send", {send(1, 5, 10)}).assign(0, "assign", {2});
  story.then(0, "ok", "send", {send(1, 3, 11)});
  CHECK(story.found() == "G0-realtime nonmonotonic-send unseen");
  const auto* plugin = Registry<OperationChecker>::instance().find("nonmonotonic-send");
  REQUIRE(plugin != nullptr);
  CHECK(plugin->make({})->definition().find("An assign or subscribe between") != std::string::npos);
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
  CHECK(sends("ok") == "G0-realtime nonmonotonic-send");
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

TEST_CASE("a finding lists no more than the limit, though always a few", "[operations]") {
  Story story;
  std::vector<Item> everywhere;
  for (int i = 0; i < 40; ++i) everywhere.push_back({1, i, 10});
  story.then(0, "ok", "send", {send(1, 0, 10)});
  for (const Item& item : everywhere) story.then(1, "fail", "poll", {poll({item})});
  const auto listed = [&](std::size_t limit) {
    return story.judged("10s", limit).anomalies.at("duplicate").kept().at(0);
  };
  for (const auto& [limit, most] : {std::pair(1U, 10U), {20U, 20U}, {1000U, 40U}}) {
    const Finding finding = listed(limit);
    INFO(limit);
    CHECK(finding.values.size() == most);
    CHECK(finding.offsets.size() == most);
    CHECK(finding.operations.size() == most);
    CHECK(finding.more_values == 40 - most);
    CHECK(finding.more_operations == 40 - most);
  }
}

// Quadratic, this would take minutes.
TEST_CASE("messages at many offsets are found in linear time", "[operations]") {
  constexpr int messages = 30'000;
  std::vector<Op> ops;
  for (int round = 0; round < 4; ++round) {
    Op op{.process = round, .f = "poll"};
    op.invoked = round;
    op.completed = round + 0.5;
    for (int i = 0; i < messages; ++i) {
      op.micro.push_back(poll({{1, std::int64_t{round} * messages + i, i}}));
    }
    ops.push_back(op);
  }
  const History history = read(to_jsonl(ops));
  const Judgement judgement = judge(history, {.limit = 1'000'000});
  const auto& found = judgement.anomalies.at("duplicate").kept();
  REQUIRE(found.size() == messages);
  for (const Finding& finding : found) REQUIRE(finding.operations.size() == 4);
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
  const auto json =
      nlohmann::json::parse(judgement_json({.validity = judgement.validity, .findings = findings}));
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
