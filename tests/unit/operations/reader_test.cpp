// Reading histories: what is accepted, and the exact words for what is not.
#include "operations/reader.hpp"

#include <zlib.h>
#include <boost/random/mersenne_twister.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/utf8.hpp"
#include "operations/cursor.hpp"
#include "operations/judge.hpp"
#include "operations/render.hpp"
#include "support/catch.hpp"

namespace seatrial::operations {
namespace {

Result<History> parse(const std::string& text) {
  std::istringstream in(text);
  return read_history(in, "h.jsonl");
}

std::string refusal(const std::string& text) {
  const auto history = parse(text);
  if (history) return "accepted";
  return history.error().message;
}

std::vector<Record> records(const History& history, std::uint32_t operation) {
  std::vector<Record> out;
  history.each_record(OperationId{operation}, [&](const Record& r) { out.push_back(r); });
  return out;
}

// A line of process 0, `value` as its value.
std::string line(const std::string& type, const std::string& f, const std::string& value) {
  return R"({"process":0,"type":")" + type + R"(","f":")" + f + R"(","value":)" + value + "}\n";
}

const std::vector<std::pair<std::string, std::string>> wrong{
    {"x\n", "h.jsonl:1:1: expected an operation, as a JSON object that starts with '{', found 'x'"},
    {"[7]\n",
     "h.jsonl:1:2: expected an operation, as a JSON object that starts with '{', found '7'"},
    {"\n\n{]\n", "h.jsonl:3:2: expected a member's name, found ']'"},
    {"{}\n", "h.jsonl:1:1: this operation has no 'process'"},
    {R"({"process":0,"type":"ok"})"
     "\n",
     "h.jsonl:1:1: this operation has no 'f'"},
    {line("okay", "poll", "[]"),
     "h.jsonl:1:21: expected a type (invoke, ok, fail or info), found 'okay'"},
    {line("ok", "pol", "[]"),
     "h.jsonl:1:30: expected a function (send, poll, txn, assign, subscribe or crash), found "
     "'pol' "
     "(did you mean 'poll'?)"},
    {line("ok", "poll", "{}"), "h.jsonl:1:45: expected a list of micro-operations, found '{'"},
    {line("ok", "poll", "7"), "h.jsonl:1:45: expected a list of micro-operations, found '7'"},
    {line("ok", "poll", R"(["poll"])"),
     "h.jsonl:1:46: expected a micro-operation, as [\"send\", key, value] or [\"poll\"], found "
     "'\"'"},
    {line("ok", "poll", R"([["read"]])"),
     "h.jsonl:1:47: expected \"send\" or \"poll\", found 'read'"},
    {line("ok", "poll", R"([["send",1,2]])"),
     "h.jsonl:1:47: a poll holds no send; only txn mixes them"},
    {line("ok", "send", R"([["send",1]])"), "h.jsonl:1:55: expected ',' and the value, found ']'"},
    {line("ok", "send", R"([["send",[1],2]])"),
     "h.jsonl:1:54: expected a key, as a JSON scalar, found '['"},
    {line("invoke", "send", R"([["send",1,[0,2]]])"),
     "h.jsonl:1:60: expected the value to send, as a JSON scalar (an offset comes with its "
     "completion), found '['"},
    {line("ok", "send", R"([["send",1,["0",2]]])"),
     "h.jsonl:1:57: expected an offset, as an integer or null, found '\"'"},
    {line("ok", "send", R"([["send",1,[0.5,2]]])"),
     "h.jsonl:1:57: expected an offset, as an integer or null, found 0.5"},
    {line("ok", "send", R"([["send",1,[0,2,3]]])"),
     "h.jsonl:1:60: expected ']' after [offset, value, found ','"},
    {line("ok", "send", R"([["send",1,[4000000000000000000,2]]])"),
     "h.jsonl:1:57: this offset is 2^61 or more"},
    {line("ok", "poll", R"([["poll",[[0,1]]]])"),
     "h.jsonl:1:54: expected an object of keys, as {key: [[offset, value], ...]}, found '['"},
    {line("ok", "poll", R"([["poll",{"1":[0,1]}]])"),
     "h.jsonl:1:60: expected a pair, as [offset, value], found '0'"},
    {line("ok", "assign", "3"), "h.jsonl:1:47: expected a list of keys, found '3'"},
    {R"({"process":[],"type":"ok","f":"poll"})"
     "\n",
     "h.jsonl:1:12: expected a process, as an integer or a string, found '['"},
    {R"({"index":"a","process":0,"type":"ok","f":"poll"})"
     "\n",
     "h.jsonl:1:10: expected an index, as an integer, found '\"'"},
    {R"({"time":1e3,"process":0,"type":"ok","f":"poll"})"
     "\n",
     "h.jsonl:1:9: expected a time in nanoseconds, as an integer, found 1e3"},
    {R"({"process":0,"process":1,"type":"ok","f":"poll"})"
     "\n",
     "h.jsonl:1:14: this member is given twice"},
    {R"({"process":0,"type":"ok","f":"poll"} {})"
     "\n",
     "h.jsonl:1:38: expected the end of the line, found '{'"},
    {R"({"process":0,"type":"ok","f":"poll","rebalance-log":[[1]]})"
     "\n",
     "h.jsonl:1:54: expected a rebalance, as {\"keys\": [...]}, found '['"},
    {R"({"process":0,"type":"ok","f":"poll","error":"\x"})"
     "\n",
     "h.jsonl:1:46: this escape in a string is not one of JSON's"},
    {"{\"process\":0,\"type\":\"ok\",\"f\":\"poll\",\"error\":\"\xff\"}\n",
     "h.jsonl:1:46: expected the rest of a string in UTF-8, found byte 0xff"},
    {R"({"process":0,"type":"ok","f":"poll","value":[["poll)"
     "\n",
     "h.jsonl:1:47: this string does not end"},
    {line("invoke", "poll", "[]") + line("invoke", "poll", "[]"),
     "h.jsonl:2:21: process 0 invokes again, before the poll of line 1 completed"},
    {line("invoke", "poll", "[]") + line("ok", "send", "[]"),
     "h.jsonl:2:21: this completes a send, but process 0 invoked a poll in line 1"},
    {line("invoke", "poll", "[]") + line("ok", "poll", "[]") + line("ok", "poll", "[]"),
     "h.jsonl:3:21: this completes nothing: process 0 has no open invocation, although it had "
     "some "
     "before"},
};

// A line of process 0 that polls, with what stands before its other members.
std::string with(const std::string& members) {
  return "{" + members + R"("process":0,"type":"ok","f":"poll","value":[]})" + "\n";
}

const std::vector<std::pair<std::string, std::string>> wrong_types{
    {R"({"process":null,"type":"ok","f":"poll"})",
     ":1:12: expected a process, as an integer or a string, found null"},
    {R"({"process":true,"type":"ok","f":"poll"})",
     ":1:12: expected a process, as an integer or a string, found true"},
    {R"({"process":1.5,"type":"ok","f":"poll"})",
     ":1:12: expected a process, as an integer or a string, found 1.5"},
    {R"({"process":0,"type":null,"f":"poll"})",
     ":1:21: expected a type (invoke, ok, fail or info)"},
    {R"({"process":"c","type":"ok","f":7})", ":1:32: expected a function"},
    {R"({"process":"c","type":"ok","f":null})", ":1:32: expected a function"},
    {R"({"process":0,"type":"ok","f":"assign","seek-to-beginning?":"true"})",
     ":1:60: expected true or false, found \"true\""},
    {R"({"process":0,"type":"ok","f":"assign","seek-to-beginning?":1})",
     ":1:60: expected true or false, found 1"},
    {R"({"index":null,"process":0,"type":"ok","f":"poll"})", ":1:10: expected an index"},
    {R"({"index":99999999999999999999,"process":0,"type":"ok","f":"poll"})",
     ":1:10: expected an index"},
    {R"({"time":"1","process":0,"type":"ok","f":"poll"})", ":1:9: expected a time in nanoseconds"},
    {R"({"process":0,"type":"invoke","f":"poll","value":[["poll",5]]})",
     ":1:58: expected an object of keys"},
    {R"({"process":0,"type":"ok","f":"poll","value":[["poll",{"1":[],"1":[]}]]})",
     ":1:62: this key is given twice"},
    {R"({"process":0,"type":"ok","f":"poll","rebalance-log":[{"keys":[1],"keys":[2]}]})",
     ":1:66: this member is given twice"},
    {R"({"process":0,"type":"ok","f":"poll","rebalance-log":[{"keys":null}]})",
     ":1:62: expected a list of keys"}};

TEST_CASE("no member of a wrong type is taken for something else") {
  for (const auto& [text, message] : wrong_types) {
    INFO(text);
    CHECK(refusal(text + "\n").starts_with("h.jsonl" + message));
  }
}

TEST_CASE("a member's name that is nearly one that is missing is a slip") {
  for (const auto& [text, message] : std::vector<std::pair<std::string, std::string>>{
           {R"({"process":0,"type":"ok","f":"poll","values":[["poll",{"1":[[0,1]]}]]})",
            ":1:37: this operation has no 'value', and 'values'"},
           {R"({"process":0,"type":"ok","f":"poll","value":[],"rebalance_log":[]})",
            ":1:48: this operation has no 'rebalance-log', and 'rebalance_log'"},
           {R"({"process":0,"type":"ok","f":"assign","value":[1],"seek-to-beginning":true})",
            ":1:51: this operation has no 'seek-to-beginning?', and 'seek-to-beginning'"},
           {R"({"process":0,"typ":"ok","f":"poll"})", ":1:14: this operation has no 'type', and"},
           {R"({"tiem":3,"process":0,"type":"ok","f":"poll"})",
            ":1:2: this operation has no 'time', and 'tiem'"},
           {R"({"process":0,"type":"ok","f":"poll","value":[],"rebalance-log":[{"key":[1]}]})",
            ":1:66: this rebalance has no 'keys'"}}) {
    INFO(text);
    CHECK(refusal(text + "\n").starts_with("h.jsonl" + message));
  }
  // A name of the writer's own, or beside the one that it is near to; and somebody else's line.
  CHECK(parse(R"({"process":0,"type":"ok","f":"poll","value":[],"values":5,"node":"n1"})"
              "\n"
              R"({"process":"nemesis","type":"info","f":"kill","values":["n1"]})"
              "\n"));
}

TEST_CASE("what is ok says what it did") {
  for (const std::string& value : {std::string(R"(,"value":null)"), std::string()}) {
    for (const char* function : {"poll", "txn", "send", "assign", "subscribe"}) {
      INFO(function << value);
      const std::string text =
          R"({"process":0,"type":"ok","f":")" + std::string(function) + "\"" + value + "}\n";
      CHECK(refusal(text).starts_with("h.jsonl:1:21: this " + std::string(function) +
                                      " is ok and has no 'value'"));
    }
  }
  // The invocation says what was sent or assigned.
  CHECK(parse(R"({"process":0,"type":"invoke","f":"send","value":[["send",1,"a"]]})"
              "\n"
              R"({"process":0,"type":"ok","f":"send"})"
              "\n"
              R"({"process":1,"type":"ok","f":"crash"})"
              "\n"));
  // Also that it would do nothing; a rebalance says nothing of it.
  CHECK(parse(R"({"process":0,"type":"invoke","f":"assign","value":[]})"
              "\n"
              R"({"process":0,"type":"ok","f":"assign","value":null})"
              "\n"));
  CHECK(refusal(R"({"process":0,"type":"ok","f":"send","rebalance-log":[{"keys":[1]}]})"
                "\n")
            .find("is ok and has no 'value'") != std::string::npos);
  CHECK(refusal(R"({"process":0,"type":"invoke","f":"txn","value":[["send",1,"a"],["poll"]]})"
                "\n"
                R"({"process":0,"type":"ok","f":"txn"})"
                "\n")
            .starts_with("h.jsonl:2:"));
}

