using Confluent.Kafka;

namespace Millrace.Kafka.Native;

/// <summary>Who is told what a producer has to say.</summary>
/// <param name="Reported">What became of records, by their numbers; by the producer's own thread.</param>
/// <param name="Failed">What happened to the producer as a whole; by its own thread.</param>
/// <param name="Said">What it logs; by any thread.</param>
internal sealed record ProducerCallbacks(
    Action<ReadOnlySpan<(uint Number, ErrorCode Code)>> Reported, Action<Error> Failed, Action<LogMessage> Said);
