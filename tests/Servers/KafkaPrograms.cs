namespace Servers;

/// <summary>Finds the programs for tests of Kafka besides the client library.</summary>
public static class KafkaPrograms
{
    /// <summary>The reason of a test that is skipped without another client.</summary>
    public const string ClientMissing = "needs kcat: apt-get install kcat";

    /// <summary>A command-line client of Kafka.</summary>
    public const string Client = "/usr/bin/kcat";

    /// <summary>Why a test with the other client cannot run here; null where it can, and in CI, where it then
    /// fails.</summary>
    public static string? ReasonToSkipClient { get; } = File.Exists(Client) || IsRequired ? null : ClientMissing;

    private static bool IsRequired => Environment.GetEnvironmentVariable("CI") is "1" or "true";
}