TEST_CASE("times are so near to each other that their distance is a number") {
  CHECK(parse(with(R"("time":-4611686018427387903,)") + with(R"("time":4611686018427387903,)")));
  CHECK(refusal(with(R"("time":4611686018427387904,)")).starts_with("h.jsonl:1:9: this time is"));
  CHECK(refusal(with(R"("time":-9223372036854775808,)")).starts_with("h.jsonl:1:9: this time is"));
}

TEST_CASE("a client's slip is found however many other kinds of lines there are") {
  std::string lines;
  for (int i = 0; i < 1100; ++i) {
    lines += R"({"process":"nemesis","type":"info","f":"fault-)" + std::to_string(i) + "\"}\n";
  }
  lines += R"({"process":"a","type":"info","f":"crash"})"
           "\n"
           R"({"process":"a","type":"info","f":"pol"})"
           "\n";
  CHECK(refusal(lines).find("does 'pol' in line 1102") != std::string::npos);
}

TEST_CASE("who has a name and does nearly what clients do leaves the verdict open") {
  const auto with_slip = [](const std::string& f) {
    return R"({"process":0,"type":"ok","f":"send","value":[["send",1,[0,"a"]]]})"
           "\n"
           R"({"process":1,"type":"ok","f":"poll","value":[["poll",{"1":[[0,"a"]]}]]})"
           "\n"
           R"({"process":"b","type":"ok","f":")" +
           f + R"(","value":[["poll",{"1":[]}]]})" + "\n";
  };
  const auto slip = parse(with_slip("pol"));
  REQUIRE(slip);
  const Judgement open = judge(*slip, {});
  CHECK(open.validity == Validity::unknown);
  REQUIRE(open.notes.size() == 1);
  CHECK(open.notes[0].find("did you mean 'poll'?") != std::string::npos);
  const auto other = parse(with_slip("partition"));
  REQUIRE(other);
  CHECK(judge(*other, {}).validity == Validity::valid);
}

