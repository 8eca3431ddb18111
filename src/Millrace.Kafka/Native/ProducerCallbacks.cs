using Confluent.Kafka;

namespace Millrace.Kafka.Native;

/// <summary>The callbacks of a producer.</summary>
/// <param name="Reported">Called with the results of records, by their numbers; on the producer's thread.</param>
/// <param name="Failed">Called with an error of the whole producer; on its thread.</param>
/// <param name="Logged">Called with log messages; on any thread.</param>
internal sealed record ProducerCallbacks(
    Action<ReadOnlySpan<(uint Number, ErrorCode Code)>> Reported, Action<Error> Failed, Action<LogMessage> Logged);
