namespace Servers;

/// <summary>Where RabbitMQ is on this machine.</summary>
public static class RabbitMqPrograms
{
    /// <summary>What a test says that cannot run here.</summary>
    public const string Missing = "needs RabbitMQ: apt-get install rabbitmq-server";

    /// <summary>The program itself, and not the script that changes the user.</summary>
    public const string Server = "/usr/lib/rabbitmq/bin/rabbitmq-server";

    /// <summary>What sets a server that runs.</summary>
    public const string Control = "/usr/lib/rabbitmq/bin/rabbitmqctl";

    /// <summary>Whether it is there.</summary>
    public static bool AreThere { get; } = File.Exists(Server);

    /// <summary>Why a test cannot run here; null where it can, and in CI, where it then fails.</summary>
    public static string? ReasonToSkip { get; } =
        AreThere || Environment.GetEnvironmentVariable("CI") is "1" or "true" ? null : Missing;
}