TEST_CASE("a circle of polls through a whole history takes one pass") {
  // Quadratic work would take an hour.
  constexpr int operations = 200'000;
  std::string text;
  for (int i = 0; i < operations; ++i) {
    const int polled = (i + 1) % operations;
    text += R"({"process":)" + std::to_string(i % 8) +
            R"(,"type":"ok","f":"txn","value":[["send",1,[)" + std::to_string(i) + "," +
            std::to_string(i) + R"(]],["poll",{"1":[[)" + std::to_string(polled) + "," +
            std::to_string(polled) + "]]}]]}\n";
  }
  const auto history = parse(text);
  REQUIRE(history);
  const Judgement found = judge(*history, {});
  CHECK(found.anomalies.at("G1c").count() == 1);
  CHECK(found.anomalies.at("G1c-realtime").count() > operations / 2);
}

TEST_CASE("operations stand in the order of their index and their time") {
  const std::string in_order = with(R"("index":-3,"time":-7,)") + with("") +
                               with(R"("index":4,"time":-7,)") + with(R"("index":9,"time":2,)");
  CHECK(parse(in_order));
  for (const auto& [bad, message] : std::vector<std::pair<std::string, std::string>>{
           {R"("index":9,)", ":5:10: index 9 is also that of line 4"},
           {R"("index":5,)", ":5:10: index 5 comes after that of line 4, which is 9"},
           {R"("time":1,)", ":5:9: time 1 goes back behind that of line 4, which is 2"},
           {R"("index":10,"time":1,)", ":5:20: time 1 goes back behind that of line 4, which is 2"},
           {R"("index":5,"time":1,)", ":5:10: index 5 comes after"}}) {
    INFO(bad);
    CHECK(refusal(in_order + with(bad)).starts_with("h.jsonl" + message));
    const auto history = parse(in_order + with(bad));
    REQUIRE_FALSE(history);
    CHECK(history.error().hint.find("jq -cs") != std::string::npos);
  }
  // Also where somebody else's line is the one out of order.
  const std::string nemesis = R"({"index":2,"process":"nemesis","type":"info","f":"kill"})"
                              "\n";
  CHECK(refusal(in_order + nemesis).starts_with("h.jsonl:5:10: index 2 comes after"));
}

