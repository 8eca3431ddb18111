using Millrace.Serialization;
using Millrace.Storage;

namespace Millrace;

/// <summary>Explains members of documents: replays one key of a read model and follows the member through it.</summary>
internal sealed class ReadModelExplainer(ConsumerHost host, ModelCatalog model)
{
    private const int MostLetters = 100;

    private readonly LiveDocuments _live = new(host);

    private EventStore Store => host.Store;

    /// <summary>The definition whose documents are read.</summary>
    public async ValueTask<ProjectionDefinition?> Find(string name, CancellationToken cancellationToken)
    {
        var (first, version) = (CollectionName.NameOf(name), CollectionName.VersionOf(name));
        var all = model.Projections.Where(one => one.Name == first && (version == 0 || one.Version == version)).ToList();
        if (all.Count < 2)
            return all.FirstOrDefault();
        var live = await _live.CollectionOf(all[0], cancellationToken).ConfigureAwait(false);
        return all.Find(one => live is not null && one.Version == CollectionName.VersionOf(live)) ?? all.MaxBy(one => one.Version);
    }

    /// <summary>Explains the first of several readings of a path that there is a document for: its key may hold dots itself.</summary>
    public async Task<Explanation> Explain(
        ProjectionDefinition definition,
        IReadOnlyList<(string Key, MemberPath? Member)> readings,
        ExplanationOptions options,
        CancellationToken cancellationToken)
    {
        var collection = await _live.CollectionOf(definition, cancellationToken).ConfigureAwait(false);
        var reached = collection is null ? 0 : await _live.Reached(collection, cancellationToken).ConfigureAwait(false);
        var stored = collection is null
            ? null
            : await _live.Find(collection, [.. readings.Select(one => one.Key)], cancellationToken).ConfigureAwait(false);
        // After the documents: what they reflect must be behind us.
        var head = (await Store.Storage.Log.GetHead(cancellationToken).ConfigureAwait(false)).Position;
        var until = Math.Min(head, options.Until ?? head);
        if (readings.FirstOrDefault(one => stored?.Any(there => there.Key == one.Key) == true) is { Key: not null } certain)
            readings = [certain];
        var letters = collection is null
            ? KeyLetters.None
            : await KeyLetters.Load(Store, collection, cancellationToken).ConfigureAwait(false);
        var tracks = readings.Select(one => new DocumentTrack(
            definition,
            one.Key,
            new ValueHistory(Store.Types, one.Member, options.Most)
            {
                Mark = stored?.FirstOrDefault(there => there.Key == one.Key)?.Position ?? reached,
            },
            letters)).ToList();
        var searched = new SearchedModel(definition, Store.Types, tracks, letters);
        await new DocumentEvents(Store).Replay([searched], until, cancellationToken).ConfigureAwait(false);
        var track = tracks.Find(one => one.Events > 0 || one.Failures.Count > 0) ?? Likely(tracks, definition);
        RequireMember(track, definition);
        var document = stored?.FirstOrDefault(there => there.Key == track.Key);
        var comparison = until < head ? new StoredValue(StoredValueState.NotCompared)
            : stored is null ? new StoredValue(StoredValueState.NotStored)
            : Compare(track.History, document, reached) with { Collection = collection };
        return await Tell(searched, track, comparison, until, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<Explanation> Tell(
        SearchedModel searched, DocumentTrack track, StoredValue stored, long until, CancellationToken cancellationToken)
    {
        var (history, changes) = (track.History, track.History.Changes());
        var lacks = stored.State == StoredValueState.Differs || track.Events == 0;
        return new Explanation
        {
            Kind = ExplainedKind.Document,
            Name = searched.Definition.Name,
            Key = track.Key,
            Member = history.Member?.Text,
            Value = ValueHistory.Text(history.Value),
            Exists = history.Exists,
            Position = until,
            Events = track.Events,
            ChangeCount = history.Count,
            Changes = changes,
            Stored = stored,
            Causes = await Provenance.CausesOf(Store, changes, cancellationToken).ConfigureAwait(false),
            Removals = await Provenance.RemovalsOf(Store, track.Streams, lacks, cancellationToken).ConfigureAwait(false),
            Letters = [.. track.Letters.Concat(searched.Letters.All.Where(letter => letter.Key.Length == 0))
                .Where(letter => letter.Position <= until)
                .DistinctBy(letter => letter.Id)
                .OrderBy(letter => letter.Position)
                .Take(MostLetters)],
            FailureCount = searched.Failures.Count + track.Failures.Count,
            Failures = [.. track.Failures.First.Concat(searched.Failures.First)],
        };
    }

    /// <summary>How a stored value compares with the replayed one, which the mark in the history is as of.</summary>
    private static StoredValue Compare(ValueHistory history, Document? document, long reached)
    {
        var value = document is null ? null : history.ValueOf(document.Body.Span);
        var isSame = history.Exists == (document is not null) && AreSame(value, history.Value);
        var wasSame = history.ExistedAtMark == (document is not null) && AreSame(value, history.AtMark);
        var state = isSame ? StoredValueState.Same
            : wasSame && history.FirstAfterMark > reached ? StoredValueState.Behind
            : StoredValueState.Differs;
        return new StoredValue(state) { Value = ValueHistory.Text(value), Position = document?.Position ?? 0 };
    }

    private static bool AreSame(byte[]? stored, byte[]? replayed) =>
        stored is null ? replayed is null : replayed is not null && replayed.AsSpan().SequenceEqual(stored);

    /// <summary>Of several readings, none of which any event made, the one whose member the documents have.</summary>
    private DocumentTrack Likely(List<DocumentTrack> tracks, ProjectionDefinition definition) =>
        tracks.Find(track => track.History.Member is { } member && NamesBeside(member, definition.DocumentType) is { Count: 0 })
        ?? tracks[0];

    /// <summary>Refuses a member that no document of the type can have.</summary>
    /// <exception cref="NothingToExplainException">There is no such member.</exception>
    private void RequireMember(DocumentTrack track, ProjectionDefinition definition)
    {
        if (track.History is not { Member: { } member, WasSeen: false })
            return;
        var names = NamesBeside(member, definition.DocumentType) ?? track.History.NamesNearby;
        if (names.Count > 0)
            throw new NothingToExplainException($"The documents of '{definition.Name}' have no '{member}'.", member.Text, names);
    }

    /// <summary>The members beside the one at which a path leaves a type; none when it does not; null when nobody knows.</summary>
    private IReadOnlyList<string>? NamesBeside(MemberPath member, Type type)
    {
        foreach (var (name, _) in member.Steps)
        {
            if (model.Describe(Nullable.GetUnderlyingType(type) ?? type) is not { } described)
                return null;
            if (described.Form is TypeForm.List or TypeForm.Map && described.Inner is { } inner)
            {
                type = inner;
                continue;
            }
            if (described.Form != TypeForm.Object || name is null)
                return null;
            if (described.Members.FirstOrDefault(one => one.Name == name) is not { } found)
                return [.. described.Members.Select(one => one.Name)];
            type = found.Type;
        }
        return [];
    }
}
