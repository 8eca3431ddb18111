using Millrace.Storage;

namespace Millrace;

/// <summary>Finds the stream that people mean: by its name, or by the number that they know its entity by, which is a tag.</summary>
internal sealed class StreamFinder(EventStore store)
{
    private const int EventsLookedAt = 50;

    /// <summary>
    /// The stream of a name; where there is none, the only one of the same category with a tag of that value: <c>order-536365</c> is the
    /// stream of category <c>order</c> with events tagged <c>number:536365</c>. Null when there is none, or several.
    /// </summary>
    public async ValueTask<StreamId?> Find(StreamId name, CancellationToken cancellationToken)
    {
        if (await store.GetStream(name, cancellationToken).ConfigureAwait(false) is not null)
            return name;
        if (name.Key.Length == 0)
            return null;
        var prefix = name.Category + "-";
        var found = new HashSet<StreamId>();
        foreach (var tag in await TagsOf(prefix, cancellationToken).ConfigureAwait(false))
        {
            if (TagOf(tag, name.Key) is not { } wanted)
                continue;
            var filter = EventFilter.WithTags(wanted) with { StreamPrefix = prefix };
            var query = new LogPageQuery(filter, 1, IsBackwards: false, EventsLookedAt);
            var page = await store.ReadPage(query, cancellationToken).ConfigureAwait(false);
            found.UnionWith(page.Events.Select(recorded => recorded.Stream));
        }
        return found.Count == 1 ? found.First() : null;
    }

    /// <summary>The names of the tags that the last events of a category carry.</summary>
    private async ValueTask<IReadOnlyCollection<string>> TagsOf(string prefix, CancellationToken cancellationToken)
    {
        var query = new LogPageQuery(EventFilter.InStreams(prefix), long.MaxValue, IsBackwards: true, EventsLookedAt);
        var page = await store.ReadPage(query, cancellationToken).ConfigureAwait(false);
        return [.. page.Events.SelectMany(recorded => recorded.Tags).Select(tag => tag.Name).Distinct(StringComparer.Ordinal)];
    }

    private static Tag? TagOf(string name, string value)
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
