using Millrace.Storage;

namespace Millrace.Cli.Schemas;

/// <summary>
/// Finds the stores that may contain events of a contract. Without a specified store, searches the folder of the
/// contract, the current folder, and the <c>data</c> subfolders of both.
/// </summary>
internal static class ContractStores
{
    private const int PageEvents = 1_000;

    /// <summary>The first event in a store that has one of the shapes, or null when there is no such event.</summary>
    internal sealed record FirstStoredEvent(RecordedEvent? First);

    public static IReadOnlyList<(StoreLocation Store, bool IsSpecified)> Near(ToolInvocation call, string contract)
    {
        if (StoreLocator.FindSpecified(call) is not null)
            return [(StoreLocator.Find(call), true)];
        var folder = ContractFileLocation.FolderOf(contract);
        return
        [
            .. new[] { ".", "data", folder, Path.Combine(folder, "data") }
                .Where(Directory.Exists)
                .SelectMany(directory => Directory.GetFiles(directory, "*.db").Order(StringComparer.Ordinal))
                .DistinctBy(Path.GetFullPath)
                .Select(file => (new StoreLocation(NearbyFileFinder.DisplayPath(file)), false)),
        ];
    }

    /// <summary>
    /// Searches a store. Returns null when the file is not a Millrace store and the user did not specify it.
    /// </summary>
    public static async Task<FirstStoredEvent?> Search(
        StoreLocation store,
        bool isSpecified,
        IReadOnlyCollection<(string Name, int Version)> shapes,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (isSpecified && !store.Exists)
            throw new CliException(
                ExitCode.Store, $"No store was found at '{store.Store}'.", "Specify another one with --store FILE.");
        try
        {
            await using var open = await OpenStore.OpenForReading(store, time, cancellationToken);
            return new FirstStoredEvent(await First(open.Store, shapes, cancellationToken));
        }
        catch (StorageException) when (!isSpecified)
        {
            return null; // The *.db file is not a Millrace store.
        }
    }

    private static async Task<RecordedEvent?> First(
        EventStore store, IReadOnlyCollection<(string Name, int Version)> shapes, CancellationToken cancellationToken)
    {
        var filter = EventFilter.OfTypes([.. shapes.Select(shape => shape.Name).Distinct()]);
        var next = 1L;
        for (var isEnd = false; !isEnd;)
        {
            var page = await store.ReadPage(
                new LogPageQuery(filter, next, IsBackwards: false, PageEvents), cancellationToken);
            if (page.Events.FirstOrDefault(recorded => shapes.Contains((recorded.Type, recorded.SchemaVersion))) is
                { } first)
                return first;
            (next, isEnd) = (page.Next, page.IsEnd);
        }
        return null;
    }
}
