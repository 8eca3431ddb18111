namespace Commerce.Tests.Chaos;

/// <summary>A topology of the shop: its programs and servers, which can all be killed, and their data.</summary>
internal sealed class ChaosWorld(ChaosData data) : IAsyncDisposable
{
    /// <summary>The equivalent programs that customers call.</summary>
    public required IReadOnlyList<ChaosProgram> Fronts { get; init; }

    public required ChaosProgram CardPayments { get; init; }

    /// <summary>The stores with the shop's logs; the store of the orders first.</summary>
    public required IReadOnlyList<ChaosStore> Books { get; init; }

    /// <summary>The stores of other programs.</summary>
    public IReadOnlyList<ChaosStore> Others { get; init; } = [];

    /// <summary>Databases and programs, in the order in which they must start.</summary>
    public required IReadOnlyList<ChaosTarget> Programs { get; init; }

    public required IReadOnlyList<ChaosTarget> Brokers { get; init; }

    /// <summary>The output of the databases.</summary>
    public required IReadOnlyList<string> DatabaseLogs { get; init; }

    /// <summary>Checks what is specific to this topology, once all orders are complete.</summary>
    public required Func<ChaosLog[], ChaosLogTotals, Task> CheckRemaining { get; init; }

    /// <summary>Everything that was started, in the order of disposal.</summary>
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

    /// <summary>Repeatedly kills one or two targets and a broker until the time is over and each has been
    /// killed.</summary>
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