TEST_CASE("a character that a terminal obeys is never printed, as it stands or escaped") {
  for (const std::string& kill : {std::string("ki\x7fll"), std::string("ki\\u007fll")}) {
    const auto history =
        parse("{\"process\":\"a\x7f\",\"type\":\"info\",\"f\":\"" + kill + "\"}\n");
    REQUIRE(history);
    REQUIRE(history->skipped.size() == 1);
    CHECK(history->skipped[0].function == R"("ki\u007fll")");
    CHECK_FALSE(first_control(judgement_text(*history, judge(*history, {}))));
    CHECK(refusal(line("ok", kill, "[]")).find(R"(found 'ki\u007fll')") != std::string::npos);
  }
}

TEST_CASE("what no client does is counted, and a client's own misspelling refused") {
  const auto does = [](const std::string& process, const std::string& f) {
    return R"({"process":)" + process + R"(,"type":"info","f":")" + f + "\"}\n";
  };
  const auto history =
      parse(does("0", "crash") + does("\"nemesis\"", "kill") + does("\"nemesis\"", "heal") +
            does("\"nemesis\"", "kill") + does("0", "debug-topic-partitions"));
  REQUIRE(history);
  REQUIRE(history->skipped.size() == 3);
  CHECK(history->skipped[0].function == "\"kill\"");
  CHECK(history->skipped[0].process == "\"nemesis\"");
  CHECK(history->skipped[0].lines == 2);
  CHECK(history->skipped[0].first_line == 2);
  CHECK(history->processes.size() == 1);
  const std::string text = judgement_text(*history, judge(*history, {}));
  CHECK(text.find("skipped: 2 lines in which process \"nemesis\" does \"kill\"") !=
        std::string::npos);
  const auto json = nlohmann::json::parse(skipped_json(*history, history->skipped[0], false));
  CHECK(json ==
        nlohmann::json::parse(R"({"f":"kill","process":"nemesis","lines":2,"first_line":2})"));
  for (const std::string& lines : {does("\"a\"", "crash") + does("\"a\"", "pol"),
                                   does("\"a\"", "pol") + does("\"a\"", "crash")}) {
    const std::string refused = refusal(lines);
    INFO(refused);
    CHECK(refused.find("does 'pol' in line") != std::string::npos);
    CHECK(refused.find("did you mean 'poll'?") != std::string::npos);
    CHECK(refused.find("is a client in line") != std::string::npos);
  }
}

