using System.Diagnostics;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Commerce.Payments;

/// <summary>
/// Runs the payment service when none is configured, so that a first start needs no setup. The service is a separate
/// program with its own port and store, and stops with this program. The shop starts the service when it is first
/// needed, and again after a crash.
/// </summary>
public sealed class OwnCardPayments(ShopOptions options, string secret, IServiceProvider services) : IDisposable
{
    private const string Program = "CardPayments.dll";
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopsWithin = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _startLock = new(1);
    private Process? _process;
    private Uri? _address;

    /// <summary>Returns the address of the service; starts it if needed.</summary>
    /// <exception cref="CardPaymentsUnavailableException">The service cannot be started.</exception>
    public async ValueTask<Uri> Find(CancellationToken cancellationToken)
    {
        await _startLock.WaitAsync(cancellationToken);
        try
        {
            if (_process is not { HasExited: false } || _address is null)
                _address = await Start(cancellationToken);
            return _address;
        }
        finally
        {
            _startLock.Release();
        }
    }

    public void Dispose()
    {
        if (_process is { } process)
        {
            process.StandardInput.Close();
            if (!process.WaitForExit(StopsWithin))
                process.Kill();
            process.Dispose();
        }
        _startLock.Dispose();
    }

    private async Task<Uri> Start(CancellationToken cancellationToken)
    {
        _process?.Dispose();
        _process = Process.Start(new ProcessStartInfo(
            "dotnet", ["exec", FindProgram(), "--until-input-ends", "--port", "0", "--data", Folder(), .. Webhook()])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            // Not arguments, because every user of this machine can read those.
            Environment = { ["CARD_PAYMENTS_SECRET"] = secret, ["CARD_PAYMENTS_DATABASE"] = options.Database ?? "" },
        });
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(WaitTimeout);
        try
        {
            var line = _process is null ? null : await _process.StandardOutput.ReadLineAsync(timeout.Token);
            return line is null
                ? throw new CardPaymentsUnavailableException("The shop's payment service did not start.")
                : new Uri(line.Split(' ')[^1]);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CardPaymentsUnavailableException("The shop's payment service does not start.", late);
        }
    }

    /// <summary>Returns a separate folder, so that the tool finds only the shop's store in --data. An existing file of
    /// an older version stays where it is.</summary>
    private string Folder() => File.Exists(Path.Combine(options.Data, "card-payments.db"))
        ? options.Data
        : Path.Combine(options.Data, "card-payments");

    /// <summary>
    /// Returns the path in the folder of this program if both were published together. Otherwise, returns the path
    /// where the repository builds the service.
    /// </summary>
    private static string FindProgram()
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        string[] paths =
        [
            Path.Combine(own.FullName, "card-payments", Program),
            Path.Combine(own.FullName, "..", "..", "CardPayments", own.Name, Program),
        ];
        return Array.Find(paths, File.Exists) ?? throw new CardPaymentsUnavailableException(
            "There is no payment service: give one with --payments, or build samples/CardPayments. "
            + $"Looked for {string.Join(" and ", paths)}.");
    }

    /// <summary>Returns the shop's address for webhooks.</summary>
    private string[] Webhook()
    {
        var own = services.GetService<IServer>()?.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault();
        return own is null ? [] : ["--webhook", new Uri(new Uri(own), "/api/payments/webhook").ToString()];
    }
}
