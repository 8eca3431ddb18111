using System.Diagnostics;
using Commerce.Mailing;

namespace Commerce.Nodes;

/// <summary>
/// Further processes of the same shop on the same database. Each serves the pages and the API on a port of its own and
/// takes its share of the read models; one that dies does not harm the others, and all end with this process.
/// </summary>
internal sealed class AdditionalNodes : IAsyncDisposable
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    private readonly List<Process> _processes = [];
    private readonly List<string> _addresses = [];
    private volatile bool _areLeaving;

    /// <summary>Where they are, in order.</summary>
    public IReadOnlyList<string> Addresses => _addresses;

    /// <summary>Starts them, one after the other, and returns when all answer; none unless
    /// <c>--nodes</c> asks for them.</summary>
    /// <exception cref="IOException">One of them did not start; what it says stands on standard error.</exception>
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

    /// <summary>Says nothing of their ends any more: Ctrl-C reaches them as well.</summary>
    public void Leave() => _areLeaving = true;

    /// <summary>Stops them: each works to the end of what it has begun.</summary>
    public async ValueTask DisposeAsync()
    {
        Leave();
        foreach (var process in _processes)
            process.StandardInput.Close();
        using var patience = new CancellationTokenSource(WaitTimeout);
        foreach (var process in _processes)
        {
            await process.WaitForExitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
                Environment.ProcessPath!, // A process that runs has one.
                [
                    .. Itself(),
                    "--no-simulation",
                    "--node-of-another",
                    .. options.IsReadOnly ? ["--look-only"] : Array.Empty<string>(),
                    "--data",
                    options.Data,
                    .. options.Payments is { } payments ? ["--payments", payments.ToString()] : Array.Empty<string>(),
                    .. options.StockLock is { } place ? ["--stock-lock", $"{place}"] : Array.Empty<string>(),
                    .. OfMail(options.Smtp),
                    .. options.Port is { } port
                        ? ["--port", $"{(port == 0 ? 0 : port + number - 1)}"]
                        : Array.Empty<string>(),
                ]
            )
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                // Not among the arguments, which everyone on this machine can read: there may be a password in it.
                Environment =
                {
                    [ShopOptions.DatabaseVariable] = options.Database,
                    [ShopOptions.SecretVariable] = options.PaymentsSecret,
                    [ShopOptions.SmtpPasswordVariable] = options.Smtp.Password,
                },
            },
            EnableRaisingEvents = true,
        };
        process.Exited += (_, _) =>
        {
            if (!_areLeaving)
                Console.Error.WriteLine($"Node {number} has ended. The others go on.");
        };
        process.Start();
        _processes.Add(process);
        using var patience = new CancellationTokenSource(WaitTimeout);
        var line = await process.StandardOutput.ReadLineAsync(patience.Token);
        _addresses.Add(
            line?.Split(' ')[^1] ?? throw new IOException($"Node {number} did not start: see what it says above."));
    }

    /// <summary>Returns the arguments that name the mail server.</summary>
    internal static string[] OfMail(SmtpOptions smtp) => smtp.Host is null ? [] :
    [
        "--smtp", $"{smtp.Host}:{smtp.Port}", "--smtp-tls", $"{smtp.Security}",
        "--smtp-timeout", $"{(int)smtp.Timeout.TotalSeconds}",
        .. smtp.TrustedCertificates is { } file ? ["--smtp-ca", file] : Array.Empty<string>(),
        .. smtp.User is { } user ? ["--smtp-user", user] : Array.Empty<string>(),
    ];

    /// <summary>This program's own name, where it is run by <c>dotnet</c>.</summary>
    internal static string[] Itself() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(Shop).Assembly.Location] : [];
}
