using Servers;

namespace Commerce.Tests.Chaos;

/// <summary>The directory of a test run with the logs of the programs, their SQLite stores and the mail.</summary>
internal sealed class ChaosData : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public string Folder => _directory.Path;

    /// <summary>Gets the folder for the mail of the shop.</summary>
    public string MailFolder => Path.Combine(Folder, "mail");

    /// <summary>Returns a free address on this machine.</summary>
    public static Uri NewAddress() => new($"http://127.0.0.1:{FreePorts.Take()}");

    /// <summary>Returns a program of the run.</summary>
    /// <param name="name">The name of the program's log, without the extension.</param>
    /// <param name="file">The file of the program.</param>
    /// <param name="address">The address of the program.</param>
    /// <param name="ready">The path of the request that succeeds when the program is ready.</param>
    /// <param name="arguments">The arguments of the command line.</param>
    public ChaosProgram Program(string name, string file, Uri address, string ready, params string[] arguments) =>
        new(file, Path.Combine(Folder, $"{name}.log"), address, ready, arguments);

    /// <summary>Returns the payment service with its own store, which sends webhooks to the shop.</summary>
    public ChaosProgram CardPayments(Uri address, Uri shop) => Program(
        "card-payments", "CardPayments.dll", address, "/mood", "--data", Path.Combine(Folder, "till"),
        "--port", $"{address.Port}", "--webhook", new Uri(shop, "/api/payments/webhook").ToString(), "--fail", "0.04");

    public void Dispose() => _directory.Dispose();
}
