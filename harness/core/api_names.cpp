// One table, the key being the place in it.
#include "core/api_names.hpp"

#include <algorithm>
#include <array>

namespace seatrial {
namespace {

constexpr std::array<std::string_view, 88> names{"Produce",
                                                 "Fetch",
                                                 "ListOffsets",
                                                 "Metadata",
                                                 "LeaderAndIsr",
                                                 "StopReplica",
                                                 "UpdateMetadata",
                                                 "ControlledShutdown",
                                                 "OffsetCommit",
                                                 "OffsetFetch",
                                                 "FindCoordinator",
                                                 "JoinGroup",
                                                 "Heartbeat",
                                                 "LeaveGroup",
                                                 "SyncGroup",
                                                 "DescribeGroups",
                                                 "ListGroups",
                                                 "SaslHandshake",
                                                 "ApiVersions",
                                                 "CreateTopics",
                                                 "DeleteTopics",
                                                 "DeleteRecords",
                                                 "InitProducerId",
                                                 "OffsetForLeaderEpoch",
                                                 "AddPartitionsToTxn",
                                                 "AddOffsetsToTxn",
                                                 "EndTxn",
                                                 "WriteTxnMarkers",
                                                 "TxnOffsetCommit",
                                                 "DescribeAcls",
                                                 "CreateAcls",
                                                 "DeleteAcls",
                                                 "DescribeConfigs",
                                                 "AlterConfigs",
                                                 "AlterReplicaLogDirs",
                                                 "DescribeLogDirs",
                                                 "SaslAuthenticate",
                                                 "CreatePartitions",
                                                 "CreateDelegationToken",
                                                 "RenewDelegationToken",
                                                 "ExpireDelegationToken",
                                                 "DescribeDelegationToken",
                                                 "DeleteGroups",
                                                 "ElectLeaders",
                                                 "IncrementalAlterConfigs",
                                                 "AlterPartitionReassignments",
                                                 "ListPartitionReassignments",
                                                 "OffsetDelete",
                                                 "DescribeClientQuotas",
                                                 "AlterClientQuotas",
                                                 "DescribeUserScramCredentials",
                                                 "AlterUserScramCredentials",
                                                 "Vote",
                                                 "BeginQuorumEpoch",
                                                 "EndQuorumEpoch",
                                                 "DescribeQuorum",
                                                 "AlterPartition",
                                                 "UpdateFeatures",
                                                 "Envelope",
                                                 "FetchSnapshot",
                                                 "DescribeCluster",
                                                 "DescribeProducers",
                                                 "BrokerRegistration",
                                                 "BrokerHeartbeat",
                                                 "UnregisterBroker",
                                                 "DescribeTransactions",
                                                 "ListTransactions",
                                                 "AllocateProducerIds",
                                                 "ConsumerGroupHeartbeat",
                                                 "ConsumerGroupDescribe",
                                                 "ControllerRegistration",
                                                 "GetTelemetrySubscriptions",
                                                 "PushTelemetry",
                                                 "AssignReplicasToDirs",
                                                 "ListConfigResources",
                                                 "DescribeTopicPartitions",
                                                 "ShareGroupHeartbeat",
                                                 "ShareGroupDescribe",
                                                 "ShareFetch",
                                                 "ShareAcknowledge",
                                                 "AddRaftVoter",
                                                 "RemoveRaftVoter",
                                                 "UpdateRaftVoter",
                                                 "InitializeShareGroupState",
                                                 "ReadShareGroupState",
                                                 "WriteShareGroupState",
                                                 "DeleteShareGroupState",
                                                 "ReadShareGroupStateSummary"};

}  // namespace

std::string api_name(std::int16_t key) {
  if (key < 0 || static_cast<std::size_t>(key) >= names.size()) return "api " + std::to_string(key);
  return std::string(names[static_cast<std::size_t>(key)]);
}

std::optional<std::int16_t> api_key(std::string_view name) {
  const auto* at = std::ranges::find(names, name);
  if (at == names.end()) return std::nullopt;
  return static_cast<std::int16_t>(at - names.begin());
}

std::vector<std::string> api_names() { return {names.begin(), names.end()}; }

}  // namespace seatrial
