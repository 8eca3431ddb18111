using Confluent.Kafka;
using Millrace.Messaging;

namespace Millrace.Kafka;

/// <summary>Converts errors of Kafka to exceptions and outcomes of transports.</summary>
internal static class KafkaFailure
{
    public static MillraceException Of(Error error, Exception? exception = null) => IsRefusal(error.Code)
        ? new TransportRefusedException(KafkaTransport.Name, MessageOf(error), exception)
        : new TransportUnavailableException(KafkaTransport.Name, MessageOf(error), exception);

    public static TransportUnavailableException NoAnswer(TimeSpan limit) =>
        new(KafkaTransport.Name, $"it did not answer within {limit}.");

    public static string MessageOf(Error error) => $"{error.Reason} ({error.Code}).";

    /// <summary>Returns the outcome of a message that was not confirmed.</summary>
    public static PublishOutcome OutcomeOf(Error error) =>
        error.Code switch
        {
            ErrorCode.MsgSizeTooLarge
            or ErrorCode.RecordListTooLarge
            or ErrorCode.InvalidMsgSize
            or ErrorCode.InvalidMsg
            or ErrorCode.InvalidRecord
            or ErrorCode.InvalidTimestamp
            or ErrorCode.PolicyViolation => PublishOutcome.Refused(MessageOf(error)),
            _ => PublishOutcome.Unconfirmed(MessageOf(error)),
        };

    /// <summary>Returns true if a commit of offsets was refused because of a rebalance.</summary>
    public static bool IsGenerationChanged(ErrorCode code) =>
        code
            is ErrorCode.RebalanceInProgress
                or ErrorCode.IllegalGeneration
                or ErrorCode.UnknownMemberId
                or ErrorCode.FencedInstanceId
                or ErrorCode.Local_AssignmentLost
                or ErrorCode.Local_State
                or ErrorCode.Local_NoOffset;

    private static bool IsRefusal(ErrorCode code) =>
        code
            is ErrorCode.TopicAuthorizationFailed
                or ErrorCode.GroupAuthorizationFailed
                or ErrorCode.ClusterAuthorizationFailed
                or ErrorCode.SaslAuthenticationFailed
                or ErrorCode.Local_Authentication
                or ErrorCode.Local_Ssl
                or ErrorCode.UnsupportedSaslMechanism
                or ErrorCode.TopicException
                or ErrorCode.InvalidGroupId
                or ErrorCode.InvalidSessionTimeout
                or ErrorCode.InvalidPartitions
                or ErrorCode.InvalidReplicationFactor
                or ErrorCode.InvalidConfig
                or ErrorCode.PolicyViolation
                or ErrorCode.Local_UnsupportedFeature
                or ErrorCode.Local_InvalidArg
                or ErrorCode.InconsistentGroupProtocol;
}
