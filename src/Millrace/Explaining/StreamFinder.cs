using Millrace.Storage;

namespace Millrace.Explaining;

/// <summary>Finds a stream by its name, or by the business number of its entity, which is the value of a tag.</summary>
/// <param name="stores">The stores that are searched, which are one or all shards.</param>
internal sealed class StreamFinder(IReadOnlyList<EventStore> stores)
{
    private const int EventsInspected = 50;
    private const int EventsPerPage = 500;
    private const int MaxPages = 20;

    /// <summary>
    /// Finds a stream by its name. If no stream has the name, finds the only stream of the same category with a tag
    /// whose value is the key in the name. For example, <c>order-536365</c> finds the stream of category <c>order</c>
    /// with events tagged <c>number:536365</c>. Returns null if there is no such stream, or if there are several. Also
    /// returns null if the first ten thousand events with the tag do not decide this.
    /// </summary>
    public async ValueTask<StreamId?> Find(StreamId name, CancellationToken cancellationToken)
    {
        foreach (var store in stores)
        {
            if (await store.GetStream(name, cancellationToken).ConfigureAwait(false) is not null)
                return name;
        }
        if (name.Key.Length == 0)
            return null;
        var prefix = name.Category + "-";
        var found = new HashSet<StreamId>();
        foreach (var store in stores)
        {
            foreach (var tagName in await TagNamesOf(store, prefix, cancellationToken).ConfigureAwait(false))
            {
                if (TryCreateTag(tagName, name.Key) is { } candidate
                    && !await HasAtMostOneStream(store, candidate, prefix, found, cancellationToken)
                        .ConfigureAwait(false))
                    return null;
            }
        }
        return found.Count == 1 ? found.First() : null;
    }

    /// <summary>
    /// Adds the streams with a tag. Returns false if there are several, or too many events to decide this.
    /// </summary>
    private static async ValueTask<bool> HasAtMostOneStream(
        EventStore store, Tag tag, string prefix, HashSet<StreamId> found, CancellationToken cancellationToken)
    {
        var query = new LogPageQuery(
            EventFilter.WithTags(tag) with
            {
                StreamPrefix = prefix,
            },
            1,
            IsBackwards: false,
            EventsPerPage);
        for (var pages = 1; pages <= MaxPages; pages++)
        {
            var page = await store.ReadPage(query, cancellationToken).ConfigureAwait(false);
            found.UnionWith(page.Events.Select(recorded => recorded.Stream));
            if (found.Count > 1)
                return false;
            if (page.IsEnd)
                return true;
            query = query with { From = page.Next };
        }
        return false;
    }

    /// <summary>Returns the names of the tags of the last events of a category.</summary>
    private static async ValueTask<IReadOnlyCollection<string>> TagNamesOf(
        EventStore store, string prefix, CancellationToken cancellationToken)
    {
        var query = new LogPageQuery(EventFilter.InStreams(prefix), long.MaxValue, IsBackwards: true, EventsInspected);
        var page = await store.ReadPage(query, cancellationToken).ConfigureAwait(false);
        return
        [
            .. page
                .Events.SelectMany(recorded => recorded.Tags)
                .Select(tag => tag.Name)
                .Distinct(StringComparer.Ordinal),
        ];
    }

    private static Tag? TryCreateTag(string name, string value)
    {
        try
        {
            return new Tag(name, value);
        }
        catch (InvalidNameException)
        {
            return null;
        }
    }
}