std::string gzip(const std::string& text) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 100, '\0');
  std::string in = text;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

const std::string send_line =
    R"({"process":0,"type":"ok","f":"send","value":[["send",1,[0,"a]{"]]]})";
const std::string poll_line =
    R"({"process":1,"type":"ok","f":"poll","value":[["poll",{"1":[[0,"a]{"]]}]]})";

TEST_CASE("arrays, gzip, a byte order mark and any ends of lines are read") {
  std::string many;  // more than one buffer of the reader, and of zlib
  for (int i = 0; i < 60'000; ++i) many += send_line + "\n";
  for (const auto& [text, operations] : std::vector<std::pair<std::string, std::uint32_t>>{
           {send_line + "\n" + poll_line + "\n", 2},
           {send_line + "\r\n\r\n" + poll_line + "\r\n", 2},
           {"\xEF\xBB\xBF" + send_line + "\n" + poll_line, 2},
           {"[" + send_line + "," + poll_line + "]", 2},
           {"\xEF\xBB\xBF \n[\n" + send_line + "\n,\n " + poll_line + "\n ]\n\n", 2},
           {"[]", 0},
           {"", 0},
           {" \n\n", 0},
           {many, 60'000}}) {
    INFO(text.substr(0, 300));
    const auto plain = parse(text), packed = parse(gzip(text));
    const auto members =
        parse(gzip(text.substr(0, text.size() / 2)) + gzip(text.substr(text.size() / 2)));
    REQUIRE(plain);
    REQUIRE(packed);
    REQUIRE(members);
    CHECK(plain->size() == operations);
    CHECK(packed->size() == operations);
    CHECK(members->size() == operations);
  }
}

TEST_CASE("mistakes in an array are reported where they stand") {
  for (const auto& [text, message] : std::vector<std::pair<std::string, std::string>>{
           {"[" + send_line + ",\n  {\"process\":\n[]}]",
            "h.jsonl:2:3: this operation has no 'type'"},
           {"[" + send_line + "\n" + poll_line + "]", "h.jsonl:2:1: expected ',' or ']'"},
           {"[" + send_line + ",]", "h.jsonl:1:70: expected an operation"},
           {"[,]", "h.jsonl:1:2: expected an operation"},
           {"[" + send_line + "] x", "h.jsonl:1:71: expected the end of the file after the array"},
           {"[" + send_line, "h.jsonl:1:69: the file ends within its array"},
           {"[" + send_line + ", " + poll_line.substr(0, 30), "h.jsonl:1:"}}) {
    INFO(text);
    CHECK(refusal(text).starts_with(message));
  }
  CHECK(refusal("[" + send_line + "," + poll_line.substr(0, 30))
            .ends_with("the file ends within this operation"));
  const auto history = parse("[" + send_line + "," + poll_line + "]");
  REQUIRE(history);
  CHECK((*history)[OperationId{1}].line == 2);
}

TEST_CASE("what is no history of JSON is called by its name") {
  const std::string packed = gzip(send_line + "\n" + poll_line + "\n");
  for (const auto& [text, words] : std::vector<std::pair<std::string, std::string>>{
           {"{:type :invoke, :f :poll, :process 0}\n", "EDN"},
           {"[{:type :invoke}]", "EDN"},
           {"#jepsen.history.Op{:index 0}\n", "EDN"},
           {R"({"topic":"t","partition":0,"offset":7,)"
            R"("tstype":"create","ts":1,"key":"","payload":"x"})"
            "\n",
            "kcat -J"},
           {"{\n \"process\": 0\n}\n", "jq -c"},
           {"\x28\xB5\x2F\xFDxyz", "zstd"},
           {"BZh91AY", "bzip2"},
           {std::string("\xFD"
                        "7zXZ\0",
                        6),
            "xz"},
           {"PK\x03\x04", "zip"},
           {"\xFF\xFE{", "UTF-16"},
           {packed.substr(0, packed.size() - 12), "end before their end"},
           {packed.substr(0, packed.size() - 8) + "\x01\x02\x03\x04" +
                packed.substr(packed.size() - 4),
            "damaged"},
           {packed + "rest", "damaged"},
           {gzip(packed), "compressed twice"}}) {
    const auto history = parse(text);
    INFO(words);
    REQUIRE_FALSE(history);
    const std::string said = history.error().message + "\n" + history.error().hint;
    INFO(said);
    CHECK(said.find(words) != std::string::npos);
    CHECK(said.find("cut off: write it whole") == std::string::npos);
  }
}

TEST_CASE("mistakes in a history are told with file, line, column and what was expected") {
  for (const auto& [text, message] : wrong) {
    INFO(text);
    CHECK(refusal(text) == message);
  }
}

TEST_CASE("a last line that was cut off is told as such, a whole one without newline is read") {
  const std::string whole = line("ok", "poll", R"([["poll",{"1":[[0,"a"]]}]])");
  CHECK(parse(whole.substr(0, whole.size() - 1)));
  for (std::size_t length = 1; length + 1 < whole.size(); ++length) {
    const auto history = parse(whole + whole.substr(0, length));
    REQUIRE_FALSE(history);
    CHECK(history.error().message.starts_with("h.jsonl:2:"));
    CHECK(history.error().message.ends_with("the file ends within this line, without a newline"));
    CHECK(history.error().hint.starts_with("it was cut off"));
  }
}

TEST_CASE("deep nesting is refused, not followed") {
  const std::string deep(100'000, '[');
  CHECK(refusal(R"({"process":0,"error":)" + deep + "\n") ==
        "h.jsonl:1:87: this is nested deeper than 64 levels");
}

TEST_CASE("keys and values are any scalar, and a poll's key is the send's") {
  const auto history =
      parse(line("ok", "send",
                 R"([["send",5,[0,1]],["send",null,[0,"1"]],["send","k\u0065y",[1,1.50]],)"
                 R"(["send",5,[1,true]]])") +
            line("ok", "poll", R"([["poll",{"5":[[0,1]],"null":[[0,"1"]],"key":[[1,15e-1]]}]])"));
  REQUIRE(history);
  CHECK(history->messages.size() == 4);
  CHECK(history->keys.size() == 3);
  const auto sent = records(*history, 0), polled = records(*history, 1);
  REQUIRE(polled.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(sent[i].id == polled[i].id);
  CHECK(history->keys.json(0) == "5");
  CHECK(history->keys.json(1) == "null");
  CHECK(history->keys.json(2) == "\"key\"");
  CHECK(history->messages.json(MessageId{1}) == "\"1\"");
  CHECK(history->messages.json(MessageId{2}) == "1.5");
}

TEST_CASE("values that JSON tells apart are different messages") {
  const auto flat =
      parse(line("ok", "send",
                 R"([["send",1,1],["send",1,"1"],["send",1,1.0],["send",1,true],["send",1,"true"],)"
                 R"(["send",1,99999999999999999999],["send",1,99999999999999999998],["send",1,""],)"
                 R"(["send",1,null],["send",2,1],["send",1,-0],["send",1,0]])"));
  REQUIRE(flat);
  CHECK(flat->messages.size() == 11);  // -0 is 0
}

TEST_CASE("results are paired with what was invoked") {
  const auto history =
      parse(R"({"index":7,"time":100,"process":3,"type":"invoke","f":"txn",)"
            R"("value":[["send",1,"a"],["send",1,"b"],["poll"]]})"
            "\n"
            R"({"index":9,"time":250,"process":3,"type":"info","f":"txn",)"
            R"("value":[["send",1,[4,"a"]]],"error":["x"]})"
            "\n"
            R"({"process":"nemesis","type":"info","f":"kill","value":{"n1":[[["deep"]]]}})"
            "\n"
            R"({"process":4,"type":"invoke","f":"send","value":[["send",1,"c"]]})"
            "\n");
  REQUIRE(history);
  REQUIRE(history->size() == 2);
  const Operation& first = (*history)[OperationId{0}];
  CHECK(first.index == 9);
  CHECK(first.line == 2);
  CHECK(first.invoked_ns == 100);
  CHECK(first.time_ns == 250);
  CHECK(first.outcome == Outcome::info);
  const auto sent = records(*history, 0);  // b was invoked and has no result: unknown too
  REQUIRE(sent.size() == 2);
  CHECK(sent[0].offset == 4);
  CHECK(sent[1].offset == no_offset);
  CHECK(history->messages.json(sent[1].message()) == "\"b\"");
  const Operation& open = (*history)[OperationId{1}];
  CHECK(open.outcome == Outcome::info);
  CHECK(open.index == 4);  // the line's number
  CHECK(records(*history, 1).size() == 1);
}

TEST_CASE("what a failed or unknown operation returns may be nothing at all") {
  for (const char* result : {R"(,"value":null)", ""}) {
    const auto history = parse(line("invoke", "assign", "[1,2]") +
                               R"({"process":0,"type":"info","f":"assign")" + result + "}\n");
    REQUIRE(history);
    CHECK(records(*history, 0).size() == 2);
  }
}

TEST_CASE("offsets keep all their bits, and those below zero are none") {
  const auto history =
      parse(line("ok", "send", R"([["send",1,[2305843009213693950,"a"]],["send",1,[-1001,"b"]]])"));
  REQUIRE(history);
  const auto sent = records(*history, 0);
  CHECK(sent[0].offset == 2305843009213693950);
  CHECK(sent[1].offset == no_offset);
}

TEST_CASE("rebalances and seeks are read") {
  const auto history =
      parse(R"({"process":0,"type":"ok","f":"poll","value":[["poll",{}]],)"
            R"("rebalance-log":[{"keys":[1,"x"],"n":{}}]})"
            "\n"
            R"({"process":0,"type":"ok","f":"poll","value":[["poll"]],"rebalance-log":[{}]})"
            "\n"
            R"({"process":0,"type":"ok","f":"assign","value":[1],"seek-to-beginning?":true})"
            "\n");
  REQUIRE(history);
  CHECK(records(*history, 0).size() == 2);
  CHECK_FALSE((*history)[OperationId{0}].rebalanced_all);
  CHECK((*history)[OperationId{1}].rebalanced_all);
  CHECK((*history)[OperationId{2}].seeks_to_beginning);
}

TEST_CASE("a line of many messages is read in one pass") {
  std::string sends, results;
  for (int i = 0; i < 100'000; ++i) {
    const std::string n = std::to_string(i), comma = i == 0 ? "" : ",";
    sends += comma + "[\"send\",1," + n + "]";
    results += comma + "[\"send\",1,[" + n + "," + n + "]]";
  }
  const auto history =
      parse(line("invoke", "send", "[" + sends + "]") + line("ok", "send", "[" + results + "]"));
  REQUIRE(history);
  CHECK(history->records.size() == 100'000);
}

TEST_CASE("no change of a byte makes the reader do anything but accept or refuse") {
  const std::string good =
      line("invoke", "txn", R"([["send","k\n",1.5e3],["poll"]])") +
      line("ok", "txn",
           R"([["send","k\n",[3,1.5e3]],["poll",{"k\n":[[0,"\u00e9\ud83d\ude00"]]}]])");
  REQUIRE(parse(good));
  boost::random::mt19937 random(1);
  int refused = 0;
  for (int n = 0; n < 20'000; ++n) {
    std::string bad = good;
    for (std::uint32_t k = 0; k <= random() % 3; ++k) {
      const std::size_t where = random() % bad.size();
      const char byte =
          static_cast<char>(random() % 4 == 0 ? random() : "\"\\{}[],:0-.eun"[random() % 14]);
      if (random() % 3 == 0) bad.erase(where, 1);
      else bad[where] = byte;
    }
    const auto history = parse(bad);
    if (!history) {
      ++refused;
      CHECK(history.error().message.starts_with("h.jsonl:"));
    }
  }
  CHECK(refused > 1000);
}

TEST_CASE("the cursor accepts exactly what is JSON, and strings come out the same") {
  boost::random::mt19937 random(2);
  const std::string alphabet = "{}[],:\"\\ue0d8-+.019trfalsn /\x01\xc3\xa9";
  int accepted = 0;
  for (int n = 0; n < 60'000; ++n) {
    std::string text;
    const std::uint32_t length = 1 + random() % 8;
    for (std::uint32_t i = 0; i < length; ++i) text += alphabet[random() % alphabet.size()];
    if (random() % 3 == 0) text = "\"" + text + "\"";
    Cursor cursor(text);
    cursor.skip();
    const bool whole = !cursor.failed() && cursor.peek() == '\0' && cursor.at() == text.size();
    INFO(text);
    REQUIRE(whole == nlohmann::json::accept(text));
    if (!whole) continue;
    ++accepted;
    const auto value = nlohmann::json::parse(text);
    if (!value.is_primitive()) continue;
    Cursor again(text);
    const Scalar scalar = again.scalar("a scalar");
    const std::string token =
        scalar.is_integer ? std::to_string(scalar.integer) : std::string(scalar.token);
    CHECK(nlohmann::json::parse(token) == value);
  }
  CHECK(accepted > 500);
}

}  // namespace
}  // namespace seatrial::operations
