namespace Servers;

/// <summary>Finds RabbitMQ on this machine.</summary>
public static class RabbitMqPrograms
{
    /// <summary>The reason of a skipped test.</summary>
    public const string Missing = "needs RabbitMQ: apt-get install rabbitmq-server";

    /// <summary>The path of the server program, which does not change the user.</summary>
    public const string Server = "/usr/lib/rabbitmq/bin/rabbitmq-server";

    /// <summary>The path of the program that controls a running server.</summary>
    public const string Control = "/usr/lib/rabbitmq/bin/rabbitmqctl";

    /// <summary>Gets whether RabbitMQ is installed.</summary>
    public static bool AreInstalled { get; } = File.Exists(Server);

    /// <summary>Gets why tests are skipped, or null if RabbitMQ is installed or the tests run in CI.</summary>
    public static string? ReasonToSkip { get; } =
        AreInstalled || Environment.GetEnvironmentVariable("CI") is "1" or "true" ? null : Missing;
}
