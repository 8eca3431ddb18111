using Servers;

namespace Commerce.Tests.Chaos;

/// <summary>The directory of a run: the programs' logs, stores in files, the mail.</summary>
internal sealed class ChaosData : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public string Folder => _directory.Path;

    /// <summary>Where the shop puts its mail.</summary>
    public string MailFolder => Path.Combine(Folder, "mail");

    /// <summary>An address on this machine that nobody has.</summary>
    public static Uri NewAddress() => new($"http://127.0.0.1:{FreePorts.Take()}");

    /// <summary>A program of the run.</summary>
    /// <param name="name">The name of its log.</param>
    /// <param name="file">The program.</param>
    /// <param name="address">Where it answers.</param>
    /// <param name="ready">What it is asked to see whether it answers.</param>
    /// <param name="arguments">As on its command line.</param>
    public ChaosProgram Program(string name, string file, Uri address, string ready, params string[] arguments) =>
        new(file, Path.Combine(Folder, $"{name}.log"), address, ready, arguments);

    /// <summary>The payment service on a store of its own, which tells the shop at an address
    /// what became of charges.</summary>
    public ChaosProgram CardPayments(Uri address, Uri shop) => Program(
        "card-payments", "CardPayments.dll", address, "/mood", "--data", Path.Combine(Folder, "till"),
        "--port", $"{address.Port}", "--webhook", new Uri(shop, "/api/payments/webhook").ToString(), "--fail", "0.04");

    public void Dispose() => _directory.Dispose();
}
