using Microsoft.Extensions.DependencyInjection;
using Millrace.Storage;

namespace Commerce.Tests.Chaos;

/// <summary>The complete log of a store with the dead letters of its consumers.</summary>
internal sealed class ChaosLog
{
    private readonly HashSet<Guid> _ids = [];
    private readonly Dictionary<string, long> _versions = new(StringComparer.Ordinal);
    private readonly List<RecordedEvent> _events = [];

    private ChaosLog(ChaosStore store) => Store = store;

    public ChaosStore Store { get; }

    public IReadOnlyList<RecordedEvent> Events => _events;

    /// <summary>Gets the events that consumers could not handle, and the events that these block.</summary>
    public IReadOnlyList<DeadLetter> DeadLetters { get; private set; } = [];

    /// <summary>Reads the log, and checks that no position and no version is missing or duplicated.</summary>
    public static async Task<ChaosLog> Read<TModel>(ChaosStore store)
        where TModel : IModel
    {
        using var host = await store.Open<TModel>();
        var log = new ChaosLog(store);
        await foreach (var recorded in host.Services.GetRequiredService<EventStore>().ReadLog(EventFilter.All))
            log.Take(recorded);
        log.DeadLetters = await ReadDeadLetters(host.Services.GetRequiredService<DeadLetters>());
        await host.StopAsync();
        return log;
    }

    private static async Task<IReadOnlyList<DeadLetter>> ReadDeadLetters(DeadLetters service)
    {
        const int Page = 1_000;
        var letters = new List<DeadLetter>();
        while (true)
        {
            var page = await service.List(
                new DeadLetterQuery { After = letters.LastOrDefault()?.Id ?? 0, Limit = Page });
            letters.AddRange(page);
            if (page.Count < Page)
                return letters;
        }
    }

    private void Take(RecordedEvent recorded)
    {
        Assert.True(
            recorded.Position == _events.Count + 1, $"Position {_events.Count + 1} of {Store.Name} is missing.");
        Assert.True(
            _ids.Add(recorded.Id), $"The event at {recorded.Position} occurs twice in the log of {Store.Name}.");
        var stream = recorded.Stream.Value;
        Assert.Equal(_versions.GetValueOrDefault(stream) + 1, recorded.Version);
        _versions[stream] = recorded.Version;
        _events.Add(recorded);
    }
}
