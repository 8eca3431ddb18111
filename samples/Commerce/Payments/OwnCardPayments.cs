using System.Diagnostics;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Commerce.Payments;

/// <summary>
/// Runs the payment service for a shop that was told of none, so that a newcomer needs nothing more: a program beside
/// this one, which ends with it, on a port and a store of its own. It is started when it is first needed, and again
/// when it has died.
/// </summary>
public sealed class OwnCardPayments(ShopOptions options, string secret, IServiceProvider services) : IDisposable
{
    private const string Program = "CardPayments.dll";
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopsWithin = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _turn = new(1);
    private Process? _process;
    private Uri? _address;

    /// <summary>Where it is.</summary>
    /// <exception cref="CardPaymentsUnavailableException">It cannot be started.</exception>
    public async ValueTask<Uri> Find(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_process is not { HasExited: false } || _address is null)
                _address = await Start(cancellationToken);
            return _address;
        }
        finally
        {
            _turn.Release();
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
        _turn.Dispose();
    }

    private async Task<Uri> Start(CancellationToken cancellationToken)
    {
        _process?.Dispose();
        _process = Process.Start(new ProcessStartInfo(
            "dotnet", ["exec", FindProgram(), "--until-input-ends", "--port", "0", "--data", Folder(), .. Webhook()])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            // Not among the arguments, which everyone on this machine can read.
            Environment = { ["CARD_PAYMENTS_SECRET"] = secret, ["CARD_PAYMENTS_DATABASE"] = options.Database ?? "" },
        });
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(WaitTimeout);
        try
        {
            var line = _process is null ? null : await _process.StandardOutput.ReadLineAsync(patience.Token);
            return line is null
                ? throw new CardPaymentsUnavailableException("The shop's payment service did not start.")
                : new Uri(line.Split(' ')[^1]);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CardPaymentsUnavailableException("The shop's payment service does not start.", late);
        }
    }

    /// <summary>One of its own, so that the tool finds the shop's store alone in --data; where an older shop
    /// put it, it stays.</summary>
    private string Folder() => File.Exists(Path.Combine(options.Data, "card-payments.db"))
        ? options.Data
        : Path.Combine(options.Data, "card-payments");

    /// <summary>Beside this program, where both were published together, or where the repository builds it.</summary>
    private static string FindProgram()
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        string[] places =
        [
            Path.Combine(own.FullName, "card-payments", Program),
            Path.Combine(own.FullName, "..", "..", "CardPayments", own.Name, Program),
        ];
        return Array.Find(places, File.Exists) ?? throw new CardPaymentsUnavailableException(
            "There is no payment service: name one by --payments, or build samples/CardPayments. "
            + $"Looked for {string.Join(" and ", places)}.");
    }

    /// <summary>The shop's own address, where it is told what became of payments.</summary>
    private string[] Webhook()
    {
        var own = services.GetService<IServer>()?.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault();
        return own is null ? [] : ["--webhook", new Uri(new Uri(own), "/api/payments/webhook").ToString()];
    }
}
