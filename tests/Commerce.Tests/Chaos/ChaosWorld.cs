namespace Commerce.Tests.Chaos;

/// <summary>A topology of the shop with its data and its programs and servers, which a test can kill.</summary>
internal sealed class ChaosWorld(ChaosData data) : IAsyncDisposable
{
    /// <summary>Gets the equivalent programs that customers call.</summary>
    public required IReadOnlyList<ChaosProgram> EntryPoints { get; init; }

    public required ChaosProgram CardPayments { get; init; }

    /// <summary>Gets the stores with the logs of the shop. The first store contains the orders.</summary>
    public required IReadOnlyList<ChaosStore> ShopStores { get; init; }

    /// <summary>Gets the stores of other programs.</summary>
    public IReadOnlyList<ChaosStore> OtherStores { get; init; } = [];

    /// <summary>Gets the databases and programs in the order in which they must start.</summary>
    public required IReadOnlyList<ChaosTarget> Programs { get; init; }

    public required IReadOnlyList<ChaosTarget> Brokers { get; init; }

    /// <summary>Gets the paths of the output of the databases.</summary>
    public required IReadOnlyList<string> DatabaseLogs { get; init; }

    /// <summary>Gets the check that is specific to this topology and runs when all orders are complete.</summary>
    public required Func<ChaosLog[], ChaosLogTotals, Task> CheckRemaining { get; init; }

    /// <summary>Gets all started programs and servers in the order of disposal.</summary>
    public required IReadOnlyList<IAsyncDisposable> Disposables { get; init; }

    public ChaosData Data { get; } = data;

    public ChaosFaults Faults { get; } = new();

    /// <summary>Reads the logs of the shop.</summary>
    public async Task<ChaosLog[]> ReadLogs()
    {
        var logs = new List<ChaosLog>();
        foreach (var store in ShopStores)
            logs.Add(await ChaosLog.Read<Shop>(store));
        return [.. logs];
    }

    /// <summary>
    /// Repeatedly kills one or two targets and a broker until the time is over and each target was killed.
    /// </summary>
    public Task InjectFaults(int seed, CancellationToken end) =>
        Task.WhenAll(
            Faults.InjectFaults(Programs, maxTargets: 2, new Random(seed), end),
            Faults.InjectFaults(Brokers, maxTargets: 1, new Random(seed + 1), end));

    public async ValueTask DisposeAsync()
    {
        foreach (var part in Disposables)
            await part.DisposeAsync();
        Data.Dispose();
    }
}
