namespace Servers;

/// <summary>Where the programs are that tests of Kafka use beside the client's own library.</summary>
public static class KafkaPrograms
{
    /// <summary>What a test says that cannot run here for want of another client.</summary>
    public const string ClientMissing = "needs kcat: apt-get install kcat";

    /// <summary>A client of Kafka for the command line.</summary>
    public const string Client = "/usr/bin/kcat";

    /// <summary>Why a test that starts the other client cannot run here; null where it can, and in CI,
    /// where it then fails.</summary>
    public static string? ReasonToSkipClient { get; } = File.Exists(Client) || IsRequired ? null : ClientMissing;

    private static bool IsRequired => Environment.GetEnvironmentVariable("CI") is "1" or "true";
}
