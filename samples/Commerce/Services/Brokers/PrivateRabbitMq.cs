namespace Commerce.Services.Brokers;

/// <summary>A RabbitMQ server that the shop starts.</summary>
internal static class PrivateRabbitMq
{
    /// <summary>The program, not the script that changes the user.</summary>
    private const string Program = "/usr/lib/rabbitmq/bin/rabbitmq-server";

    /// <summary>Starts the server, which takes about ten seconds; returns it with its address.</summary>
    /// <exception cref="IOException">RabbitMQ is not installed, or does not start.</exception>
    public static async Task<(IAsyncDisposable Server, string Address)> Start(string data)
    {
        if (!File.Exists(Program))
        {
            throw new IOException(
                "--services rabbitmq without an address starts its own RabbitMQ, but none is installed. Install "
                    + "one (Debian: apt-get "
                + "install rabbitmq-server), or name one: --services rabbitmq amqp://host.");
        }
        var directory = PrivateServer.DirectoryOf(data, "rabbitmq");
        await File.WriteAllTextAsync(Path.Combine(directory, "plugins"), "[].\n");
        await File.WriteAllTextAsync(Path.Combine(directory, "none"), "");
        await File.WriteAllTextAsync(
            Path.Combine(directory, "rabbit.conf"), "log.console = false\nraft.wal_max_size_bytes = 16777216\n");
        var (port, distribution, names) = (
            PrivateServer.FreePort(), PrivateServer.FreePort(), PrivateServer.FreePort());
        string[] command =
        [
            // The node name must not change, because the data contains it. The server has its own name daemon, which
            // stops with it.
            "env", $"HOME={directory}", "RABBITMQ_NODENAME=shop@localhost", $"RABBITMQ_NODE_PORT={port}",
            "RABBITMQ_NODE_IP_ADDRESS=127.0.0.1", $"RABBITMQ_DIST_PORT={distribution}", $"ERL_EPMD_PORT={names}",
            "ERL_EPMD_ADDRESS=127.0.0.1", "RUNNING_UNDER_SYSTEMD=1", $"RABBITMQ_MNESIA_BASE={directory}/db",
            $"RABBITMQ_LOG_BASE={directory}/logs", $"RABBITMQ_PID_FILE={directory}/pid",
            $"RABBITMQ_ENABLED_PLUGINS_FILE={directory}/plugins", $"RABBITMQ_CONFIG_FILE={directory}/rabbit",
            $"RABBITMQ_CONF_ENV_FILE={directory}/none", Program,
        ];
        var server = await PrivateServer.Start(
            "RabbitMQ", directory, port, command, last: $"ERL_EPMD_PORT={names} epmd -kill");
        return (server, $"amqp://127.0.0.1:{port}");
    }
}
