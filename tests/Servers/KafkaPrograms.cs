namespace Servers;

/// <summary>Finds the programs that tests of Kafka need in addition to the client library.</summary>
public static class KafkaPrograms
{
    /// <summary>The reason of a test that is skipped without kcat.</summary>
    public const string ClientMissing = "needs kcat: apt-get install kcat";

    /// <summary>The path of kcat, a command-line client of Kafka.</summary>
    public const string Client = "/usr/bin/kcat";

    /// <summary>Gets why tests with kcat are skipped, or null if kcat is installed or the tests run in CI.</summary>
    public static string? ReasonToSkipClient { get; } = File.Exists(Client) || IsRequired ? null : ClientMissing;

    private static bool IsRequired => Environment.GetEnvironmentVariable("CI") is "1" or "true";
}
