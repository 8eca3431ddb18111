using System.Globalization;

namespace Commerce.Services.Brokers;

/// <summary>A Redis server that the shop starts, which writes to disk before it answers.</summary>
internal static class PrivateRedis
{
    /// <summary>Starts the server; returns it with its address.</summary>
    /// <exception cref="IOException">Redis is not installed, or does not start.</exception>
    public static async Task<(IAsyncDisposable Server, string Address)> Start(string data)
    {
        var program =
            PrivateServer.Find("redis-server")
            ?? throw new IOException(
                "--services redis without an address starts its own Redis, but none is installed. Install one "
                    + "(Debian: apt-get install "
                    + "redis-server), or name one: --services redis redis://host:6379."
            );
        var directory = PrivateServer.DirectoryOf(data, "redis");
        var port = PrivateServer.FreePort();
        string[] command =
        [
            program,
            "--port",
            port.ToString(CultureInfo.InvariantCulture),
            "--bind",
            "127.0.0.1",
            "--dir",
            directory,
            "--save",
            "",
            "--appendonly",
            "yes",
            "--appendfsync",
            "always",
        ];
        return (await PrivateServer.Start("Redis", directory, port, command), $"redis://127.0.0.1:{port}");
    }
}
