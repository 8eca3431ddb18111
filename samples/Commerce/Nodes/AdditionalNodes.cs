using System.Diagnostics;
using Commerce.Mailing;

namespace Commerce.Nodes;

/// <summary>
/// Further processes of the same shop on the same database. Each process serves the pages and the API on its own port
/// and builds its share of the read models. A process that crashes does not affect the others. All stop with this
/// process.
/// </summary>
internal sealed class AdditionalNodes : IAsyncDisposable
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(3);

    private readonly List<Process> _processes = [];
    private readonly List<string> _addresses = [];
    private volatile bool _areExitsExpected;

    /// <summary>The addresses of the nodes, in order.</summary>
    public IReadOnlyList<string> Addresses => _addresses;

    /// <summary>Starts the nodes that <c>--nodes</c> requests, one after the other, and returns when all
    /// answer.</summary>
    /// <exception cref="IOException">A node did not start. Its output is on standard error.</exception>
    public static async Task<AdditionalNodes> Start(ShopOptions options)
    {
        var nodes = new AdditionalNodes();
        try
        {
            for (var number = 2; number <= options.Nodes; number++)
                await nodes.Add(options, number);
            return nodes;
        }
        catch
        {
            await nodes.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops reporting the end of nodes, because Ctrl-C also stops the nodes.</summary>
    public void ExpectExits() => _areExitsExpected = true;

    /// <summary>Stops the nodes. Each node finishes the work that it has started.</summary>
    public async ValueTask DisposeAsync()
    {
        ExpectExits();
        foreach (var process in _processes)
            process.StandardInput.Close();
        using var timeout = new CancellationTokenSource(WaitTimeout);
        foreach (var process in _processes)
        {
            await process.WaitForExitAsync(timeout.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!process.HasExited)
                process.Kill();
            process.Dispose();
        }
    }

    private async Task Add(ShopOptions options, int number)
    {
        var process = new Process
        {
            StartInfo = new ProcessStartInfo(
                Environment.ProcessPath!, // A running process has a path.
                [
                    .. ProgramArguments(),
                    "--no-simulation",
                    "--node-of-another",
                    options.AllowsDemoSignIn ? "--demo-sign-in" : "--no-demo-sign-in",
                    .. options.IsReadOnly ? ["--look-only"] : Array.Empty<string>(),
                    "--data",
                    options.Data,
                    "--secrets",
                    options.SecretsFolder,
                    .. options.Payments is { } payments ? ["--payments", payments.ToString()] : Array.Empty<string>(),
                    .. options.StockLock is { } provider ? ["--stock-lock", $"{provider}"] : Array.Empty<string>(),
                    .. MailArguments(options.Smtp),
                    .. options.Port is { } port
                        ? ["--port", $"{(port == 0 ? 0 : port + number - 1)}"]
                        : Array.Empty<string>(),
                ]
            )
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                // Not passed as arguments: every user of this machine can read those, and they may contain a password.
                Environment =
                {
                    [ShopOptions.DatabaseVariable] = options.Database,
                    [ShopOptions.KeysVariable] = options.Keys,
                    [ShopOptions.SecretVariable] = options.PaymentsSecret,
                    [ShopOptions.SmtpPasswordVariable] = options.Smtp.Password,
                },
            },
            EnableRaisingEvents = true,
        };
        process.Exited += (_, _) =>
        {
            if (!_areExitsExpected)
                Console.Error.WriteLine($"Node {number} has stopped. The others continue.");
        };
        process.Start();
        _processes.Add(process);
        using var timeout = new CancellationTokenSource(WaitTimeout);
        var line = await process.StandardOutput.ReadLineAsync(timeout.Token);
        _addresses.Add(
            line?.Split(' ')[^1] ?? throw new IOException($"Node {number} did not start: see what it says above."));
    }

    /// <summary>Returns the arguments that name the mail server.</summary>
    internal static string[] MailArguments(SmtpOptions smtp) => smtp.Host is null ? [] :
    [
        "--smtp", $"{smtp.Host}:{smtp.Port}", "--smtp-tls", $"{smtp.Security}",
        "--smtp-timeout", $"{(int)smtp.Timeout.TotalSeconds}",
        .. smtp.TrustedCertificates is { } file ? ["--smtp-ca", file] : Array.Empty<string>(),
        .. smtp.User is { } user ? ["--smtp-user", user] : Array.Empty<string>(),
    ];

    /// <summary>Returns the arguments that run this program: its path when <c>dotnet</c> runs it, otherwise
    /// none.</summary>
    internal static string[] ProgramArguments() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(Shop).Assembly.Location] : [];
}
