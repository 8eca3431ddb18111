namespace Commerce.Tests.Chaos;

/// <summary>The shop in one of its forms: its programs and servers, all of which die, and what they keep.</summary>
internal sealed class ChaosWorld(ChaosData data) : IAsyncDisposable
{
    /// <summary>The programs that people speak to; each does for all.</summary>
    public required IReadOnlyList<ChaosProgram> Fronts { get; init; }

    public required ChaosProgram CardPayments { get; init; }

    /// <summary>The stores whose logs are the shop's; that of the orders first.</summary>
    public required IReadOnlyList<ChaosStore> Books { get; init; }

    /// <summary>The stores of others.</summary>
    public IReadOnlyList<ChaosStore> Others { get; init; } = [];

    /// <summary>Databases and programs; those without which others do not start come first.</summary>
    public required IReadOnlyList<ChaosTarget> Programs { get; init; }

    public required IReadOnlyList<ChaosTarget> Brokers { get; init; }

    /// <summary>What the databases told.</summary>
    public required IReadOnlyList<string> DatabaseLogs { get; init; }

    /// <summary>Checks what this form has besides, once all is at its end.</summary>
    public required Func<ChaosLog[], ChaosLogTotals, Task> CheckRemaining { get; init; }

    /// <summary>All that was started, in the order in which it is to end.</summary>
    public required IReadOnlyList<IAsyncDisposable> Parts { get; init; }

    public ChaosData Data { get; } = data;

    public ChaosFaults Faults { get; } = new();

    /// <summary>Reads the logs of the shop.</summary>
    public async Task<ChaosLog[]> ReadLogs()
    {
        var logs = new List<ChaosLog>();
        foreach (var store in Books)
            logs.Add(await ChaosLog.Read<Shop>(store));
        return [.. logs];
    }

    /// <summary>Kills one or two of them, and beside that a broker, again and again, until it is enough
    /// and each has died.</summary>
    public Task InjectFaults(int seed, CancellationToken enough) =>
        Task.WhenAll(
            Faults.InjectFaults(Programs, most: 2, new Random(seed), enough),
            Faults.InjectFaults(Brokers, most: 1, new Random(seed + 1), enough));

    public async ValueTask DisposeAsync()
    {
        foreach (var part in Parts)
            await part.DisposeAsync();
        Data.Dispose();
    }
}
