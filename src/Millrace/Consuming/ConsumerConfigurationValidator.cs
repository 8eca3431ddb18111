using Millrace.Storage;

namespace Millrace.Consuming;

/// <summary>Checks that the options and policies name consumers that exist.</summary>
internal static class ConsumerConfigurationValidator
{
    /// <exception cref="PartitioningNotSupportedException">The options divide a consumer that does not exist or cannot
    /// be divided.</exception>
    public static void CheckPartitions(IReadOnlyList<Consumer> consumers, ConsumerOptions options)
    {
        foreach (var (name, partitions) in options.Partitions)
        {
            var named = consumers.Where(consumer => IsNamed(consumer.Name, name)).ToList();
            if (named.Count == 0)
            {
                throw new PartitioningNotSupportedException(
                    name, $"no consumer has that name. The consumers are: {NamesOf(consumers)}.");
            }
            if (partitions > 1 && named.Exists(static consumer => !consumer.Processor.CanBeDivided))
            {
                throw new PartitioningNotSupportedException(
                    name,
                    "it cannot be divided. Handlers of single events and asynchronous projections can be divided by "
                        + "their keys. Handlers of batches, inline projections and projections into SQL tables cannot "
                        + "be divided.");
            }
        }
    }

    /// <exception cref="InvalidOperationException">A policy is for a consumer that does not exist.</exception>
    public static void CheckPolicies(IReadOnlyList<Consumer> consumers, IEnumerable<string> policyNames)
    {
        foreach (var name in policyNames)
        {
            if (name.Length > 0 && !consumers.Any(consumer => consumer.Name == name))
            {
                throw new InvalidOperationException(
                    $"OnFailure names the consumer '{name}', but no consumer has that name. "
                        + $"The consumers are: {NamesOf(consumers)}.");
            }
        }
    }

    /// <summary>
    /// Returns true if a name refers to a consumer. The consumer of a read model also has the names of its first
    /// collection and of the read model.
    /// </summary>
    private static bool IsNamed(string consumer, string name) =>
        consumer == name || CollectionName.FirstOf(consumer) == name || CollectionName.NameOf(consumer) == name;

    private static string NamesOf(IReadOnlyList<Consumer> consumers) =>
        string.Join(", ", consumers.Select(static consumer => consumer.Name));
}
