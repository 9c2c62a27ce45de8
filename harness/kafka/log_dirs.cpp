// One request to one broker.
#include "kafka/log_dirs.hpp"

#include "kafka/any_broker.hpp"

namespace seatrial::kafka {

Result<std::vector<std::string>> offline_log_dirs(const Node& broker, Instant deadline) {
  constexpr AnyBroker::Request request{
      .api = wire::Api::describe_log_dirs, .version = 1, .name = "DescribeLogDirs"};
  const auto answer = AnyBroker({broker}).ask(request, wire::encode_describe_log_dirs(), deadline);
  if (!answer) return answer.error();
  const auto dirs = wire::decode_describe_log_dirs(*answer);
  if (!dirs) return dirs.error();
  std::vector<std::string> out;
  for (const wire::LogDir& dir : *dirs) {
    constexpr std::int16_t given_up = 56;  // Kafka's KAFKA_STORAGE_ERROR
    if (dir.error == given_up) out.push_back(dir.path);
    else if (dir.error != 0)
      return Error{"DescribeLogDirs of " + dir.path + ": " + wire::error_name(dir.error), ""};
  }
  return out;
}

}  // namespace seatrial::kafka
