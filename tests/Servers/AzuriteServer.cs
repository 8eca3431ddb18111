using System.Globalization;

namespace Servers;

/// <summary>
/// Azurite, object storage with the interface of Azure Blob Storage, for this process on a free port, with its data in
/// memory. The server stops with the process, even after a crash.
/// </summary>
public sealed class AzuriteServer : IAsyncDisposable
{
    /// <summary>The name of the only account.</summary>
    public const string AccountName = "shop";

    /// <summary>The key of <see cref="AccountName"/>.</summary>
    public const string AccountKey = "bWlsbC00NzExLW1pbGwtNDcxMS1taWxsLTQ3MTEtbWlsbC00NzExLW1pbGwtNDcxMQ==";

    private readonly string _directory;
    private readonly int _port = FreePorts.Take();
    private readonly WatchedProgram _watch;

    private AzuriteServer(string directory, string script)
    {
        _directory = directory;
        _watch = WatchedProgram.StartAsThisUser(
            Path.Combine(directory, "log"),
            directory,
            "env",
            "--default-signal=TERM,QUIT",
            $"AZURITE_ACCOUNTS={AccountName}:{AccountKey}",
            "node",
            script,
            "--blobHost",
            "127.0.0.1",
            "--blobPort",
            _port.ToString(CultureInfo.InvariantCulture),
            "--inMemoryPersistence",
            "--skipApiVersionCheck",
            "--disableTelemetry",
            "--silent");
    }

    /// <summary>Gets the address of the account.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}/{AccountName}");

    /// <summary>Gets the connection string of the account.</summary>
    public string ConnectionString => "DefaultEndpointsProtocol=http;"
        + $"AccountName={AccountName};AccountKey={AccountKey};BlobEndpoint={Address};";

    /// <summary>Creates and starts a server, which takes about two seconds.</summary>
    public static async Task<AzuriteServer> Start()
    {
        if (!AzuritePrograms.IsAvailable)
            throw new InvalidOperationException($"This {AzuritePrograms.Missing}.");
        var script = await AzuritePrograms.Install();
        var directory = await ServerDirectory.Create("millrace-azurite-");
        var server = new AzuriteServer(directory, script);
        await server._watch.WaitUntilListens(server._port, Path.Combine(directory, "log"));
        return server;
    }

    /// <summary>Stops the server and removes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        await _watch.DisposeAsync();
        ServerDirectory.Remove(_directory);
    }
}
