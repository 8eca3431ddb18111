using System.Collections.Concurrent;
using System.Collections.Frozen;
using Microsoft.Extensions.Logging;
using Millrace.Events;
using Millrace.Protection;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace;

/// <summary>
/// Reports members with sensitive names that are not marked in events without a CLR type, which no diagnostic of the
/// compiler covers. Each node inspects the first 100 events of each type that it appends, and then each hundredth, and
/// logs a warning once for each member. Thread-safe.
/// </summary>
public sealed partial class UnmarkedMembers
{
    private const int MaxMembers = 1_000;
    private const int MaxTypes = 10_000;
    private const int FirstEvents = 100;
    private const int Interval = 100;
    private const int PageEvents = 500;

    private readonly ConcurrentDictionary<string, Counter?> _types = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Type, string Path), UnmarkedMember> _found = new();
    private readonly EventTypeMap _known;
    private readonly ProtectionModel _model;
    private readonly FrozenDictionary<string, IReadOnlyList<string>> _plain;
    private readonly ILogger _logger;
    private int _isFull;

    internal UnmarkedMembers(
        EventTypeMap known,
        ProtectionModel model,
        IEnumerable<(string EventType, IReadOnlyList<string> Paths)> plain,
        ILogger logger)
    {
        _known = known;
        _model = model;
        _logger = logger;
        _plain = plain
            .GroupBy(static declared => declared.EventType, StringComparer.Ordinal)
            .ToFrozenDictionary(
                static group => group.Key,
                static group => (IReadOnlyList<string>)[.. group.SelectMany(static declared => declared.Paths)],
                StringComparer.Ordinal);
    }

    /// <summary>Lists the members that this node found since its start, at most 1,000.</summary>
    public IReadOnlyList<UnmarkedMember> List() => [.. Sorted(_found.Values)];

    /// <summary>
    /// Finds the members with sensitive names and plain values in the newest events of a store, of all event types. The
    /// marks are those that applications declared in the store.
    /// </summary>
    /// <param name="store">The store, which can be open without its keys.</param>
    /// <param name="maxEvents">The maximum number of events to read; at least 1.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>At most 1,000 members.</returns>
    public static async Task<IReadOnlyList<UnmarkedMember>> FindIn(
        EventStore store, int maxEvents, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxEvents, 1);
        var log = store.Stored.Storage.Log;
        var (declared, _) = await ProtectionStartup.Read(log, cancellationToken).ConfigureAwait(false);
        var marks = (declared?.Events ?? []).ToDictionary(
            static pair => pair.Key,
            static pair => MarkNode.Of(
                pair.Value.Select(static path => new ProtectedMember(path) { IsSecret = true })),
            StringComparer.Ordinal);
        var found = new Dictionary<(string, string), UnmarkedMember>();
        var query = new LogPageQuery(EventFilter.All, long.MaxValue, IsBackwards: true, PageEvents);
        for (var read = 0; read < maxEvents && found.Count < MaxMembers;)
        {
            query = query with { Limit = Math.Min(PageEvents, maxEvents - read) };
            var page = await log.ReadLog(query, cancellationToken).ConfigureAwait(false);
            foreach (var recorded in page.Events.Where(static one => !PlatformEvents.Contains(one.Type)))
            {
                var paths = new Dictionary<string, string>(StringComparer.Ordinal);
                SensitiveMemberFinder.Find(recorded.JsonPayload.Span, marks.GetValueOrDefault(recorded.Type), paths);
                foreach (var (path, word) in paths)
                    found.TryAdd((recorded.Type, path), new UnmarkedMember(recorded.Type, path, word));
            }
            if (page.IsEnd || page.Events.Count == 0)
                break;
            read += page.Events.Count;
            query = query with { From = page.Next };
        }
        return [.. Sorted(found.Values).Take(MaxMembers)];
    }

    private static IEnumerable<UnmarkedMember> Sorted(IEnumerable<UnmarkedMember> members) =>
        members
            .OrderBy(static member => member.EventType, StringComparer.Ordinal)
            .ThenBy(static member => member.Path, StringComparer.Ordinal);

    /// <summary>Inspects the events of a request that have no CLR type. Never throws.</summary>
    internal void Inspect(CommitRequest request)
    {
        string? skipped = null; // The events of an append mostly have the same type.
        for (var i = 0; i < request.Appends.Count; i++)
        {
            var events = request.Appends[i].Events;
            for (var j = 0; j < events.Count; j++)
            {
                var encoded = events[j];
                if (ReferenceEquals(encoded.Type, skipped))
                    continue;
                if (CounterOf(encoded.Type) is not { } counter)
                    skipped = encoded.Type;
                else if (encoded.ContentType == EventContentType.Json && counter.IsNext())
                    Inspect(encoded);
            }
        }
    }

    private void Inspect(EncodedEvent encoded)
    {
        var paths = new Dictionary<string, string>(StringComparer.Ordinal);
        SensitiveMemberFinder.Find(encoded.Payload.Span, _model.OfEvent(encoded.Type), paths);
        foreach (var (path, word) in paths)
        {
            if (_plain.GetValueOrDefault(encoded.Type)?.Contains(path, StringComparer.OrdinalIgnoreCase) == true)
                continue;
            if (_found.Count >= MaxMembers)
            {
                if (Interlocked.Exchange(ref _isFull, 1) == 0)
                    Log.Full(_logger, MaxMembers);
                return;
            }
            if (_found.TryAdd((encoded.Type, path), new UnmarkedMember(encoded.Type, path, word)))
                Log.Found(_logger, encoded.Type, path, word);
        }
    }

    /// <summary>Returns the counter of a type; null if its events are not inspected.</summary>
    private Counter? CounterOf(string type)
    {
        if (_types.TryGetValue(type, out var counter))
            return counter;
        if (_types.Count >= MaxTypes)
            return null;
        var isInspected = !_known.KnowsName(type)
            && !PlatformEvents.IsReserved(type)
            && _plain.GetValueOrDefault(type) is not { Count: 0 };
        return _types.GetOrAdd(type, isInspected ? new Counter() : null);
    }

    private sealed class Counter
    {
        private int _events;

        /// <summary>Returns whether the next event of the type is inspected.</summary>
        public bool IsNext()
        {
            var number = (uint)Interlocked.Increment(ref _events);
            return number <= FirstEvents || number % Interval == 0;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 1016,
            Level = LogLevel.Warning,
            Message = "Events of the type {EventType} have a member at {Path}, whose name may be sensitive ({Word}). "
                + "Its values are stored plain. Mark it with ModelBuilder.Protect, or declare it with DeclarePlain.")]
        public static partial void Found(ILogger logger, string eventType, string path, string word);

        [LoggerMessage(
            EventId = 1017,
            Level = LogLevel.Warning,
            Message = "{Members} members with sensitive names and plain values were found. Further ones are not "
                + "reported.")]
        public static partial void Full(ILogger logger, int members);
    }
}
