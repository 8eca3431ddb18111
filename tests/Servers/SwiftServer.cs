using System.Globalization;

namespace Servers;

/// <summary>
/// OpenStack Swift, object storage with the interface of S3, for this process on free ports, with a separate directory.
/// The server stops with the process, even after a crash.
/// </summary>
public sealed class SwiftServer : IAsyncDisposable
{
    /// <summary>The id of the only access key.</summary>
    public const string AccessKeyId = "shop:backup";

    /// <summary>The secret of <see cref="AccessKeyId"/>.</summary>
    public const string SecretAccessKey = "mill-4711";

    private readonly string _directory;
    private readonly int _port = FreePorts.Take();
    private readonly WatchedProgram _watch;

    private SwiftServer(string directory)
    {
        _directory = directory;
        var backend = Enumerable.Range(0, 3).Select(_ => FreePorts.Take().ToString(CultureInfo.InvariantCulture));
        _watch = WatchedProgram.StartAsThisUser(
            Path.Combine(directory, "log"),
            directory,
            // A Python program ignores the signals that its parent shell ignores.
            "env",
            "--default-signal=TERM,QUIT",
            SwiftPrograms.Python!, // Not null, because a server was created.
            Path.Combine(directory, "swift_server.py"),
            directory,
            _port.ToString(CultureInfo.InvariantCulture),
            string.Join(',', backend),
            AccessKeyId,
            SecretAccessKey);
    }

    /// <summary>Gets the address for clients.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}");

    /// <summary>Creates and starts a server, which takes about a second.</summary>
    public static async Task<SwiftServer> Start()
    {
        if (SwiftPrograms.Python is null)
            throw new InvalidOperationException($"This {SwiftPrograms.Missing}.");
        var directory = await ServerDirectory.Create("millrace-swift-");
        await File.WriteAllTextAsync(Path.Combine(directory, "swift_server.py"), SwiftProgram.Source);
        var server = new SwiftServer(directory);
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
